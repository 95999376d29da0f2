use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use bot::domain::Engine;
use bot::scenario::play;
use bot::versions::{self, Published};
use bot_folder::BotFolder;
use ids::Clock;
use serde_json::json;

use super::{database, short, whoever};
use crate::cli::Source;
use crate::commands::print;

/// Checks and tests the folder, then makes it the version that is served.
pub(super) async fn publish(
    folder: &Path,
    note: &str,
    untested: bool,
    json: bool,
    source: &Source,
) -> Result<()> {
    // `bots/sales/.` and a link are called as what they lead to.
    let folder = folder.canonicalize().with_context(|| format!("there is no folder {}", folder.display()))?;
    // Read once, so that what is tested is what is published.
    let files = BotFolder::files(&folder)?;
    let bot = BotFolder::from_files(&BotFolder::name_of(&folder), &files)
        .with_context(|| format!("{} has mistakes and is not published", folder.display()))?;
    let engine = Engine::new(Arc::new(bot));
    let bot = engine.folder();
    let wrong: Vec<&str> = bot
        .scenarios
        .iter()
        .filter(|one| play(&engine, one).failed.is_some())
        .map(|one| one.name.as_str())
        .collect();
    if let Some(first) = wrong.first().filter(|_| !untested) {
        bail!(
            "{} of {} scenarios go another way, the first is {first:?}, so nothing is published; dragoman bot test {} \
             tells how, and --untested publishes it all the same",
            wrong.len(),
            bot.scenarios.len(),
            folder.display()
        );
    }
    let pool = database(source).await?;
    let published = versions::publish(&pool, bot, &files, &whoever(), note, Clock::system().now()).await?;
    tell(bot.name(), &published, json)
}

/// Says which version is served now.
pub(super) fn tell(bot: &str, published: &Published, json: bool) -> Result<()> {
    let Published { number, hash, unchanged } = published;
    if json {
        let told = json!({ "bot": bot, "number": number, "version": hash, "unchanged": unchanged });
        return print(&told.to_string());
    }
    let hash = short(hash);
    print(&if *unchanged {
        format!("version {number} of {bot} ({hash}) is what is served already; nothing was changed")
    } else {
        format!(
            "version {number} of {bot} ({hash}) is served from now on; running services take it within seconds, \
             and flows under way go on as they began"
        )
    })
}
