"""The three configuration files say the same in the same words, and what they name is there.

Usage: configs.py ROOT [MANIFEST…]   (manifests: rendered ones, whose ConfigMap and secrets are held against it)
"""

import pathlib
import re
import sys

try:
    import tomllib
except ModuleNotFoundError:
    import tomli as tomllib

# The sections and keys that the services read (the kit's `config check` has the last word).
SECTIONS = {"server", "log", "nats", "telegram", "gateway", "bot", "files", "llm-worker", "crm", "analytics"}
# What one deployment has and another leaves out: a list that is empty, links to files, a bucket.
OPTIONAL = re.compile(r"crm\.endpoints$|files\.(link_secret_file|link_token_file|public_url|s3\..*)$")
SECRET = re.compile(r"(token|secret|password|api_key|database_url)$")
# Secret -> its keys, as docs/OPERATIONS.md tells them.
KEYS = {
    "dragoman-shared": {"internal_token"},
    "dragoman-telegram": {"telegram_token"},
    "dragoman-gateway": {"gateway_database_url", "admin_token"},
    "dragoman-bot": {"bot_database_url"},
    "dragoman-files": {"files_link_secret", "files_link_token", "files_s3_secret"},
    "dragoman-llm-worker": {"llm_database_url", "llm_api_key"},
    "dragoman-crm": {"crm_database_url", "crm_webhook_secret"},
    "dragoman-analytics": {"analytics_database_url"},
    "dragoman-admin": {"admin_database_url"},
}


def keys(table, path=""):
    """Every key with a plain value, as `section.key`; lists are values."""
    for name, value in table.items():
        here = f"{path}.{name}" if path else name
        if isinstance(value, dict):
            yield from keys(value, here)
        else:
            yield here, value


def file_faults(name, text):
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        yield f"{name}: {error}"
        return
    if set(table) != SECTIONS:
        yield f"{name}: its sections differ from the known ones in {sorted(set(table) ^ SECTIONS)}"
    for key, value in keys(table):
        if SECRET.search(key):
            yield f"{name}: {key}: a secret has to be given as {key}_file"
        if key.endswith("_file") and value.rpartition("/")[0] != "/run/secrets":
            yield f"{name}: {key} is not below /run/secrets"
        if isinstance(value, float) and value == int(value):
            yield f"{name}: {key} = {value} is no count"


def key_set(text):
    return {key for key, _ in keys(tomllib.loads(text)) if not OPTIONAL.match(key)}


def secret_files(text):
    return {key: value for key, value in keys(tomllib.loads(text)) if key.endswith("_file") and not OPTIONAL.match(key)}


def faults(root, manifests):
    model = (root / "deploy/dragoman.toml").read_text()
    files = {"deploy/dragoman.toml": model, "k8s/base/dragoman.toml": (root / "k8s/base/dragoman.toml").read_text()}
    objects = {}
    if manifests:
        import yaml

        for manifest in manifests:
            objects[manifest] = [one for one in yaml.safe_load_all(pathlib.Path(manifest).read_text()) if one]
            for one in objects[manifest]:
                if one["kind"] == "ConfigMap":
                    files[f"{manifest}: {one['metadata']['name']}"] = one["data"]["dragoman.toml"]
    for name, text in files.items():
        broken = list(file_faults(name, text))
        yield from broken
        if not broken and key_set(text) != key_set(model):
            yield f"{name}: differs from deploy/dragoman.toml in {sorted(key_set(text) ^ key_set(model))}"
        elif not broken and secret_files(text) != secret_files(model):
            yield f"{name}: reads its secrets from other files than deploy/dragoman.toml"
    operations = (root / "docs/OPERATIONS.md").read_text()
    for secret, names in KEYS.items():
        for word in {secret} | names:
            if f"`{word}`" not in operations:
                yield f"docs/OPERATIONS.md does not tell of the secret `{word}`"
    for manifest, ones in objects.items():
        own = next(one["data"]["dragoman.toml"] for one in ones if one["kind"] == "ConfigMap")
        for one in ones:
            if one["kind"] in ("Deployment", "Job"):
                yield from mount_faults(f"{manifest}: {one['metadata']['name']}", one, own)


def mount_faults(name, workload, text):
    """Each pod is given the secrets of the sections that it reads, and no more."""
    spec = workload["spec"]["template"]["spec"]
    sources = [s["secret"] for v in spec["volumes"] if "projected" in v for s in v["projected"]["sources"]]
    given = set()
    for source in sources:
        known = KEYS.get(source["name"], set())
        chosen = {item["key"] for item in source["items"]} if "items" in source else known
        given |= chosen if chosen and chosen <= known else {f"? {source['name']}"}
    program = spec["containers"][0]["command"][0].removeprefix("dragoman-")
    table = tomllib.loads(text)
    if program == "dragoman":  # the migration: every connection string, and an administrator's if it has one
        wanted = {name for names in KEYS.values() for name in names if name.endswith("_database_url")}
        if "DRAGOMAN_ADMIN_DATABASE_URL_FILE" not in [entry["name"] for entry in spec["containers"][0]["env"]]:
            wanted.discard("admin_database_url")
    else:
        sections = {program, "server"} | ({"telegram"} if program in ("gateway", "bot") else set())
        sections |= {"files"} if program == "bot" else set()
        wanted = {v.rpartition("/")[2] for s in sections for k, v in keys(table.get(s, {})) if k.endswith("_file")}
        wanted |= {"crm_webhook_secret"} if "crm" in sections else set()
        # A Secret that is there for a part of its keys is given whole: without links, or without a bucket.
        wanted |= KEYS["dragoman-files"] if wanted & given & KEYS["dragoman-files"] else set()
    if given != wanted:
        yield f"{name}: is given {sorted(given - wanted)} too much and {sorted(wanted - given)} too little"


if __name__ == "__main__":
    found = list(faults(pathlib.Path(sys.argv[1]), sys.argv[2:]))
    print("\n".join(found))
    sys.exit(1 if found else 0)
