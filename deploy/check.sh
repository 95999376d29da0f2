#!/bin/bash
# shellcheck disable=SC2329  # functions are called through `check`
# Validates the deployment files as far as a bare machine allows, one line per check: `ok`, `skipped: why` or
# `FAILED`. Tools are fetched once, pinned, into ${DRAGOMAN_TOOLS:-.dragoman/tools}; no root, no services.
# With DRAGOMAN_CHECK_STRICT=1 what is skipped has failed, except what wants Docker.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
root=$PWD
here=$root/deploy/check
tools=${DRAGOMAN_TOOLS:-.dragoman/tools}/deploy
mkdir -p "$tools"
tools=$(cd "$tools" && pwd)
if command -v flock >/dev/null; then # two checks at once would fetch into each other's folders
    exec 9>"$tools/lock"
    flock 9
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
left_out=()

ok() { echo "ok: $1"; }
skipped() {
    echo "skipped: $1: $2"
    left_out+=("$1")
    [ "${DRAGOMAN_CHECK_STRICT:-}" != 1 ] || [[ $1 == *docker* ]] || failed=1
}
# check NAME COMMAND…: the command's output is told only if it fails.
check() {
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then
        ok "$name"
    else
        echo "FAILED: $name"
        printf '%s\n' "$output" | sed -e 's/^/    /' | head -n 60
        failed=1
        return 1
    fi
}
# needs NAME REASON: whether REASON is empty; if it is not, the check NAME is skipped because of it.
needs() {
    [ -z "$2" ] && return 0
    skipped "$1" "$2"
    return 1
}

# --- tools -----------------------------------------------------------------------------------------------

# python_with CONDITION: a Python for which the condition on sys.version_info holds.
python_with() {
    local candidate
    for candidate in python3 python3.14 python3.13 python3.12 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin/python3; do
        if "$candidate" -c "import sys; sys.exit(not ($1 and __import__('importlib.util').util.find_spec('pip')))" 2>/dev/null; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

# install NAME PYTHON REQUIREMENTS: into a folder of its own, named after what is in it. Says why it can not.
install() {
    local folder log
    folder=$tools/$1-$("$2" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-$(cksum <"$3" | cut -d' ' -f1)
    if [ ! -e "$folder/.complete" ]; then
        rm -rf "$folder"
        if ! log=$("$2" -m pip install --quiet --disable-pip-version-check --no-input --only-binary=:all: \
            --require-hashes --target "$folder" -r "$3" 2>&1); then
            echo "pip could not install $(basename "$3"): $(printf '%s' "$log" | grep -m1 -i error || printf '%s' "$log" | tail -n1)"
            return 1
        fi
        touch "$folder/.complete"
    fi
    ln -sfn "$folder" "$tools/$1"
}

no_python='' no_helm='' no_promtool='' no_types='' no_kubectl=''
python=$(python_with 'sys.version_info >= (3, 10)') || no_python='there is no Python of 3.10 or later with pip'
[ -n "$no_python" ] || no_python=$(install python "$python" "$here/requirements.txt")

helm_python=$(python_with 'sys.version_info >= (3, 12)') || no_helm='helm-sdkpy wants Python 3.12 or later with pip'
[ -n "$no_helm" ] || no_helm=$(install helm "$helm_python" "$here/requirements-helm.txt")

# promtool is Debian's, unpacked without being installed: no service, no root.
promtool=$(command -v promtool) || promtool=$tools/prometheus/usr/bin/promtool
if [ ! -x "$promtool" ]; then
    if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
        no_promtool='there is no promtool, and no apt-get to fetch it with'
    elif ! (cd "$work" && apt-get download prometheus && dpkg -x prometheus_*.deb "$tools/prometheus") >"$work/apt" 2>&1; then
        no_promtool="there is no promtool, and apt-get download prometheus says: $(tail -n1 "$work/apt")"
    fi
fi

types=$tools/types-$(cksum <"$here/package-lock.json" | cut -d' ' -f1)
if ! command -v npm >/dev/null; then
    no_types='there is no npm'
elif [ ! -e "$types/.complete" ]; then
    rm -rf "$types"
    mkdir -p "$types"
    cp "$here/package.json" "$here/package-lock.json" "$types"
    if npm ci --prefix "$types" --ignore-scripts --no-audit --no-fund >"$work/npm" 2>&1; then
        touch "$types/.complete"
    else
        no_types="npm ci: $(grep -m1 'npm error' "$work/npm" || tail -n1 "$work/npm")"
    fi
fi
command -v kubectl >/dev/null || no_kubectl='there is no kubectl'

py() { PYTHONPATH=$tools/python PYTHONDONTWRITEBYTECODE=1 "$python" "$@"; }
tsc() { (cd "$types" && cp "$1" checked.ts && node_modules/.bin/tsc --noEmit --strict --skipLibCheck --module esnext --moduleResolution bundler checked.ts); }

# --- the image ---------------------------------------------------------------------------------------------

if needs 'scripts' "$no_python"; then
    check 'scripts: shellcheck' "$tools/python/bin/shellcheck" "$root"/deploy/*.sh "$here"/*.sh
fi
if needs 'Dockerfile' "$no_python"; then
    check 'Dockerfile: hadolint' "$tools/python/bin/hadolint" --no-color "$root/Dockerfile"
    check 'Dockerfile and .dockerignore: own rules' py "$here/dockerfile.py" "$root"
fi

# --- compose -----------------------------------------------------------------------------------------------

if needs 'compose' "$no_python"; then
    check 'compose: schema of the Compose Specification' py -m check_jsonschema --builtin-schema vendor.compose-spec \
        "$root/deploy/compose.yml" "$root/deploy/compose.observe.yml"
    check 'compose: NATS reads its configuration' "$tools/python/bin/nats-server" -t -c "$root/deploy/nats/nats-server.conf"
    check 'compose: own rules' py "$here/compose.py" "$root/deploy"
fi
if docker compose version >/dev/null 2>&1; then
    check 'compose: docker compose config' docker compose -f "$root/deploy/compose.yml" -f "$root/deploy/compose.observe.yml" config --quiet
else
    skipped 'compose: docker compose config' "there is no Docker with the compose plugin"
fi

# --- Kubernetes --------------------------------------------------------------------------------------------

manifests=()
hides() { ! grep -F -e "path: $1" "$2"; } # hides PATH FILE: the file publishes no such path
if needs 'kustomize' "$no_kubectl"; then
    check 'kustomize: base renders' kubectl kustomize "$root/k8s/base" --output "$work/base.yaml" && manifests+=("$work/base.yaml")
    check 'kustomize: the example overlay renders' kubectl kustomize "$root/k8s/overlays/example" --output "$work/overlay.yaml" &&
        manifests+=("$work/overlay.yaml")
    check 'kustomize: the admin pages are not published by themselves' hides /admin "$work/overlay.yaml"
    cp -r "$root/k8s" "$work/k8s-admin"
    sed -i.bak 's|^components:|components:\n  - ../../components/admin|' "$work/k8s-admin/overlays/example/kustomization.yaml"
    check 'kustomize: an overlay with the admin pages renders' kubectl kustomize "$work/k8s-admin/overlays/example" \
        --output "$work/overlay-admin.yaml" && manifests+=("$work/overlay-admin.yaml")
    # The same with files: what is a comment in the configuration is one no longer, and the component joins.
    cp -r "$root/k8s" "$work/k8s"
    sed -i.bak -e '/^# link_secret_file/,/^# secret_access_key_file/s/^# //' -e 's|^# public_url|public_url|' "$work/k8s/base/dragoman.toml"
    sed -i.bak 's|^components:|components:\n  - ../../components/files|' "$work/k8s/overlays/example/kustomization.yaml"
    check 'kustomize: an overlay with files renders' kubectl kustomize "$work/k8s/overlays/example" --output "$work/overlay-files.yaml" &&
        manifests+=("$work/overlay-files.yaml")
fi

helm() { PYTHONPATH=$tools/helm PYTHONDONTWRITEBYTECODE=1 "$helm_python" "$here/helm_render.py" "$root/helm/dragoman" "$@"; }
refuses() { # refuses VALUES WORDS: Helm has to refuse these values, with these words.
    local output
    printf '%s' "$1" >"$work/values.json"
    output=$(helm "$work/refused.yaml" "$work/values.json" 2>&1) && return 1
    printf '%s\n' "$output"
    [[ $output == *"$2"* ]]
}
configures() { # configures VALUES LINE…: with these values the services' file has each line, and none that begins with !
    local config line
    printf '%s' "$1" >"$work/values.json"
    shift
    helm "$work/configured.yaml" "$work/values.json" || return 1
    config=$(sed -n '/dragoman.toml: |/,/^---/s/^ *//p' "$work/configured.yaml")
    for line in "$@"; do
        if [[ $line == !* ]]; then
            ! grep -F -e "${line#!}" <<<"$config" || return 1
        elif ! grep -qxF -e "$line" <<<"$config"; then
            printf '%s\n' "there is no line: $line" "$config"
            return 1
        fi
    done
}
large='{"config": {"nats": {"max_stream_bytes": 4294967296}, "llm-worker": {"temperature": 0.5, "prices": {"input": 3000000}}}}'
files='{"keda": {"enabled": true}, "migrate": {"adminSecret": "dragoman-admin"}, "files": {"secret": "dragoman-files",
    "links": true, "clamav": "clamav.clamav.svc:3310", "s3": {"bucket": "dragoman", "region": "eu-central-1",
    "access_key_id": "AKIA", "endpoint": "http://minio.minio.svc:9000", "allow_http": true}}}'
endpoint='{"config": {"crm": {"endpoints": [{"name": "a", "url": "https://a.example/", "secret_file": "/run/secrets/new", PLACE}]}}}'
if needs 'helm' "$no_helm"; then
    check 'helm: lints and renders' helm "$work/helm.yaml" && manifests+=("$work/helm.yaml")
    echo '{"keda": {"enabled": true}, "migrate": {"adminSecret": "dragoman-admin"}}' >"$work/values.json"
    check 'helm: renders with KEDA and an administrator' helm "$work/helm-keda.yaml" "$work/values.json" && manifests+=("$work/helm-keda.yaml")
    check 'helm: a large number stays a number' configures "$large" 'max_stream_bytes = 4294967296' 'input = 3000000' 'temperature = 0.5'
    check 'helm: an address in a file takes the place of the default' configures \
        '{"config": {"nats": {"url_file": "/run/secrets/nats_url"}}}' 'url_file = "/run/secrets/nats_url"' '!url = "nats:'
    echo "$files" >"$work/values.json"
    check 'helm: renders with files' helm "$work/helm-files.yaml" "$work/values.json" && manifests+=("$work/helm-files.yaml")
    check 'helm: files are configured' configures "$files" 'link_token_file = "/run/secrets/files_link_token"' \
        'public_url = "https://dragoman.example.com"' 'clamav = "clamav.clamav.svc:3310"' 'bucket = "dragoman"' \
        'secret_access_key_file = "/run/secrets/files_s3_secret"'
    echo '{"ingress": {"admin": {"enabled": true}}}' >"$work/values.json"
    check 'helm: renders with the admin pages' helm "$work/helm-admin.yaml" "$work/values.json" && manifests+=("$work/helm-admin.yaml")
    check 'helm: the admin pages are published where that is wished' grep -q 'path: /admin' "$work/helm-admin.yaml"
    check 'helm: the admin pages are not published by themselves' hides /admin "$work/helm.yaml"
    check 'helm: links without their secrets are refused' refuses '{"files": {"links": true}}' 'files.secret'
    check 'helm: refuses the secret of a bucket' refuses '{"files": {"s3": {"secret_access_key": "x"}}}' '/files/s3'
    check 'helm: refuses a value that is not known' refuses '{"kedaa": {}}' 'kedaa'
    check 'helm: refuses a secret among the values' refuses '{"config": {"gateway": {"admin_token": "x"}}}' '/config/gateway'
    check 'helm: refuses the password of NATS' refuses '{"config": {"nats": {"url": "nats://a:b@nats:4222"}}}' '/config/nats/url'
    check 'helm: refuses a secret on its way out' refuses "${endpoint/PLACE/\"previous_secret\": \"whsec_x\"}" '/config/crm/endpoints'
    check 'helm: takes one that is in a file' configures "${endpoint/PLACE/\"previous_secret_file\": \"/run/secrets/old\"}" \
        'previous_secret_file = "/run/secrets/old"'
    echo '{"config": {"telegram": {"bots": {"dev2production": {"mode": "poll"}}}}}' >"$work/values.json"
    check 'helm: renders with several gateways that poll' helm "$work/helm-poll.yaml" "$work/values.json"
fi
if needs 'manifests' "$no_python"; then
    # Without kubectl and Helm there are still the plain objects, which need no rendering.
    plain=("$root"/k8s/service/[!k]*.yaml "$root"/k8s/base/[!k]*.yaml)
    check 'manifests: schemas of Kubernetes 1.33' py -c 'from kubernetes_validate.__main__ import main; import sys; sys.exit(main())' \
        --quiet --no-warn --strict -k 1.33 "${plain[@]}" "${manifests[@]}"
    if [ ${#manifests[@]} -gt 0 ]; then
        check "manifests: own rules, on ${#manifests[@]} renderings" py "$here/kube.py" "${manifests[@]}"
    fi
    if [ -e "$work/overlay.yaml" ] && [ -e "$work/helm-keda.yaml" ]; then
        check 'manifests: kustomize and Helm describe the same' py "$here/parity.py" "$work/overlay.yaml" "$work/helm-keda.yaml"
        check 'manifests: they do so with files' py "$here/parity.py" "$work/overlay-files.yaml" "$work/helm-files.yaml"
    else
        skipped 'manifests: kustomize and Helm describe the same' 'one of the two was not rendered'
    fi
    check 'configuration files and secrets agree' py "$here/configs.py" "$root" "${manifests[@]}"
fi

# The services' own reading of the files, where a program is at hand. The secrets are made up.
if [ -z "${DRAGOMAN_BIN:-}" ]; then
    skipped 'configuration: dragoman config check' 'DRAGOMAN_BIN names no program'
else
    sh "$here/stand_in_secrets.sh" "$work/secrets"
    cp "$root/deploy/dragoman.toml" "$work/compose.toml"
    cp "$root/k8s/base/dragoman.toml" "$work/kustomize.toml"
    [ ! -e "$work/helm.yaml" ] || py -c 'import sys, yaml
maps = [one for one in yaml.safe_load_all(sys.stdin) if one and one["kind"] == "ConfigMap"]
print(maps[0]["data"]["dragoman.toml"])' <"$work/helm.yaml" >"$work/helm.toml"
    [ ! -e "$work/k8s" ] || cp "$work/k8s/base/dragoman.toml" "$work/kustomize-files.toml"
    [ ! -e "$work/helm-files.yaml" ] || py -c 'import sys, yaml
maps = [one for one in yaml.safe_load_all(sys.stdin) if one and one["kind"] == "ConfigMap"]
print(maps[0]["data"]["dragoman.toml"])' <"$work/helm-files.yaml" >"$work/helm-files.toml"
    for file in "$work"/*.toml; do
        sed -i.bak "s|/run/secrets|$work/secrets|; s|/usr/share/dragoman/bots|$root/bots|" "$file"
        check "configuration: dragoman config check, $(basename "$file" .toml)" env DRAGOMAN_CONFIG="$file" "$DRAGOMAN_BIN" config check
    done
fi

# --- Prometheus and Grafana --------------------------------------------------------------------------------

kubernetes_jobs() { # Debian's promtool is built without Kubernetes' discovery, so it reads what is left without it
    cp "$root/deploy/prometheus/alerts.yml" "$work" || return 1
    py -c 'import sys, yaml
config = yaml.safe_load(sys.stdin)
for job in config["scrape_configs"]:
    assert [one["role"] for one in job.pop("kubernetes_sd_configs")] == ["pod"]
yaml.safe_dump(config, sys.stdout)' <"$root/deploy/prometheus/kubernetes.yml" >"$work/kubernetes.yml" &&
        "$promtool" check config "$work/kubernetes.yml"
}
if needs 'metrics' "$no_python"; then
    check 'metrics: alerts, dashboards, list, runbook and sources agree' py "$here/metrics.py" "$root" "$work/panels.yml"
fi
if needs 'promtool' "$no_promtool"; then
    check 'prometheus: configuration and rules' "$promtool" check config "$root/deploy/prometheus/prometheus.yml"
    if needs 'prometheus: the example for Kubernetes' "$no_python"; then
        check 'prometheus: the example for Kubernetes' kubernetes_jobs
    fi
    check 'prometheus: tests of the rules' "$promtool" test rules "$root/deploy/prometheus/alerts.test.yml"
    if [ -e "$work/panels.yml" ]; then
        check "grafana: the queries parse" "$promtool" check rules "$work/panels.yml"
    fi
fi
if needs 'grafana' "$no_python"; then
    check 'grafana: own rules' py "$here/dashboard.py" "$root" "$work/dashboards.ts"
    if needs 'grafana: types of @grafana/schema' "$no_types"; then
        check 'grafana: types of @grafana/schema' tsc "$work/dashboards.ts"
    fi
fi

if [ ${#left_out[@]} -gt 0 ]; then
    printf -v list '%s; ' "${left_out[@]}"
    echo "not checked here: ${list%; }"
fi
exit "$failed"
