use anyhow::{Result, bail};
use bot::versions;
use ids::Clock;
use pg::Pool;

use super::{database, publish, whoever};
use crate::cli::Source;
use crate::commands::print;

/// Serves an earlier version again.
pub(super) async fn rollback(
    bot: &str,
    to: Option<i32>,
    note: &str,
    json: bool,
    source: &Source,
) -> Result<()> {
    let pool = database(source).await?;
    known(&pool, bot).await?;
    let published = versions::rollback(&pool, bot, to, &whoever(), note, Clock::system().now()).await?;
    publish::tell(bot, &published, json)
}

/// Serves the folders on the services' machines again.
pub(super) async fn follow(bot: &str, note: &str, source: &Source) -> Result<()> {
    let pool = database(source).await?;
    known(&pool, bot).await?;
    versions::follow_folder(&pool, bot, &whoever(), note, Clock::system().now()).await?;
    print(&format!("the services serve the folder {bot} on their machines from now on"))
}

/// An error where nothing is known of a bot of this name.
async fn known(pool: &Pool, bot: &str) -> Result<()> {
    if versions::versions(pool, bot).await?.is_empty() {
        bail!("no bot {bot} is known; see dragoman bot list");
    }
    Ok(())
}
