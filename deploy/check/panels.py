"""Shows which panels and alerts have data, by a real Prometheus that scrapes running services.

Usage: panels.py ROOT PROMETHEUS NAME=HOST:PORT… [nats=HOST:PORT]
   such as: panels.py . prometheus gateway=127.0.0.1:8080     (with everything in one process)
Scrapes each second for a while, then asks every query of the dashboards once; one line a query without data.
Not part of check.sh: it needs services that are at work.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

SECONDS = 20
ADDRESS = "127.0.0.1:19090"


def ask(path, **query):
    with urllib.request.urlopen(f"http://{ADDRESS}{path}?{urllib.parse.urlencode(query)}", timeout=5) as answer:
        return json.load(answer)["data"]


def configuration(targets):
    jobs = []
    for name, address in targets:
        jobs.append({"targets": [address], "labels": {"process": name, "job": "nats" if name == "nats" else "dragoman"}})
    scrape = {"job_name": "dragoman", "honor_labels": False, "static_configs": jobs}
    return json.dumps({"global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, "scrape_configs": [scrape]})


def wait_until_scraped(targets):
    """Until every target was scraped SECONDS times; a rate needs some history."""
    deadline = time.monotonic() + 3 * SECONDS
    while time.monotonic() < deadline:
        try:
            counts = [float(one["value"][1]) for one in ask("/api/v1/query", query=f"sum_over_time(up[{SECONDS}s])")["result"]]
            if len(counts) == len(targets) and min(counts) >= SECONDS - 1:
                return
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.5)
    sys.exit("not every target could be scraped")


def queries(root):
    for file in sorted((pathlib.Path(root) / "deploy/grafana").glob("*.json")):
        for panel in json.loads(file.read_text())["panels"]:
            for target in panel.get("targets", []):
                yield f"{file.name}: {panel['title']} {target['refId']}", target["expr"].replace("$__rate_interval", "10s")


def has_data(expression):
    values = [one["value"][1] for one in ask("/api/v1/query", query=expression)["result"]]
    return any(value != "NaN" for value in values)


def main(root, prometheus, *named):
    targets = [one.split("=", 1) for one in named]
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder, "prometheus.yml")
        config.write_text(configuration(targets))
        log = open(pathlib.Path(folder, "log"), "w")
        server = subprocess.Popen(
            [prometheus, f"--config.file={config}", f"--storage.tsdb.path={folder}/data", f"--web.listen-address={ADDRESS}"],
            stdout=log, stderr=log,
        )
        try:
            wait_until_scraped(targets)
            asked = list(queries(root))
            empty = [where for where, expression in asked if not has_data(expression)]
        finally:
            server.terminate()
            server.wait(10)
    for where in empty:
        print(f"no data: {where}")
    print(f"{len(asked) - len(empty)} of {len(asked)} queries have data")
    sys.exit(1 if empty else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
