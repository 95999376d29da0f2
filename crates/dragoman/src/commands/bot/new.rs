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

/// Where the schemas of a bot's files are in a clone of the program.
const SCHEMAS: &str = "docs/bots";

/// Makes `bots/<name>`, which must not be there.
pub(super) fn new(name: &str) -> Result<()> {
    let folder = make(Path::new(BOTS), name, Path::new(SCHEMAS).is_dir())?;
    print(&format!(
        "{folder} is there. Write what it knows and says, then:\n  dragoman bot check {folder}\n  dragoman bot test {folder}"
    ))
}

/// `schemas`: each file names the schema by which an editor completes it.
fn make(bots: &Path, name: &str, schemas: bool) -> Result<String> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if name.is_empty() || name.len() > 40 || !name.chars().all(is_plain) {
        bail!("a bot's name is 1 to 40 of a-z 0-9 - _, and `{name}` is none; choose another");
    }
    let folder = bots.join(name);
    let head = |path: &str| if schemas { schema(path).unwrap_or_default() } else { String::new() };
    let files: Vec<(String, Vec<u8>)> = TEMPLATE
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (head(path) + &text.replace(NAME, name)).into_bytes()))
        .collect();
    // What is wrong with the files is told before anything is written.
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

/// The line that names the schema of a file, as those of the bots have that come with the program.
fn schema(path: &str) -> Option<String> {
    let (name, up) = match path.strip_suffix(".yml")? {
        stem if stem.starts_with("flows/") => ("flow", "../../.."),
        stem if stem.starts_with("scenarios/") => ("scenarios", "../../.."),
        stem => (stem, "../.."),
    };
    Some(format!("# yaml-language-server: $schema={up}/{SCHEMAS}/{name}.schema.json\n"))
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
        make(root.path(), "corner-shop", true).unwrap();
        let place =
            Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().join("bots/corner-shop");
        for file in ["bot.yml", "faq.yml", "flows/request.yml", "scenarios/first.yml"] {
            let text = fs::read_to_string(root.path().join("corner-shop").join(file)).unwrap();
            let (_, schema) = text.lines().next().unwrap().split_once("$schema=").unwrap();
            let parent = place.join(file).parent().unwrap().to_owned();
            let up = schema.matches("../").count();
            let base = parent.ancestors().nth(up).unwrap();
            assert!(base.join(schema.trim_start_matches("../")).is_file(), "{file}: {schema}");
        }
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
        make(root.path(), "shop", false).unwrap();
        fs::write(root.path().join("shop/faq.yml"), "mine").unwrap();
        assert!(make(root.path(), "shop", false).unwrap_err().to_string().contains("is there already"));
        assert_eq!(fs::read_to_string(root.path().join("shop/faq.yml")).unwrap(), "mine");
        for name in ["../shop", "", "a/b", "Shop", "..", "a b", "Ünï cøde"] {
            let said = make(root.path(), name, false).unwrap_err().to_string();
            assert!(said.contains("choose another") && !said.contains("rename"), "{name}: {said}");
        }
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }
}
