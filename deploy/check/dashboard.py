"""Writes the dashboards as TypeScript, for tsc to hold them against Grafana's own types.

Usage: dashboard.py ROOT OUTPUT.ts
Also looks at what the types can not say: ids that are given twice, panels that overlap, a missing text.
"""

import json
import pathlib
import sys

HEAD = """import type { Dashboard } from '@grafana/schema';
import type { Options as Stat } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type { Options as TimeSeries, FieldConfig } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';
// JSON has no enums: an enum of texts stands for its texts.
type Plain<T> = T extends string ? `${T}` : T extends (infer U)[] ? Plain<U>[] : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;
"""
OPTIONS = {"stat": "Plain<Partial<Stat>>", "timeseries": "Plain<TimeSeries>"}
DATASOURCE = {"type": "prometheus", "uid": "prometheus"}  # provisioning/datasources
WIDTH = 24


def panel_faults(where, panels):
    ids = [panel["id"] for panel in panels]
    if len(ids) != len(set(ids)):
        yield f"{where}: a panel's id is given twice"
    taken = {}
    for panel in panels:
        name, at = panel["title"], panel["gridPos"]
        if at["x"] + at["w"] > WIDTH:
            yield f"{where}: {name} is wider than the page"
        for cell in ((x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])):
            if cell in taken:
                yield f"{where}: {name} lies over {taken[cell]}"
                break
            taken[cell] = name
        if panel["type"] == "row":
            continue
        if panel["type"] not in OPTIONS:
            yield f"{where}: {name}: the type {panel['type']} is not checked; add it to OPTIONS"
        if not panel.get("description") or not panel.get("targets"):
            yield f"{where}: {name} lacks a description or a query"
        sources = [panel.get("datasource")] + [target.get("datasource") for target in panel.get("targets", [])]
        if any(source != DATASOURCE for source in sources):
            yield f"{where}: {name} asks a datasource that is not provisioned"
        letters = [target["refId"] for target in panel.get("targets", [])]
        if len(letters) != len(set(letters)):
            yield f"{where}: {name}: a refId is given twice"


def main(root, output):
    lines, found = [HEAD], []
    for number, file in enumerate(sorted((pathlib.Path(root) / "deploy/grafana").glob("*.json"))):
        text = file.read_text()
        dashboard = json.loads(text)
        found += panel_faults(file.name, dashboard["panels"])
        lines.append(f"// {file.name}\nexport const d{number}: Plain<Dashboard> = {text};")
        for panel in dashboard["panels"]:
            if panel["type"] in OPTIONS:
                name = f"d{number}p{panel['id']}"
                lines.append(f"export const {name}: {OPTIONS[panel['type']]} = {json.dumps(panel['options'])};")
                custom = panel["fieldConfig"]["defaults"].get("custom")
                if custom:
                    lines.append(f"export const {name}f: Plain<FieldConfig> = {json.dumps(custom)};")
    pathlib.Path(output).write_text("\n".join(lines))
    print("\n".join(found))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
