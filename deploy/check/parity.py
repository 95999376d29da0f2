"""The kustomize base and the chart describe the same deployment.

Usage: parity.py FIRST OTHER…   (rendered manifests; one message a difference on the standard output)
Names, images, labels and replica counts are the two's own affair; what runs, as whom and next to whom is not.
"""

import json
import sys

import yaml

COMPONENT = "app.kubernetes.io/component"
# Labels that tell one release from another, and the hook's own policy.
IDENTITY = {"app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/part-of"}
OWN_POLICIES = {"migrate"}


def pod(spec):
    container = spec["containers"][0]
    sources = [s["secret"]["name"] for v in spec["volumes"] if "projected" in v for s in v["projected"]["sources"]]
    kept = ("command", "env", "ports", "startupProbe", "livenessProbe", "readinessProbe", "lifecycle", "resources", "securityContext", "volumeMounts")
    return {
        **{key: container.get(key) for key in kept},
        "pod security": spec["securityContext"],
        "grace": spec["terminationGracePeriodSeconds"],
        "secrets": sorted(sources),
    }


def without_identity(value):
    if isinstance(value, dict):
        return {k: without_identity(v) for k, v in value.items() if k not in IDENTITY}
    if isinstance(value, list):
        return sorted((without_identity(one) for one in value), key=json.dumps)
    return value


def shape(file):
    facts = {}
    with open(file, encoding="utf-8") as text:
        for one in filter(None, yaml.safe_load_all(text)):
            kind, name = one["kind"], one["metadata"]["name"]
            component = one["metadata"].get("labels", {}).get(COMPONENT)
            if kind in ("Deployment", "Job"):
                facts[f"{kind} {component}"] = pod(one["spec"]["template"]["spec"])
            elif kind == "Service":
                facts[f"Service {component}"] = [(p["port"], p["targetPort"]) for p in one["spec"]["ports"]]
            elif kind == "PodDisruptionBudget":
                facts[f"budget {component}"] = one["spec"]["maxUnavailable"]
            elif kind == "Ingress":
                facts["Ingress"] = [(p["path"], p["pathType"], p["backend"]) for r in one["spec"]["rules"] for p in r["http"]["paths"]]
            elif kind == "NetworkPolicy":
                what = name.removeprefix("dragoman-")
                if what not in OWN_POLICIES:
                    facts[f"NetworkPolicy {what}"] = without_identity(one["spec"])
            elif kind == "ScaledObject":
                facts["ScaledObject"] = one["spec"]
    return facts


def main(first, *others):
    model, wrong = shape(first), 0
    for other in others:
        facts = shape(other)
        for what in sorted(model.keys() | facts.keys()):
            if model.get(what) != facts.get(what):
                wrong += 1
                print(f"{what}: {first} has {json.dumps(model.get(what))}")
                print(f"{what}: {other} has {json.dumps(facts.get(what))}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
