"""Own rules for rendered Kubernetes manifests: what the schemas of the kinds can not say.

Usage: kube.py FILE…   (each the output of kustomize or Helm; one message a fault on the standard output)
"""

import sys

import yaml

SERVICES = ["analytics", "bot", "crm", "gateway", "llm-worker"]
COMPONENT = "app.kubernetes.io/component"
# What the Ingress of the admin pages publishes, where there is one.
ADMIN = {"/admin": "gateway"}
PUBLIC = {"/telegram": "gateway", "/crm": "crm", "/files": "bot", "/v1/files": "bot", "/v1": "gateway"}


def by_kind(objects, kind):
    return [one for one in objects if one["kind"] == kind]


def matches(selector, labels):
    """Whether a label selector with matchLabels only picks these labels."""
    return all(labels.get(key) == value for key, value in (selector or {}).items())


def pod_faults(name, pod, objects, template_labels):
    """The restricted Pod Security standard, and what we add to it."""
    security = pod.get("securityContext", {})
    if security.get("runAsNonRoot") is not True or not security.get("runAsUser", 0) > 0:
        yield f"{name}: the pod has to run as a numeric user that is not root"
    if security.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        yield f"{name}: seccompProfile RuntimeDefault is missing"
    if pod.get("automountServiceAccountToken") is not False:
        yield f"{name}: the pod is given a token of the API server"
    if not 30 <= pod.get("terminationGracePeriodSeconds", 0) <= 600:
        yield f"{name}: terminationGracePeriodSeconds is missing or odd"
    accounts = [a["metadata"]["name"] for a in by_kind(objects, "ServiceAccount")]
    if pod.get("serviceAccountName") not in accounts:
        yield f"{name}: its service account {pod.get('serviceAccountName')} is not among {accounts}"
    maps = [c["metadata"]["name"] for c in by_kind(objects, "ConfigMap")]
    mounted = set()
    for volume in pod.get("volumes", []):
        mounted.add(volume["name"])
        if "configMap" in volume and volume["configMap"]["name"] not in maps:
            yield f"{name}: there is no ConfigMap {volume['configMap']['name']}"
        if "projected" in volume and volume["projected"].get("defaultMode") != 0o440:
            yield f"{name}: the secrets are readable by others"
    for container in pod["containers"]:
        inner = container.get("securityContext", {})
        if inner.get("readOnlyRootFilesystem") is not True:
            yield f"{name}: the root file system can be written"
        if inner.get("allowPrivilegeEscalation") is not False or inner.get("capabilities", {}).get("drop") != ["ALL"]:
            yield f"{name}: privileges are left"
        for what in ("requests", "limits"):
            if set(container.get("resources", {}).get(what, {})) != {"cpu", "memory"}:
                yield f"{name}: {what} of cpu and memory are not both given"
        for entry in container.get("env", []):
            if "valueFrom" in entry or any(word in entry["name"] for word in ("TOKEN", "PASSWORD", "SECRET", "API_KEY")):
                yield f"{name}: {entry['name']}: a secret belongs into a file, not into the environment"
        for mount in container.get("volumeMounts", []):
            if mount["name"] not in mounted:
                yield f"{name}: {mount['mountPath']} mounts a volume that is not there"
    denied = [p for p in by_kind(objects, "NetworkPolicy") if p["metadata"]["name"].endswith("default-deny")]
    if not any(matches(p["spec"]["podSelector"].get("matchLabels"), template_labels) and p["spec"]["podSelector"] for p in denied):
        yield f"{name}: the network policy that denies by default does not pick it"


def deployment_faults(deployment, objects):
    name = deployment["metadata"]["name"]
    spec = deployment["spec"]
    pod, labels = spec["template"]["spec"], spec["template"]["metadata"]["labels"]
    yield from pod_faults(name, pod, objects, labels)
    if not matches(spec["selector"]["matchLabels"], labels):
        yield f"{name}: its selector does not pick its own pods"
    container = pod["containers"][0]
    for probe, path in (("startupProbe", "/health/live"), ("livenessProbe", "/health/live"), ("readinessProbe", "/health/ready")):
        if container.get(probe, {}).get("httpGet", {}).get("path") != path:
            yield f"{name}: {probe} does not ask {path}"
    if container["command"] != [f"dragoman-{labels[COMPONENT]}"]:
        yield f"{name}: runs {container['command']}"
    services = [s for s in by_kind(objects, "Service") if matches(s["spec"]["selector"], labels)]
    if len(services) != 1 or services[0]["spec"]["ports"][0]["targetPort"] not in [p["name"] for p in container["ports"]]:
        yield f"{name}: not exactly one Service leads to its port"
    budgets = [b for b in by_kind(objects, "PodDisruptionBudget") if matches(b["spec"]["selector"]["matchLabels"], labels)]
    if spec.get("replicas", 1) > 1 and len(budgets) != 1:
        yield f"{name}: has {spec['replicas']} replicas and {len(budgets)} disruption budgets"


def scaling_faults(objects):
    for scaled in by_kind(objects, "ScaledObject"):
        spec, name = scaled["spec"], scaled["metadata"]["name"]
        target = [d for d in by_kind(objects, "Deployment") if d["metadata"]["name"] == spec["scaleTargetRef"]["name"]]
        if scaled["apiVersion"] != "keda.sh/v1alpha1" or len(target) != 1:
            yield f"{name}: scales no deployment"
        elif "replicas" in target[0]["spec"]:
            yield f"{name}: the deployment's own replicas would fight with KEDA"
        if not 1 <= spec["minReplicaCount"] <= spec["maxReplicaCount"]:
            yield f"{name}: the least and the most replicas are odd"
        for trigger in spec["triggers"]:
            values = trigger["metadata"]
            if trigger["type"] != "nats-jetstream" or (values["stream"], values["consumer"]) != ("EV_BOT", "llm-worker-requests"):
                yield f"{name}: does not watch the model requests"
            if {"natsServerMonitoringEndpoint", "account", "lagThreshold"} - set(values):
                yield f"{name}: the trigger lacks a key"
            if not all(isinstance(value, str) for value in values.values()):
                yield f"{name}: KEDA takes texts only"


def faults(objects):
    deployments = by_kind(objects, "Deployment")
    found = sorted(d["spec"]["template"]["metadata"]["labels"][COMPONENT] for d in deployments)
    if found != SERVICES:
        yield f"the deployments are {found}, not {SERVICES}"
    for deployment in deployments:
        yield from deployment_faults(deployment, objects)
    jobs = by_kind(objects, "Job")
    if len(jobs) != 1 or jobs[0]["spec"]["template"]["spec"]["containers"][0]["command"] != ["dragoman", "migrate"]:
        yield "there is not exactly one migration job"
    for job in jobs:
        template = job["spec"]["template"]
        yield from pod_faults(job["metadata"]["name"], template["spec"], objects, template["metadata"]["labels"])
    for account in by_kind(objects, "ServiceAccount"):
        if account.get("automountServiceAccountToken") is not False:
            yield f"service account {account['metadata']['name']} hands out tokens"
    for ingress in by_kind(objects, "Ingress"):
        paths = {path["path"]: path["backend"]["service"]["name"] for rule in ingress["spec"]["rules"] for path in rule["http"]["paths"]}
        allowed = ADMIN if ingress["metadata"]["name"].endswith("-admin") else PUBLIC
        if {path: name.rpartition("-")[2] for path, name in paths.items()} != allowed:
            yield f"the ingress publishes {paths}"
    if by_kind(objects, "Secret"):
        yield "a Secret is part of the manifests; they refer to existing ones"
    yield from scaling_faults(objects)


def main(files):
    wrong = 0
    for file in files:
        with open(file, encoding="utf-8") as text:
            objects = [one for one in yaml.safe_load_all(text) if one]
        for fault in faults(objects):
            wrong += 1
            print(f"{file}: {fault}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
