#!/bin/sh
# Writes the secrets that compose.yml mounts into deploy/secrets/, each once: what is there and not empty stays.
#   TELEGRAM_BOT_TOKEN=… deploy/secrets.sh
# LLM_API_KEY and CRM_WEBHOOK_SECRET are taken from the environment too and may be empty.
set -eu
umask 077
cd "$(dirname "$0")"
mkdir -p secrets

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
# put NAME VALUE: the containers run as another user, so a file is readable and the folder is what protects it.
put() {
    [ -s "secrets/$1" ] && return 0
    rm -f "secrets/$1"
    printf '%s' "$2" >"secrets/$1"
    chmod 0444 "secrets/$1"
    echo "wrote deploy/secrets/$1"
}

if [ ! -s secrets/telegram_token ] && [ -z "${TELEGRAM_BOT_TOKEN:-}" ]; then
    echo "set TELEGRAM_BOT_TOKEN to the token that @BotFather gave, then run this again" >&2
    exit 1
fi
put telegram_token "${TELEGRAM_BOT_TOKEN:-}"
put llm_api_key "${LLM_API_KEY:-}"
put crm_webhook_secret "${CRM_WEBHOOK_SECRET:-whsec_$(head -c 24 /dev/urandom | base64)}"
put internal_token "$(random)"
put admin_token "$(random)"
put files_link_secret "$(random)"
put files_link_token "$(random)"
put postgres_password "$(random)"
put admin_database_url "postgres://postgres:$(cat secrets/postgres_password)@postgres:5432/dragoman"
put grafana_admin_password "$(random)"
for schema in gateway bot llm crm analytics; do
    put "${schema}_database_url" "postgres://dragoman_$schema:$(random)@postgres:5432/dragoman"
done
