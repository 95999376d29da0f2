use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use bot::domain::Engine;
use bot::scenario::{Played, play};
use bot_folder::{BotFolder, Scenario};
use serde_json::json;

use crate::commands::print;

/// Plays every scenario, tells of those that went another way, and is an error if one did or if there was none.
pub(super) fn test(folders: &[PathBuf], only: Option<&str>, json: bool) -> Result<()> {
    let (mut passed, mut failed) = (0, 0);
    for path in folders {
        let folder = BotFolder::load(path).with_context(|| format!("{}", path.display()))?;
        let engine = Engine::new(Arc::new(folder));
        let began = Instant::now();
        let (before, broken) = (passed, failed);
        for scenario in engine.folder().scenarios.iter().filter(|scenario| is_wanted(scenario, only)) {
            let played = play(&engine, scenario);
            match played.failed {
                None => passed += 1,
                Some(_) => failed += 1,
            }
            if json {
                print(&as_json(engine.folder().name(), &path_of(path, &played), &played))?;
            } else if let Some(wrong) = &played.failed {
                print(&format!("FAIL {}:{}: {}\n{wrong}", path_of(path, &played), played.line, played.name))?;
            }
        }
        if !json {
            let took = began.elapsed().as_secs_f64();
            let (passed, failed) = (passed - before, failed - broken);
            print(&format!("{}: {passed} passed, {failed} failed, {took:.2} s", path.display()))?;
        }
    }
    match (passed, failed) {
        (0, 0) => bail!("there is no such scenario"),
        (_, 0) => Ok(()),
        (passed, failed) => bail!("{failed} of {} scenarios went another way", passed + failed),
    }
}

fn is_wanted(scenario: &Scenario, only: Option<&str>) -> bool {
    only.is_none_or(|text| scenario.name.contains(text) || scenario.file.contains(text))
}

/// The file that a scenario stands in.
fn path_of(folder: &Path, played: &Played) -> String {
    folder.join("scenarios").join(format!("{}.yml", played.file)).display().to_string()
}

fn as_json(bot: &str, path: &str, played: &Played) -> String {
    let Played { file, line, name, failed } = played;
    let wrong = failed.as_ref().map(|failed| json!({ "moment": failed.moment, "wrong": failed.wrong }));
    json!({ "bot": bot, "file": file, "path": path, "line": line, "name": name, "ok": failed.is_none(), "failed": wrong }).to_string()
}
