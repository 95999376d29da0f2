//! `dragoman bot`: what a person does with a bot's folder, one file each.

mod calibrate;
mod check;
mod diff;
mod eval;
mod eval_text;
mod graph;
mod list;
mod new;
mod publish;
mod register;
mod rollback;
mod test;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use bot_folder::{BotFolder, Part};

use pg::Pool;

use super::{print, runtime};
use crate::cli::{Bot, Source};
use crate::{environment, roles};

/// Where the bots are unless it is said otherwise.
const BOTS: &str = "bots";
/// Who did something, where nobody can tell.
const UNKNOWN: &str = "unknown";

pub(super) fn bot(command: &Bot) -> Result<()> {
    match command {
        Bot::New { name } => new::new(name),
        Bot::Check { folders, json } => check::check(&found(folders)?, *json),
        Bot::Test { folders, only, json } => test::test(&found(folders)?, only.as_deref(), *json),
        Bot::Graph { folder, flow, lang } => {
            graph::graph(&folder_of(folder), flow.as_deref(), lang.as_deref())
        }
        Bot::Publish { folder, note, untested, json, source } => {
            runtime()?.block_on(publish::publish(&folder_of(folder), note, *untested, *json, source))
        }
        Bot::Rollback { bot, to, note, json, source } => {
            runtime()?.block_on(rollback::rollback(&name_of(bot), *to, note, *json, source))
        }
        Bot::Follow { bot, note, source } => {
            runtime()?.block_on(rollback::follow(&name_of(bot), note, source))
        }
        Bot::List { bot, json, source } => {
            let bot = bot.as_deref().map(name_of);
            runtime()?.block_on(list::list(bot.as_deref(), *json, source))
        }
        Bot::Diff { folder, from, to, source } => {
            runtime()?.block_on(diff::diff(&folder_of(folder), *from, *to, source))
        }
        Bot::Register { name, dry_run, json, source } => {
            let settings = environment::settings(source.config.as_deref())?;
            super::runtime()?.block_on(register::register(&settings, &name_of(name), *dry_run, *json))
        }
        Bot::Eval(wanted) => eval::eval(wanted),
        Bot::Calibrate { folder, print } => calibrate::calibrate(&folder_of(folder), *print),
        Bot::Schema { part } => {
            let part =
                Part::ALL.into_iter().find(|one| one.name() == part).context("there is no such part")?;
            print(&serde_json::to_string_pretty(&part.schema())?)
        }
    }
}

/// The bot service's tables, where the versions are.
async fn database(source: &Source) -> Result<Pool> {
    let settings = environment::settings(source.config.as_deref())?;
    Ok(service_kit::pool(roles::one("bot")?, &settings).await?)
}

/// Who does it, for the list: what the environment says, else the owner of the process by `id`.
fn whoever() -> String {
    let id = || {
        let said = std::process::Command::new("id").arg("-un").output().ok()?;
        let name = String::from_utf8(said.stdout).ok()?.trim().to_owned();
        (said.status.success() && !name.is_empty()).then_some(name)
    };
    let named = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(environment::variable);
    named.or_else(id).unwrap_or_else(|| UNKNOWN.to_owned())
}

/// The digits of a version's hash that are shown.
fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

/// The folders that were named, or all there are.
fn found(named: &[PathBuf]) -> Result<Vec<PathBuf>> {
    if named.is_empty() {
        return all_below(Path::new(BOTS));
    }
    let folders: Vec<PathBuf> = named.iter().map(|named| folder_of(named)).collect();
    match folders.iter().find(|path| !path.is_dir()) {
        Some(missing) => {
            bail!("there is no folder {0}, and no bot {0} below {BOTS}", missing.display())
        }
        None => Ok(folders),
    }
}

/// A bot's folder by its path, or by the bot's name below `bots`.
fn folder_of(named: &Path) -> PathBuf {
    let below = Path::new(BOTS).join(named);
    if !named.is_dir() && below.is_dir() { below } else { named.to_owned() }
}

/// A bot's name by itself, or by the path of its folder.
fn name_of(named: &str) -> String {
    if named.contains('/') { BotFolder::name_of(Path::new(named)) } else { named.to_owned() }
}

fn all_below(bots: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(bots)
        .with_context(|| format!("there is no folder {} here; name the bot's folder", bots.display()))?;
    let mut folders: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.is_dir() && !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
        })
        .collect();
    folders.sort();
    if folders.is_empty() {
        bail!("there is no bot in {}", bots.display());
    }
    Ok(folders)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bot_is_named_by_its_folder_or_by_its_name() {
        for named in ["corner-shop", "bots/corner-shop", "./bots/corner-shop/", "/a/corner-shop"] {
            assert_eq!(name_of(named), "corner-shop", "{named}");
        }
        // What is nowhere stays as it was named, to be told so.
        assert_eq!(folder_of(Path::new("nowhere/at-all")), Path::new("nowhere/at-all"));
    }

    #[test]
    fn folders_are_found_in_their_order_and_hidden_ones_are_not() {
        let root = tempfile::tempdir().unwrap();
        for name in ["sales", ".git", "desk"] {
            fs::create_dir(root.path().join(name)).unwrap();
        }
        fs::write(root.path().join("README.md"), "").unwrap();
        let found = all_below(root.path()).unwrap();
        assert_eq!(found, [root.path().join("desk"), root.path().join("sales")]);
        fs::remove_dir(root.path().join("desk")).unwrap();
        fs::remove_dir(root.path().join("sales")).unwrap();
        assert!(all_below(root.path()).unwrap_err().to_string().starts_with("there is no bot in"));
    }
}
