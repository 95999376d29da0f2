use std::borrow::Cow;
use std::str::FromStr;

use ids::Secret;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

use crate::PgError;

/// Creates (or repairs) what a service needs before it can connect: its login role, its schema owned by that
/// role, and no right to anything else. Where the administrator owns the database, nobody else may connect to
/// it unasked. `admin_url` names a role that may create roles and schemas in the
/// database; the service's role and password are those of `service_url`.
pub async fn provision(admin_url: &Secret, schema: &str, service_url: &Secret) -> Result<(), PgError> {
    let (role, password) = login(service_url)?;
    // A statement below holds a password, and a slow statement is logged in full.
    let options = PgConnectOptions::from_str(admin_url.expose())?.disable_statement_logging();
    let mut admin = options.connect().await?;
    let mut tx = admin.begin().await?;
    // Two replicas may provision at once; role creation has no "if not exists".
    sqlx::query("select pg_advisory_xact_lock(hashtext('dragoman provision'))").execute(&mut *tx).await?;
    let administers: Option<bool> =
        sqlx::query_scalar("select rolsuper or rolcreaterole from pg_roles where rolname = $1")
            .bind(&role)
            .fetch_optional(&mut *tx)
            .await?;
    // Its rights would be taken from it below, for the whole cluster.
    if administers == Some(true) {
        return Err(bad(
            "the service's database_url names an administrator; give the service a role of its own",
        ));
    }
    let (role_name, schema_name) = (quoted(&role), quoted(schema));
    let verb = if administers.is_some() { "alter" } else { "create" };
    let secret = password.expose().replace('\'', "''");
    run(&mut tx, format!(
        "{verb} role {role_name} login nosuperuser nocreatedb nocreaterole noreplication password '{secret}'"
    ))
    .await?;
    // An owner must be a role that the administrator is a member of (for one that is no superuser).
    run(&mut tx, format!("grant {role_name} to current_user")).await?;
    run(&mut tx, format!("create schema if not exists {schema_name} authorization {role_name}")).await?;
    run(&mut tx, format!("revoke all on schema {schema_name} from public")).await?;
    run(&mut tx, "revoke create on schema public from public".to_owned()).await?;
    let closed = close_to_strangers(&mut tx, &role_name).await?;
    tx.commit().await?;
    admin.close().await?;
    // Whoever watches or saves the database finds out here, and not from a refused connection.
    if let Some(database) = closed {
        let grant = format!("grant connect on database {} to …", quoted(&database));
        tracing::info!(
            database,
            grant,
            "the right to connect was taken from PUBLIC; a role for backups or monitoring that owns no schema here has to be granted it by name"
        );
    }
    Ok(())
}

/// Takes from everybody what a new database gives to everybody: to connect and to make temporary tables. So the
/// role of a service reaches the database of its own installation and no other. A database that the
/// administrator does not own is its owner's to close. The name of the database, if it was open until now.
async fn close_to_strangers(tx: &mut PgConnection, role_name: &str) -> Result<Option<String>, PgError> {
    let (database, ours, open): (String, bool, bool) = sqlx::query_as(
        "select datname::text, pg_get_userbyid(datdba) = current_user,
                has_database_privilege('public', oid, 'connect') or has_database_privilege('public', oid, 'temporary')
         from pg_database where datname = current_database()",
    )
    .fetch_one(&mut *tx)
    .await?;
    if !ours {
        tracing::debug!(
            database,
            "the database belongs to another role; who may connect to it is left as it is"
        );
        return Ok(None);
    }
    let database_name = quoted(&database);
    run(tx, format!("grant connect on database {database_name} to {role_name}")).await?;
    if !open {
        return Ok(None);
    }
    // Services that were provisioned when everybody might connect are running now, and so may others be that
    // share the database.
    let owners: Vec<String> = sqlx::query_scalar(
        "select distinct rolname::text from pg_namespace join pg_roles on pg_roles.oid = nspowner
         where rolcanlogin order by 1",
    )
    .fetch_all(&mut *tx)
    .await?;
    for owner in owners {
        run(tx, format!("grant connect on database {database_name} to {}", quoted(&owner))).await?;
    }
    run(tx, format!("revoke connect, temporary on database {database_name} from public")).await?;
    Ok(Some(database))
}

/// The role and password in a connection address.
fn login(url: &Secret) -> Result<(String, Secret), PgError> {
    let url =
        url::Url::parse(url.expose()).map_err(|_| bad("the service's database_url is not an address"))?;
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().map(Cow::into_owned);
    let role = decoded(url.username()).map_err(|_| bad("the role in database_url is not UTF-8"))?;
    let password = decoded(url.password().unwrap_or_default())
        .map_err(|_| bad("the password in database_url is not UTF-8"))?;
    if role.is_empty() || password.is_empty() {
        return Err(bad("the service's database_url names no role or no password"));
    }
    Ok((role, Secret::new(password)))
}

fn bad(what: &str) -> PgError {
    sqlx::Error::Configuration(what.into()).into()
}

async fn run(connection: &mut PgConnection, statement: String) -> Result<(), PgError> {
    // Identifiers and the password are quoted above; role and schema names come from the roles' own list.
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await?;
    Ok(())
}

fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}
