#!/bin/sh
# Runs once, when the database is created: one login role and one schema per service, and no right elsewhere.
# The passwords are those of the connection strings that the services are given as secrets.
# The server's entry point may read this file into its own shell, hence the function and the subshell.
create_roles() (
    set -eu
    secrets=${SECRETS_DIR:-/run/secrets}
    database=${POSTGRES_DB:-dragoman}
    sql() { psql --set ON_ERROR_STOP=1 --no-psqlrc --quiet --username "${POSTGRES_USER:-postgres}" --dbname "$database" "$@"; }

    sql --command 'create extension if not exists vector' --command 'revoke create on schema public from public'
    for schema in gateway bot llm crm analytics; do
        # postgres://dragoman_bot:PASSWORD@postgres:5432/dragoman
        password=$(sed -n 's|^[a-z]*://[^:]*:\([^@]*\)@.*|\1|p' "$secrets/${schema}_database_url")
        if [ -z "$password" ]; then
            echo "no password in the connection string $secrets/${schema}_database_url" >&2
            exit 1
        fi
        sql --set role="dragoman_$schema" --set schema="$schema" --set password="$password" <<'SQL'
create role :"role" login nosuperuser nocreatedb nocreaterole noreplication password :'password';
grant :"role" to current_user;
create schema :"schema" authorization :"role";
revoke all on schema :"schema" from public;
SQL
    done
)
create_roles || exit 1
