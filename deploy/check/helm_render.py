"""Renders the Helm chart with the real Helm (helm-sdkpy), without a cluster.

Usage: helm_render.py CHART OUTPUT [VALUES.json]
Helm has no public "template" in this binding, so it installs against a server on loopback that knows the kinds
and nothing else; what it would have applied, hooks included, is read from the release record that it stores
first. Every write is refused, so nothing is waited for.
"""

import asyncio
import base64
import gzip
import json
import pathlib
import re
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import helm_sdkpy

# group/version -> (plural, kind) of what the chart may hold.
KINDS = {
    "v1": [("secrets", "Secret"), ("configmaps", "ConfigMap"), ("services", "Service"), ("serviceaccounts", "ServiceAccount")],
    "apps/v1": [("deployments", "Deployment")],
    "batch/v1": [("jobs", "Job")],
    "policy/v1": [("poddisruptionbudgets", "PodDisruptionBudget")],
    "networking.k8s.io/v1": [("ingresses", "Ingress"), ("networkpolicies", "NetworkPolicy")],
    "keda.sh/v1alpha1": [("scaledobjects", "ScaledObject")],
}
VERBS = ["create", "delete", "get", "list", "patch", "update", "watch"]
KUBECONFIG = """apiVersion: v1
kind: Config
clusters: [{{name: c, cluster: {{server: "http://127.0.0.1:{port}"}}}}]
contexts: [{{name: c, context: {{cluster: c, user: u, namespace: dragoman}}}}]
users: [{{name: u, user: {{}}}}]
current-context: c
"""


def status(code, reason):
    return code, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code, "message": reason}


def discovery(path):
    """The answer to a question about kinds, or None."""
    if path == "/version":
        return {"major": "1", "minor": "33", "gitVersion": "v1.33.0"}
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        groups = [name.split("/") for name in KINDS if "/" in name]
        return {
            "kind": "APIGroupList",
            "apiVersion": "v1",
            "groups": [
                {"name": g, "versions": [{"groupVersion": f"{g}/{v}", "version": v}], "preferredVersion": {"groupVersion": f"{g}/{v}", "version": v}}
                for g, v in groups
            ],
        }
    version = path.removeprefix("/apis/").removeprefix("/api/")
    if version in KINDS:
        resources = [{"name": p, "singularName": k.lower(), "namespaced": True, "kind": k, "verbs": VERBS} for p, k in KINDS[version]]
        return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources}
    return None


class Cluster(BaseHTTPRequestHandler):
    release = None  # the record that Helm stored

    def do_GET(self):
        path = self.path.split("?")[0]
        known = discovery(path)
        if known is not None:
            self.answer(200, known)
        elif path.endswith("/secrets"):
            self.answer(200, {"kind": "SecretList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": []})
        else:
            self.answer(*status(404, "NotFound"))

    def refuse(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        # The record is base64 of gzip, inside a Secret in Kubernetes' protobuf.
        packed = re.search(rb"H4sI[A-Za-z0-9+/=]{100,}", body)
        if packed and Cluster.release is None:
            Cluster.release = json.loads(gzip.decompress(base64.b64decode(packed[0])))
        self.answer(*status(403, "Forbidden"))

    do_POST = do_PUT = do_PATCH = do_DELETE = refuse

    def answer(self, code, value):
        data = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


async def lint_and_install(config, chart, values):
    linted = await helm_sdkpy.Lint(config).run(chart)
    worst = max((message["Severity"] for message in linted["Messages"]), default=0)
    if worst > 1 and Cluster.release is None:  # 2 is a warning, 3 an error; their texts are not passed on
        print("helm lint is not content", file=sys.stderr)
    await helm_sdkpy.Install(config).run("dragoman", chart, values=values, wait=False, timeout=10)


def main(chart, output, values=None):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Cluster)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    values = json.loads(pathlib.Path(values).read_text()) if values else {}
    error = None
    with tempfile.TemporaryDirectory() as folder:
        kubeconfig = pathlib.Path(folder, "kubeconfig")
        kubeconfig.write_text(KUBECONFIG.format(port=server.server_port))
        config = helm_sdkpy.Configuration(namespace="dragoman", kubeconfig=str(kubeconfig))
        try:
            asyncio.run(lint_and_install(config, chart, values))
        except helm_sdkpy.HelmError as caught:
            error = caught
    server.shutdown()
    if Cluster.release is None:
        sys.exit(f"helm: {error}")
    hooks = [hook["manifest"] for hook in Cluster.release.get("hooks") or []]
    notes = Cluster.release.get("info", {}).get("notes", "")
    pathlib.Path(output).write_text("\n---\n".join(hooks + [Cluster.release["manifest"]]))
    pathlib.Path(output + ".notes").write_text(notes)


if __name__ == "__main__":
    main(*sys.argv[1:])
