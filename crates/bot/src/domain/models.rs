//! `/model`: which model answers a person is theirs to choose, from those that may be chosen.

use bot_folder::{Action, ModelTexts};

use super::turn::Turn;
use super::{Button, Source};

/// Takes the choice back.
const AUTO: &str = "auto";
/// Telegram's limit for a button's data; a longer name can still be written.
const DATA_BYTES: usize = 64;

impl Turn<'_> {
    /// The person asks for this model, or empty: which there are. Where nothing may be chosen, or somebody asks in a
    /// group, there is no such command.
    pub(super) fn choose_model(&mut self, asked: &str) {
        let folder = self.folder;
        let offered = self.input.chat.private && !self.input.choosable.is_empty();
        let Some(texts) = folder.bot.texts.models.as_ref().filter(|_| offered) else {
            return self.aside(&folder.bot.texts.unknown_command);
        };
        let asked = asked.trim();
        if asked.is_empty() {
            return self.offer_models(texts);
        }
        if asked.eq_ignore_ascii_case(AUTO) {
            self.state.model = None;
            return self.model_is_set(texts.unset.text.get(self.lang), "");
        }
        match self.model_called(asked) {
            Some(model) => {
                self.state.model = Some(model.clone());
                self.model_is_set(texts.set.text.get(self.lang), &model);
            }
            None => {
                let models = self.input.choosable.join("\n");
                let text = self.fill(texts.unknown.text.get(self.lang), &[("models", &models)]);
                self.send(text, self.models(texts), Source::Command);
            }
        }
    }

    fn offer_models(&mut self, texts: &ModelTexts) {
        let chosen = self.state.model.as_ref().filter(|model| self.input.choosable.contains(model));
        let model = chosen.cloned().unwrap_or_else(|| texts.auto.get(self.lang).to_owned());
        let text = self.fill(texts.choose.text.get(self.lang), &[("model", &model)]);
        self.send(text, self.models(texts), Source::Command);
    }

    fn model_is_set(&mut self, text: &str, model: &str) {
        let text = self.fill(text, &[("model", model)]);
        if self.state.flow.is_some() {
            self.with_question(text, Source::Canned);
        } else {
            self.send(text, Vec::new(), Source::Command);
        }
    }

    /// A model by its whole name, or by what stands behind the provider's where that is one model's alone.
    fn model_called(&self, asked: &str) -> Option<String> {
        let all = &self.input.choosable;
        if let Some(whole) = all.iter().find(|model| model.eq_ignore_ascii_case(asked)) {
            return Some(whole.clone());
        }
        let is_short =
            |model: &&String| model.split_once('/').is_some_and(|(_, name)| name.eq_ignore_ascii_case(asked));
        let mut short = all.iter().filter(is_short);
        short.next().filter(|_| short.next().is_none()).cloned()
    }

    /// A button for each, and one that takes the choice back.
    fn models(&self, texts: &ModelTexts) -> Vec<Vec<Button>> {
        let button = |label: &str, model: &str| {
            let data = Action::SetModel(model.to_owned()).to_string();
            (data.len() <= DATA_BYTES).then(|| vec![Button::callback(label, &data)])
        };
        let all = self.input.choosable.iter().filter_map(|model| button(model, model));
        all.chain(button(texts.auto.get(self.lang), AUTO)).collect()
    }
}
