"""Own rules for the Dockerfile and .dockerignore.

Usage: dockerfile.py ROOT   (one message a fault on the standard output)
"""

import json
import pathlib
import re
import sys

PROGRAMS = ["dragoman", "dragoman-gateway", "dragoman-bot", "dragoman-llm-worker", "dragoman-crm", "dragoman-analytics", "telegram-sim"]


def instructions(text):
    """(word, rest) of each instruction, with continued lines joined and comments left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    for line in joined.splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield word.upper(), rest.strip()


def faults(root):
    text = (root / "Dockerfile").read_text()
    steps = list(instructions(text))
    arguments = dict(rest.split("=", 1) for word, rest in steps if word == "ARG" and "=" in rest)
    stages = [rest for word, rest in steps if word == "FROM"]
    for stage in stages:
        base = re.match(r"\$\{(\w+)\} AS (\w+)$", stage)
        if not base or base[1] not in arguments:
            yield f"FROM {stage}: a base image has to be an ARG, and its stage has a name"
        elif not re.search(r":[\w.-]*\d", arguments[base[1]]) and "slim" not in arguments[base[1]]:
            yield f"{arguments[base[1]]}: has no version"
    if len(stages) < 2:
        yield "there is one stage only: the compiler would be shipped"
    channel = re.search(r'channel = "([\d.]+)"', (root / "rust-toolchain.toml").read_text())[1]
    if f":{channel}-" not in arguments.get("BUILD_IMAGE", ""):
        yield f"the build image is not Rust {channel}, as rust-toolchain.toml says"
    users = [rest for word, rest in steps if word == "USER"]
    if not users or not re.fullmatch(r"[1-9]\d*(:[1-9]\d*)?", users[-1]):
        yield f"the last USER is {users[-1:] or 'root'}, not a number"
    builds = " ".join(rest for word, rest in steps if word == "RUN")
    named = re.search(r'programs="([^"]+)"', builds)
    if not named or named[1].split() != PROGRAMS:
        yield f"it builds {named and named[1].split()}, not {PROGRAMS}"
    if "--locked" not in builds or "--release" not in builds:
        yield "cargo build wants --locked and --release"
    for word, rest in steps:
        if word == "CMD" and json.loads(rest)[0] not in PROGRAMS:
            yield f"CMD {rest} starts none of the programs"
        if word == "COPY" and "--from=" not in rest:
            for source in [part for part in rest.split()[:-1] if not part.startswith("--")]:
                if not (root / source).exists():
                    yield f"COPY {source}: it is not there"
    yield from context_faults(root, steps)


def context_faults(root, steps):
    """What the build reads has to pass .dockerignore, which keeps everything else out."""
    lines = [line for line in (root / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    if lines[0] != "*":
        yield ".dockerignore does not begin by keeping everything out"
    let_in = {line[1:] for line in lines if line.startswith("!")}
    members = re.search(r"members = \[([^\]]*)\]", (root / "Cargo.toml").read_text())[1]
    needed = {path.split("/")[0] for path in re.findall(r'"([^"]+)"', members)} | {"Cargo.toml", "Cargo.lock"}
    needed |= {part.rstrip("/") for word, rest in steps if word == "COPY" and "--from=" not in rest for part in rest.split()[:-1] if part != "." and not part.startswith("--")}
    # Files that the sources take in from outside of their crate: include_str!, include_dir!, migrate!, protox.
    for source in root.glob("crates/*/**/*.rs"):
        if "target" in source.parts:
            continue
        for outside in re.findall(r'"(?:\.\./)+([a-z][\w-]*)(?:/[^"]*)?"', source.read_text(errors="replace")):
            if (root / outside).exists() and not (source.parents[1] / outside).exists():
                needed.add(outside)
    for path in sorted(needed):
        if path not in let_in and path.split("/")[0] not in let_in:
            yield f".dockerignore keeps {path} out, which the build needs"


if __name__ == "__main__":
    found = list(faults(pathlib.Path(sys.argv[1])))
    print("\n".join(found))
    sys.exit(1 if found else 0)
