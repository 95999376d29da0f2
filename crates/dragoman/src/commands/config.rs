use anyhow::Result;
use service_kit::SectionDoc;
use service_kit::settings::{default_toml, json_schema, kit_sections, reference_markdown};

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
            service_kit::check_settings(&roles::named(roles)?, &settings)?;
            print("the settings are fine")
        }
        Config::Default => print(default_toml(&sections()).trim_end()),
        Config::Schema => print(&serde_json::to_string_pretty(&json_schema(&sections()))?),
        Config::Reference => print(reference_markdown(&sections()).trim_end()),
        Config::Openapi => print(&serde_json::to_string_pretty(&gateway::openapi_document())?),
    }
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
