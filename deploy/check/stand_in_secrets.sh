#!/bin/sh
# Writes a file of the right shape for each secret into the folder $1, so that a configuration can be checked.
set -eu
mkdir -p "$1"
for schema in gateway bot llm crm analytics; do
    echo "postgres://dragoman_$schema:x@127.0.0.1:5432/dragoman" >"$1/${schema}_database_url"
done
echo postgres://postgres:x@127.0.0.1:5432/dragoman >"$1/admin_database_url"
for name in internal_token admin_token llm_api_key files_link_secret files_link_token files_s3_secret; do
    echo 0123456789abcdef0123456789abcdef >"$1/$name"
done
echo 1234567890:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA >"$1/telegram_token"
echo whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA >"$1/crm_webhook_secret"
