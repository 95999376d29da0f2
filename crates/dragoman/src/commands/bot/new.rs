use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use bot_folder::BotFolder;

use super::BOTS;
use crate::commands::print;

macro_rules! template {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../templates/bot/", $path)))),*]
    };
}

/// The files of a small bot that works, in English and Russian.
const TEMPLATE: &[(&str, &str)] = template![
    "bot.yml",
    "menu.yml",
    "faq.yml",
    "flows/request.yml",
    "prompts/system.md",
    "knowledge/about-en.md",
    "knowledge/about-ru.md",
    "scenarios/first.yml",
];

/// Where the new bot's name goes.
const NAME: &str = "BOT_NAME";

/// Makes `bots/<name>`, which must not be there.
pub(super) fn new(name: &str) -> Result<()> {
    let folder = make(Path::new(BOTS), name)?;
    print(&format!(
        "{folder} is there. Write what it knows and says, then:\n  dragoman bot check {folder}\n  dragoman bot test {folder}"
    ))
}

fn make(bots: &Path, name: &str) -> Result<String> {
    let folder = bots.join(name);
    let files: Vec<(String, Vec<u8>)> = TEMPLATE
        .iter()
        .map(|(path, text)| ((*path).to_owned(), text.replace(NAME, name).into_bytes()))
        .collect();
    // What is wrong with the name is told before anything is written.
    BotFolder::from_files(name, &files)?;
    fs::create_dir_all(bots).with_context(|| format!("{} can not be made", bots.display()))?;
    match fs::create_dir(&folder) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            bail!("{} is there already; choose another name", folder.display())
        }
        made => made.with_context(|| format!("{} can not be made", folder.display()))?,
    }
    for (path, text) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(|| format!("{} can not be made", parent.display()))?;
        }
        fs::write(&path, text).with_context(|| format!("{} can not be written", path.display()))?;
    }
    Ok(folder.display().to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bot::domain::Engine;
    use bot::scenario::play;

    use super::*;

    #[test]
    fn a_new_bot_has_no_mistake_and_passes_its_scenarios() {
        let root = tempfile::tempdir().unwrap();
        make(root.path(), "corner-shop").unwrap();
        let folder = BotFolder::load(&root.path().join("corner-shop")).unwrap();
        assert_eq!(folder.name(), "corner-shop");
        let engine = Engine::new(Arc::new(folder));
        for scenario in &engine.folder().scenarios {
            let played = play(&engine, scenario);
            assert!(played.failed.is_none(), "{}: {}", played.name, played.failed.unwrap());
        }
    }

    #[test]
    fn nothing_is_written_over_and_no_name_leads_elsewhere() {
        let root = tempfile::tempdir().unwrap();
        make(root.path(), "shop").unwrap();
        fs::write(root.path().join("shop/faq.yml"), "mine").unwrap();
        assert!(make(root.path(), "shop").unwrap_err().to_string().contains("is there already"));
        assert_eq!(fs::read_to_string(root.path().join("shop/faq.yml")).unwrap(), "mine");
        for name in ["../shop", "", "a/b", "Shop", "..", "a b"] {
            assert!(make(root.path(), name).is_err(), "{name}");
        }
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }
}
