use anyhow::Result;
use bot::BotServiceConfig;
use service_kit::settings::{default_toml, json_schema, kit_sections, reference_markdown};
use service_kit::{SectionDoc, Settings};
use telegram::TelegramConfig;

use super::print;
use crate::cli::Config;
use crate::environment;
use crate::roles::{self, ROLES};

pub(super) fn config(command: &Config) -> Result<()> {
    match command {
        Config::Check { roles, source } => {
            let found = environment::found(source.config.as_deref());
            let settings = environment::load(&found)?;
            // Said before what is wrong: who looks at the wrong file wonders about its problems.
            print(&match found.as_slice() {
                [] => {
                    "there is no settings file: only the environment and the defaults are checked".to_owned()
                }
                [under, over] => {
                    format!("read {}, {} over it, and the environment", under.display(), over.display())
                }
                [file, ..] => format!("read {} and the environment", file.display()),
            })?;
            let roles = roles::named(roles)?;
            service_kit::check_settings(&roles, &settings)?;
            let missing = if roles.iter().any(|role| role.name() == "bot") {
                without_folder(&settings)?
            } else {
                Vec::new()
            };
            missing.iter().try_for_each(|line| print(line))?;
            print(if missing.is_empty() {
                "the settings are fine"
            } else {
                "the settings are fine otherwise"
            })
        }
        Config::Default => print(default_toml(&sections()).trim_end()),
        Config::Schema => print(&serde_json::to_string_pretty(&json_schema(&sections()))?),
        Config::Reference => print(reference_markdown(&sections()).trim_end()),
        Config::Openapi => print(&serde_json::to_string_pretty(&gateway::openapi_document())?),
    }
}

/// A line for each bot whose folder is not here. It is no error: elsewhere it may be, and a published version needs none.
fn without_folder(settings: &Settings) -> Result<Vec<String>> {
    let telegram: TelegramConfig = settings.section("telegram")?;
    let bots = settings.section::<BotServiceConfig>("bot")?.bots_dir;
    let mut lines = Vec::new();
    for (name, bot) in &telegram.bots {
        let folder = bot.folder.as_deref().unwrap_or(name.as_str());
        let path = bots.join(folder);
        if !path.is_dir() {
            let place = settings.place(&["telegram", "bots", name.as_str()]);
            lines.push(format!(
                "{place}: telegram.bots.{name}: there is no folder {}; without a published version the bot service does not \
                 start: make it (dragoman bot new {folder}), or name another by `folder`",
                path.display()
            ));
        }
    }
    Ok(lines)
}

/// Every section there is, each once.
fn sections() -> Vec<SectionDoc> {
    let mut sections = kit_sections();
    for section in ROLES.iter().flat_map(|role| role.sections()) {
        if sections.iter().all(|known| known.name != section.name) {
            sections.push(section);
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bot_without_a_folder_is_named() {
        let bots = concat!(env!("CARGO_MANIFEST_DIR"), "/../../bots");
        let toml = format!(
            "[bot]\nbots_dir = {bots:?}\n[telegram.bots.dev2production]\ntoken = \"1:a\"\n\
             [telegram.bots.a_b]\ntoken = \"2:a\"\n[telegram.bots.c]\ntoken = \"3:a\"\nfolder = \"dev2production\"\n"
        );
        let said = without_folder(&Settings::from_toml(&toml, []).unwrap()).unwrap();
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].starts_with("settings:5:16: telegram.bots.a_b: there is no folder "), "{said:?}");
        assert!(said[0].contains("(dragoman bot new a_b)"), "{said:?}");
    }
}
