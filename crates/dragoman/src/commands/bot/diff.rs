use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::Path;

use anyhow::{Context, Result, bail};
use bot::versions;
use bot_folder::{BotFolder, Files};
use pg::Pool;
use similar::{ChangeTag, TextDiff};

use super::{database, short};
use crate::cli::Source;
use crate::commands::print;
use crate::environment;

/// Lines shown around a change.
const CONTEXT: usize = 2;

/// One side: what it is called, and its files' texts.
struct Side {
    name: String,
    files: BTreeMap<String, String>,
}

/// What differs, as a unified diff; says so where nothing does.
pub(super) async fn diff(folder: &Path, from: Option<i32>, to: Option<i32>, source: &Source) -> Result<()> {
    let path = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let bot = BotFolder::name_of(&path);
    let pool = database(source).await?;
    let from = version(&pool, &bot, from).await?;
    let to = match to {
        Some(number) => version(&pool, &bot, Some(number)).await?,
        None => {
            let files =
                BotFolder::files(&path).with_context(|| format!("{} can not be read", path.display()))?;
            side("folder".to_owned(), files)
        }
    };
    let coloured = std::io::stdout().is_terminal() && environment::variable("NO_COLOR").is_none();
    let mut changed = 0;
    let names: std::collections::BTreeSet<&String> = from.files.keys().chain(to.files.keys()).collect();
    for name in names {
        let (before, after) = (from.files.get(name), to.files.get(name));
        if before == after {
            continue;
        }
        changed += 1;
        print(&heading(name, &from.name, &to.name, before.is_some(), after.is_some()))?;
        let text = |side: Option<&String>| side.map_or_else(String::new, Clone::clone);
        print(unified(&text(before), &text(after), coloured).trim_end())?;
    }
    if changed == 0 {
        print(&format!("{} and {} are the same", from.name, to.name))?;
    }
    Ok(())
}

/// The version of this number, or the one that is served.
async fn version(pool: &Pool, bot: &str, number: Option<i32>) -> Result<Side> {
    let all = versions::versions(pool, bot).await?;
    let wanted = match number {
        Some(number) => all.iter().find(|one| one.number == number),
        None => match versions::history(pool, bot).await?.first().and_then(|said| said.hash.clone()) {
            Some(hash) => all.iter().find(|one| one.hash == hash),
            // Nothing is published: what was served last.
            None => all.first(),
        },
    };
    let Some(wanted) = wanted else {
        match number {
            Some(number) => bail!("bot {bot} has no version {number}; see dragoman bot list {bot}"),
            None => {
                bail!("no version of a bot {bot} is known; the bot service keeps one when it first serves it")
            }
        }
    };
    let files = versions::files(pool, bot, &wanted.hash).await?.unwrap_or_default();
    Ok(side(format!("version {} ({})", wanted.number, short(&wanted.hash)), files))
}

fn side(name: String, files: Files) -> Side {
    let served = files.into_iter().filter(|(name, _)| BotFolder::is_served(name));
    Side {
        name,
        files: served.map(|(name, text)| (name, String::from_utf8_lossy(&text).into_owned())).collect(),
    }
}

fn heading(file: &str, from: &str, to: &str, was: bool, is: bool) -> String {
    match (was, is) {
        (true, false) => format!("{file}: in {from}, not in {to}"),
        (false, true) => format!("{file}: not in {from}, in {to}"),
        _ => format!("{file}: {from} → {to}"),
    }
}

fn unified(before: &str, after: &str, coloured: bool) -> String {
    let diff = TextDiff::from_lines(before, after);
    let mut text = String::new();
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        text += &format!("{}\n", hunk.header());
        for change in hunk.iter_changes() {
            let (sign, colour) = match change.tag() {
                ChangeTag::Delete => ('-', "\x1b[31m"),
                ChangeTag::Insert => ('+', "\x1b[32m"),
                ChangeTag::Equal => (' ', ""),
            };
            let line = change.value().trim_end_matches('\n');
            text += &if coloured && !colour.is_empty() {
                format!("{colour}{sign}{line}\x1b[0m\n")
            } else {
                format!("{sign}{line}\n")
            };
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_shown_with_its_surroundings_and_without_colours_where_they_are_not_wanted() {
        let before = "a\nb\nc\nd\ne\nf\n";
        let shown = unified(before, &before.replace("e\n", "E\n"), false);
        assert_eq!(shown, "@@ -3,4 +3,4 @@\n c\n d\n-e\n+E\n f\n");
        assert!(unified("a\n", "b\n", true).contains("\u{1b}[31m-a\u{1b}[0m"));
        assert_eq!(
            heading("faq.yml", "version 1", "folder", false, true),
            "faq.yml: not in version 1, in folder"
        );
    }
}
