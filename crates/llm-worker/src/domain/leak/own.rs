//! The words of a bot that anybody may read.

use std::sync::Arc;

use bot_folder::BotFolder;
use serde::Serialize;
use serde_json::Value;

/// What a bot says by itself, in every language: its texts, pages, answers and questions, and who it says that it is. How
/// it is told to behave is not among it.
#[derive(Clone, Debug, Default)]
pub(crate) struct OwnWords(Arc<str>);

impl OwnWords {
    pub(crate) fn of(folder: &BotFolder) -> Self {
        let bot = &folder.bot;
        let mut own = String::new();
        for lang in &bot.languages {
            // As it presents itself.
            own += &format!("{}, {}\n", bot.persona.name, bot.persona.role.get(*lang));
        }
        let said = (&bot.description, &bot.about, &bot.texts, &bot.labels, &bot.spam);
        gather(&said, &mut own);
        gather(&(&folder.menu, &folder.faq, &folder.flows), &mut own);
        Self(own.into())
    }

    /// A text a line, more or less.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

fn gather(part: &impl Serialize, own: &mut String) {
    // What can not be written as JSON holds no words that anybody is told.
    add(&serde_json::to_value(part).unwrap_or_default(), own);
}

fn add(value: &Value, own: &mut String) {
    match value {
        Value::String(text) => {
            own.push_str(text);
            own.push('\n');
        }
        Value::Array(parts) => parts.iter().for_each(|part| add(part, own)),
        Value::Object(parts) => parts.values().for_each(|part| add(part, own)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
