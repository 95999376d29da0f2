use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use bot_folder::{BotFolder, Fault, Lang};
use serde_json::json;

use crate::commands::print;

/// Every mistake of every folder, and an error at the end if there was one.
pub(super) fn check(folders: &[PathBuf], json: bool) -> Result<()> {
    let mut wrong = 0;
    for path in folders {
        match BotFolder::load(path) {
            Ok(bot) if json => {
                print(&json!({ "folder": path, "ok": true, "version": bot.content_hash() }).to_string())?;
            }
            Ok(bot) => print(&format!("{}: fine: {}", path.display(), summary(&bot)))?,
            Err(errors) => {
                wrong += 1;
                for fault in &errors.0 {
                    print(&if json { as_json(path, fault) } else { format!("{}/{fault}", path.display()) })?;
                }
            }
        }
    }
    match (wrong, folders.len()) {
        (0, _) => Ok(()),
        (1, 1) => bail!("the bot has mistakes; each line names a file, a line, a column and a field"),
        (wrong, all) => bail!("{wrong} of {all} bots have mistakes"),
    }
}

fn summary(bot: &BotFolder) -> String {
    let languages: Vec<&str> = bot.bot.languages.iter().map(Lang::as_str).collect();
    let count = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    [
        languages.join(" and "),
        count(bot.menu.commands.len(), "command", "commands"),
        count(bot.faq.entries.len(), "answer of the FAQ", "answers of the FAQ"),
        count(bot.flows.len(), "flow", "flows"),
        count(bot.knowledge.len(), "page of knowledge", "pages of knowledge"),
        format!("version {}", bot.content_hash().get(..12).unwrap_or_default()),
    ]
    .join(", ")
}

fn as_json(folder: &Path, fault: &Fault) -> String {
    let Fault { file, line, column, field, message } = fault;
    json!({
        "folder": folder, "ok": false, "file": file, "line": line, "column": column, "field": field,
        "message": message
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_one_object_for_programs() {
        let fault = Fault {
            file: "faq.yml".to_owned(),
            line: 12,
            column: 5,
            field: "entries[2]".to_owned(),
            message: "no".to_owned(),
        };
        assert_eq!(
            as_json(Path::new("bots/x"), &fault),
            r#"{"column":5,"field":"entries[2]","file":"faq.yml","folder":"bots/x","line":12,"message":"no","ok":false}"#
        );
    }
}
