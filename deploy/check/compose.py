"""Own rules for deploy/compose.yml: what the schema of the Compose Specification can not say.

Usage: compose.py DEPLOY_FOLDER   (one message a fault on the standard output)
"""

import pathlib
import re
import sys

import yaml

SERVICES = {"gateway", "bot", "llm-worker", "crm", "analytics"}
PUBLISHED = {"gateway", "bot", "crm"}  # the bot for links to files, crm for what CRMs tell of deals
PARTS = SERVICES | {"migrate", "postgres", "nats", "nats-exporter", "prometheus", "grafana"}
# Made by deploy/secrets.sh, never committed.
SECRETS = "secrets/"


class Strict(yaml.SafeLoader):
    """Refuses a key that is given twice, which YAML's loaders take in silence."""

    def construct_mapping(self, node, deep=False):
        # Called before merge keys (<<) are resolved, so a key that overrides a merged one is no duplicate.
        keys = [key.value for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"given twice: {sorted(twice)}", node.start_mark)
        return super().construct_mapping(node, deep)


def service_faults(name, service):
    if service.get("read_only") is not True or service.get("cap_drop") != ["ALL"]:
        yield f"{name}: can write its root file system or keeps capabilities"
    if "no-new-privileges:true" not in service.get("security_opt", []):
        yield f"{name}: may gain privileges"
    if "/health/ready" not in service.get("healthcheck", {}).get("test", []):
        yield f"{name}: its health check does not ask /health/ready"
    waits = service.get("depends_on", {})
    if waits.get("migrate", {}).get("condition") != "service_completed_successfully":
        yield f"{name}: does not wait for the migrations"
    if service.get("command") != [f"dragoman-{name}"]:
        yield f"{name}: runs {service.get('command')}"
    if "memory" not in service.get("deploy", {}).get("resources", {}).get("limits", {}):
        yield f"{name}: has no memory limit"


def reference_faults(folder, compose):
    """Names that lead nowhere, and files that are not there."""
    for name, service in compose["services"].items():
        for kind in ("secrets", "configs"):
            for entry in service.get(kind, []):
                source = entry if isinstance(entry, str) else entry["source"]
                if source not in compose[kind]:
                    yield f"{name}: {kind} {source} is not declared"
        for network in service.get("networks", []):
            if network not in compose["networks"]:
                yield f"{name}: network {network} is not declared"
        for volume in service.get("volumes", []):
            if volume.split(":")[0] not in compose["volumes"]:
                yield f"{name}: volume {volume} is not declared"
        for other in service.get("depends_on", {}):
            if other not in compose["services"]:
                yield f"{name}: waits for {other}, which is not there"
    for kind in ("secrets", "configs"):
        for name, value in compose[kind].items():
            if value["file"].startswith(SECRETS):
                continue
            if not (folder / value["file"]).is_file():
                yield f"{kind} {name}: {value['file']} is not there"
            used = any(name in str(service.get(kind, [])) for service in compose["services"].values())
            if not used:
                yield f"{kind} {name}: nobody uses it"


def faults(folder):
    compose = yaml.load((folder / "compose.yml").read_text(), Loader=Strict)
    yaml.load((folder / "compose.observe.yml").read_text(), Loader=Strict)
    services = compose["services"]
    if PARTS - set(services):
        yield f"missing: {sorted(PARTS - set(services))}"
    for name in sorted(SERVICES & set(services)):
        yield from service_faults(name, services[name])
    yield from reference_faults(folder, compose)
    for name, service in services.items():
        ports = service.get("ports", [])
        if ports and name not in PUBLISHED and not service.get("profiles"):
            yield f"{name}: publishes {ports}; only {sorted(PUBLISHED)} do"
        for port in ports:
            if not re.match(r"^(\$\{\w+:-)?127\.0\.0\.1:", port):
                yield f"{name}: {port} is not on loopback by default"
        image = service.get("image", "")
        if not re.search(r":[\w.-]+\}?$", image) or "latest" in image:
            yield f"{name}: the image {image!r} has no version"
        for key, value in (service.get("environment") or {}).items():
            if re.search(r"TOKEN|PASSWORD|SECRET|API_KEY|DATABASE_URL", key) and not str(value).startswith("/run/secrets/"):
                yield f"{name}: {key}: a secret belongs into a file, not into the environment"
    made = set(re.findall(r"^put (\w+)", (folder / "secrets.sh").read_text(), re.M))
    made |= {f"{schema}_database_url" for schema in ("gateway", "bot", "llm", "crm", "analytics")}
    if made != set(compose["secrets"]):
        yield f"secrets.sh and compose.yml differ in {sorted(made ^ set(compose['secrets']))}"
    if not re.search(r"^\s*sync_interval: always$", (folder / "nats/nats-server.conf").read_text(), re.M):
        yield "nats-server.conf: an acknowledged message would not be on disk (sync_interval: always)"
    major, minor = map(int, re.search(r"nats:(\d+)\.(\d+)", services["nats"]["image"]).groups())
    if (major, minor) < (2, 11):
        yield "NATS is older than 2.11"


if __name__ == "__main__":
    found = list(faults(pathlib.Path(sys.argv[1])))
    print("\n".join(found))
    sys.exit(1 if found else 0)
