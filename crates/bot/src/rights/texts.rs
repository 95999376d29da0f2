use bot_folder::{RightsTexts, Say};

use crate::bots::Served;
use crate::domain::filled;

impl Served {
    /// A text of the bot's about a person's rights, in a language that it may not speak any more. Empty where the
    /// bot has none of these texts any more.
    pub(crate) fn rights_text(
        &self,
        language: &str,
        of: impl Fn(&RightsTexts) -> &Say,
        values: &[(&str, String)],
    ) -> String {
        let engine = self.engines.current();
        let bot = &engine.folder().bot;
        let lang = language.parse().ok().filter(|lang| bot.languages.contains(lang));
        let Some(texts) = &bot.texts.rights else { return String::new() };
        let mut all = vec![("bot", bot.persona.name.as_str())];
        all.extend(values.iter().map(|(name, value)| (*name, value.as_str())));
        filled(of(texts).text.get(lang.unwrap_or(bot.default_language)), &all)
    }
}
