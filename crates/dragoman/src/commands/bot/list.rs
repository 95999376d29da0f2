use anyhow::{Result, bail};
use bot::versions::{self, Publication, Version};
use pg::Pool;
use serde_json::json;

use super::{UNKNOWN, database, short};
use crate::cli::Source;
use crate::commands::print;

/// The versions of one bot, or of all.
pub(super) async fn list(bot: Option<&str>, json: bool, source: &Source) -> Result<()> {
    let pool = database(source).await?;
    let known = versions::folders(&pool).await?;
    let wanted = match bot {
        Some(bot) if known.iter().any(|one| one == bot) => vec![bot.to_owned()],
        Some(bot) => {
            bail!("no version of a bot {bot} is known; the bot service keeps one when it first serves it")
        }
        None => known,
    };
    for bot in &wanted {
        list_one(&pool, bot, json).await?;
    }
    if wanted.is_empty() && !json {
        print("no version of any bot is known; the bot service keeps one when it first serves it")?;
    }
    Ok(())
}

async fn list_one(pool: &Pool, bot: &str, json: bool) -> Result<()> {
    let (all, history) = (versions::versions(pool, bot).await?, versions::history(pool, bot).await?);
    let served = history.first().and_then(|said| said.hash.as_deref());
    if !json {
        print(&match (served, history.first()) {
            (Some(_), _) => bot.to_owned(),
            (None, None) => {
                format!("{bot}: nothing is published; the services serve the folder on their machines")
            }
            (None, Some(said)) => format!(
                "{bot}: the services serve the folder on their machines since {:.0}{}{}",
                said.at,
                by(said),
                note(said)
            ),
        })?;
    }
    for version in &all {
        let said: Vec<&Publication> =
            history.iter().filter(|said| said.hash.as_deref() == Some(&version.hash)).collect();
        let is_served = served == Some(version.hash.as_str());
        print(&if json {
            as_json(bot, version, is_served, &said)
        } else {
            as_text(version, is_served, &said)
        })?;
    }
    Ok(())
}

fn as_text(version: &Version, is_served: bool, said: &[&Publication]) -> String {
    let mark = if is_served { "*" } else { " " };
    let mut text = format!(
        "{mark} {:>3}  {}  known since {:.0}",
        version.number,
        short(&version.hash),
        version.known_at
    );
    for one in said {
        text += &format!("\n       {:.0}  {}{}{}", one.at, one.action, by(one), note(one));
    }
    text
}

/// Who did it, where that is known.
fn by(said: &Publication) -> String {
    if said.by.is_empty() || said.by == UNKNOWN { String::new() } else { format!(" by {}", said.by) }
}

fn note(said: &Publication) -> String {
    if said.note.is_empty() { String::new() } else { format!(": {}", said.note) }
}

fn as_json(bot: &str, version: &Version, is_served: bool, said: &[&Publication]) -> String {
    let said: Vec<_> = said
        .iter()
        .map(|one| json!({ "at": one.at, "action": one.action, "by": one.by, "note": one.note }))
        .collect();
    json!({
        "bot": bot,
        "number": version.number,
        "version": version.hash,
        "known_at": version.known_at,
        "served": is_served,
        "publications": said,
    })
    .to_string()
}
