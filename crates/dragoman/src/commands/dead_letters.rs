use anyhow::{Context, Result, bail};
use bus::DeadLetter;
use pg::PgConnection;
use service_kit::{Role, Settings};

use super::print;
use crate::cli::DeadLetters;
use crate::environment;
use crate::roles::{self, ROLES};

/// Sent back by one call.
const MOST_AT_ONCE: i64 = 10_000;

pub(super) async fn dead_letters(command: &DeadLetters) -> Result<()> {
    match command {
        DeadLetters::List { service, most, json, source } => {
            let settings = environment::settings(source.config.as_deref())?;
            let roles = match service {
                Some(name) => vec![roles::one(name)?],
                None => ROLES.to_vec(),
            };
            list(&settings, &roles, *most, *json).await
        }
        DeadLetters::Replay { service, ids, all, consumer, source } => {
            let (role, settings) = (roles::one(service)?, environment::settings(source.config.as_deref())?);
            let pool = service_kit::pool(role, &settings).await?;
            let mut connection = pool.acquire().await.context("the database gave no connection")?;
            if *all {
                replay_all(&mut connection, service, consumer.as_deref()).await
            } else {
                replay(&mut connection, service, ids).await
            }
        }
        DeadLetters::Discard { service, id, source } => {
            let (role, settings) = (roles::one(service)?, environment::settings(source.config.as_deref())?);
            let pool = service_kit::pool(role, &settings).await?;
            let mut connection = pool.acquire().await.context("the database gave no connection")?;
            if bus::discard(&mut connection, *id).await? {
                print(&format!("{id} of {service} is deleted"))
            } else {
                bail!("{service} has no dead letter {id}; see dragoman dead-letters list --service {service}")
            }
        }
    }
}

/// Sends these back. One that is not there keeps no other from it, and is an error at the end.
async fn replay(connection: &mut PgConnection, service: &str, ids: &[i64]) -> Result<()> {
    let mut unknown = Vec::new();
    for id in ids {
        if send_back(connection, *id).await? {
            print(&format!("{service} handles {id} again"))?;
        } else {
            unknown.push(id.to_string());
        }
    }
    if unknown.is_empty() {
        return Ok(());
    }
    let unknown = unknown.join(", ");
    bail!("{service} has no dead letter {unknown}; see dragoman dead-letters list --service {service}")
}

/// Sends back every one that there is now.
async fn replay_all(connection: &mut PgConnection, service: &str, consumer: Option<&str>) -> Result<()> {
    let waiting = bus::unanswered(connection, consumer, MOST_AT_ONCE).await?;
    let mut again = 0_usize;
    for id in &waiting {
        again += usize::from(send_back(connection, *id).await?);
    }
    match (again, consumer) {
        // A name that was mistyped must not look like success.
        (0, Some(consumer)) => bail!(
            "{service} has no dead letter of {consumer}; see dragoman dead-letters list --service {service}"
        ),
        (0, None) => print(&format!("{service} has no dead letters")),
        (1, _) => print(&format!("{service} handles 1 again")),
        _ if i64::try_from(waiting.len()).is_ok_and(|found| found == MOST_AT_ONCE) => {
            print(&format!("{service} handles {again} again; call it once more for the others"))
        }
        _ => print(&format!("{service} handles {again} again")),
    }
}

async fn send_back(connection: &mut PgConnection, id: i64) -> Result<bool> {
    Ok(bus::replay(connection, id).await? || jobs::replay(connection, id).await?)
}

async fn list(settings: &Settings, roles: &[&'static dyn Role], most: i64, json: bool) -> Result<()> {
    let mut count = 0;
    for role in roles {
        let pool = service_kit::pool(*role, settings).await?;
        let mut connection = pool.acquire().await.context("the database gave no connection")?;
        for letter in bus::list(&mut connection, most).await? {
            count += 1;
            print(&if json { as_json(role.name(), &letter)? } else { as_text(role.name(), &letter) })?;
        }
    }
    if count == 0 && !json {
        print("there are no dead letters")?;
    }
    Ok(())
}

fn as_json(service: &str, letter: &DeadLetter) -> Result<String> {
    let mut value = serde_json::to_value(letter)?;
    value["service"] = service.into();
    Ok(value.to_string())
}

fn as_text(service: &str, letter: &DeadLetter) -> String {
    let again = if letter.replaying { " (being replayed)" } else { "" };
    format!(
        "{service} {id}{again}\n  {kind} of {source}, key {key}, {at}, {attempts} attempt{s}\n  {error}",
        id = letter.id,
        kind = letter.kind,
        source = letter.source,
        key = letter.key,
        at = letter.created_at,
        attempts = letter.attempts,
        s = if letter.attempts == 1 { "" } else { "s" },
        error = letter.error,
    )
}
