//! `menu.yml`: the pages the bot can show, and the commands that lead to them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Action, Localized, LocalizedList};

/// The whole of `menu.yml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Menu {
    /// In the order Telegram lists them. `start` must be one of them.
    #[serde(deserialize_with = "crate::yaml::recover::each")]
    pub commands: Vec<Command>,
    #[serde(deserialize_with = "crate::yaml::recover::each_entry")]
    pub pages: BTreeMap<String, Say>,
}

impl Menu {
    #[must_use]
    pub fn command(&self, name: &str) -> Option<&Command> {
        self.commands.iter().find(|command| command.name == name)
    }
}

/// A command a person can send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// Without the slash: 1 to 32 of `a-z 0-9 _`.
    pub name: String,
    /// What Telegram shows beside it, 1 to 256 characters.
    pub description: Localized,
    pub action: Action,
    /// What people write instead of the command, in whole: `call a human`, `позовите человека`.
    #[serde(default)]
    pub phrases: LocalizedList,
    /// The page that is said instead while a flow waits for an answer; its question is asked again below it. For small
    /// talk, which is no reason to leave a flow.
    #[serde(default)]
    pub in_flow: Option<String>,
    /// Works, but is not listed.
    #[serde(default)]
    pub hidden: bool,
}

/// A text with buttons below it.
///
/// In a text, `{name}` stands for the person's first name, `{, name}` for the same with a comma before
/// it (and for nothing where there is no name), `{bot}` for the persona's name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Say {
    pub text: Localized,
    /// Rows of buttons.
    #[serde(default, deserialize_with = "crate::yaml::recover::each")]
    pub buttons: Vec<Vec<MenuButton>>,
}

/// A button of a page: either `action` or `url`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MenuButton {
    /// At most 40 characters, so that a telephone shows it whole.
    pub label: Localized,
    #[serde(default)]
    pub action: Option<Action>,
    #[serde(default)]
    pub url: Option<String>,
}
