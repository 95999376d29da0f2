"""Metric names: alerts, dashboards, deploy/metrics.txt and the sources agree.

Usage: metrics.py ROOT RULES_OUTPUT
Writes every expression of the dashboards as a recording rule into RULES_OUTPUT, for promtool to parse.
"""

import json
import pathlib
import re
import sys

import yaml

# What Prometheus adds to a series by prometheus.yml, and what a histogram's series have.
ADDED = {"job", "instance", "process", "le"}
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("",), "gauge": ("",)}
NAME = re.compile(r"\b((?:dragoman|process|jetstream)_[a-z0-9_]+|up)\b(?:\{([^}]*)\})?")
UNIT = re.compile(r'"(dragoman_[a-z_]+_(?:total|seconds|pending|size|letters|bytes|ready|lag|age_seconds))"')


def listed(root):
    """name -> (type, labels, exporter)"""
    table = {}
    for line in (root / "deploy/metrics.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, kind, labels, source = line.split()
            table[name] = (kind, set() if labels == "-" else set(labels.split(",")), source)
    return table


def series(table):
    return {name + suffix: labels for name, (kind, labels, _) in table.items() for suffix in SUFFIXES[kind]}


def expressions(root):
    rules = yaml.safe_load((root / "deploy/prometheus/alerts.yml").read_text())
    for group in rules["groups"]:
        for rule in group["rules"]:
            yield f"alert {rule['alert']}", rule["expr"]
    for file in sorted((root / "deploy/grafana").glob("*.json")):
        for panel in json.loads(file.read_text())["panels"]:
            for target in panel.get("targets", []):
                yield f"{file.name}: {panel['title']}", target["expr"]


def expression_faults(where, expression, known):
    used = set()
    expression = re.sub(r'"[^"]*"', '""', expression)  # a text may hold braces
    for name, selector in NAME.findall(expression):
        if name not in known:
            yield f"{where}: there is no series {name}"
            continue
        used |= known[name]
        for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selector):
            if label not in known[name] | ADDED:
                yield f"{where}: {name} has no label {label}"
    for group in re.findall(r"\b(?:by|without)\s*\(([^)]*)\)", expression):
        for label in filter(None, (part.strip() for part in group.split(","))):
            if label not in used | ADDED:
                yield f"{where}: nothing in it has the label {label}"


def alert_faults(root):
    """Each alert says what is wrong, has a paragraph in the runbook, and is tested to fire."""
    runbook = {title.strip().lower() for title in re.findall(r"^#+ (.*)$", (root / "docs/OPERATIONS.md").read_text(), re.M)}
    tests = yaml.safe_load((root / "deploy/prometheus/alerts.test.yml").read_text())["tests"]
    fired = {t["alertname"] for test in tests for t in test["alert_rule_test"] if t.get("exp_alerts")}
    silent = {t["alertname"] for test in tests for t in test["alert_rule_test"] if not t.get("exp_alerts")}
    for group in yaml.safe_load((root / "deploy/prometheus/alerts.yml").read_text())["groups"]:
        for rule in group["rules"]:
            name, notes = rule["alert"], rule.get("annotations", {})
            if not notes.get("summary") or rule.get("labels", {}).get("severity") not in ("critical", "warning"):
                yield f"alert {name}: lacks a summary or a severity"
            if notes.get("runbook") != f"docs/OPERATIONS.md#{name.lower()}" or name.lower() not in runbook:
                yield f"alert {name}: docs/OPERATIONS.md has no heading for it"
            if name not in fired or name not in silent:
                yield f"alert {name}: alerts.test.yml does not show both that it fires and that it stays silent"


def jobs_faults(root):
    """Compose and Kubernetes scrape the same jobs, and in both every series says which process it is from."""
    jobs = {}
    for name in ("prometheus.yml", "kubernetes.yml"):
        for job in yaml.safe_load((root / "deploy/prometheus" / name).read_text())["scrape_configs"]:
            jobs.setdefault(name, set()).add(job["job_name"])
            fixed = job.get("static_configs", [])
            rules = [rule.get("target_label") for rule in job.get("relabel_configs", [])]
            if not (fixed and all("process" in one["labels"] for one in fixed)) and "process" not in rules:
                yield f"{name}: the series of {job['job_name']} have no label process"
    if jobs["kubernetes.yml"] != jobs["prometheus.yml"] - {"prometheus"}:
        yield f"kubernetes.yml scrapes {sorted(jobs['kubernetes.yml'])}, prometheus.yml {sorted(jobs['prometheus.yml'])}"


def recorded(text):
    """name, labels of each counter!, gauge! and histogram! whose name is written out."""
    for call in re.finditer(r"\b(?:counter|gauge|histogram)!\(", text):
        depth, at = 1, call.end()
        while depth and at < len(text):
            depth += {"(": 1, ")": -1}.get(text[at], 0)
            at += 1
        inside = text[call.end() : at]
        name = re.match(r'\s*"(dragoman_\w+)"', inside)
        if name:
            yield name[1], set(re.findall(r'"(\w+)"\s*=>', inside))


def source_faults(root, table):
    files = [file for file in (root / "crates").glob("*/src/**/*.rs")]
    text = "\n".join(file.read_text(errors="replace") for file in files)
    for name in sorted(set(UNIT.findall(text)) - set(table)):
        yield f"{name} is in the sources and not in deploy/metrics.txt"
    for name, labels in recorded(text):
        if name in table and labels != table[name][1]:
            yield f"{name} is recorded with {sorted(labels)} and listed with {sorted(table[name][1])}"
    for name, (_, _, source) in table.items():
        if source == "dragoman" and name.startswith("dragoman_") and f'"{name}"' not in text:
            yield f"{name} is in deploy/metrics.txt and not in the sources"


def faults(root, output):
    table = listed(root)
    known = series(table)
    rules = []
    for number, (where, expression) in enumerate(expressions(root)):
        yield from expression_faults(where, expression, known)
        plain = expression.replace("$__rate_interval", "5m").replace("$__range", "1h")
        rules.append({"record": f"panel:{number}", "expr": plain, "labels": {"where": where}})
    pathlib.Path(output).write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    yield from alert_faults(root)
    yield from jobs_faults(root)
    yield from source_faults(root, table)


if __name__ == "__main__":
    found = list(faults(pathlib.Path(sys.argv[1]), sys.argv[2]))
    print("\n".join(found))
    sys.exit(1 if found else 0)
