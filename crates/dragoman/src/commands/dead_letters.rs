use anyhow::{Context, Result, bail};
use bus::DeadLetter;
use service_kit::{Role, Settings};

use super::print;
use crate::cli::DeadLetters;
use crate::environment;
use crate::roles::{self, ROLES};

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
        DeadLetters::Replay { service, id, source } => {
            let (role, settings) = (roles::one(service)?, environment::settings(source.config.as_deref())?);
            let pool = service_kit::pool(role, &settings).await?;
            let mut connection = pool.acquire().await.context("the database gave no connection")?;
            if bus::replay(&mut connection, *id).await? || jobs::replay(&mut connection, *id).await? {
                print(&format!("{service} handles {id} again"))
            } else {
                bail!("{service} has no dead letter {id}; see dragoman dead-letters list --service {service}")
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
