//! Before the end: the answers are shown, to be sent or changed.

use bot_folder::Flow;

use super::ask::{CANCEL, CHANGE, EDIT, SEND, data};
use crate::domain::text::looks_like_question;
use crate::domain::turn::Turn;
use crate::domain::words::assent;
use crate::domain::{Button, Source, Stage};

impl Turn<'_> {
    /// The answers with the buttons to send and to change them, or the answers one of which is to be changed.
    pub(super) fn ask_stage(&mut self, flow: &Flow, stage: Stage, before: Option<&str>, source: Source) {
        let Some(run) = &self.state.flow else { return };
        let (prompt, step) = (run.prompt, run.step.clone());
        let labels = &self.folder.bot.labels;
        let button = |label: &bot_folder::Localized, value: &str| {
            Button::callback(label.get(self.lang), &data(prompt, &step, value))
        };
        let (text, rows) = if stage == Stage::Choosing {
            let passed = self.walk().map(|(_, walk)| walk.passed).unwrap_or_default();
            let mut rows: Vec<Vec<Button>> = passed
                .iter()
                .filter_map(|number| flow.steps.get(*number))
                .map(|step| vec![Button::callback(step.title.get(self.lang), &data(prompt, &step.id, EDIT))])
                .collect();
            rows.push(vec![button(&labels.back, super::ask::BACK)]);
            (self.fill(self.folder.bot.texts.which_answer.text.get(self.lang), &[]), rows)
        } else {
            let summary = self.summary(flow, run);
            let confirm = flow.confirm.as_ref().map_or("{summary}", |text| text.get(self.lang));
            let rows = vec![
                vec![button(&labels.send, SEND)],
                vec![button(&labels.change, CHANGE), button(&labels.cancel, CANCEL)],
            ];
            (self.fill(confirm, &[("summary", &summary)]), rows)
        };
        let text = before.map_or_else(|| text.clone(), |before| format!("{before}\n\n{text}"));
        self.send(text, rows, source);
    }

    /// Offers the answers given so far to be changed.
    pub(super) fn choose(&mut self) {
        match self.walk().map(|(_, walk)| walk.passed) {
            Some(passed) if !passed.is_empty() => self.show_stage(Stage::Choosing, None, Source::Flow),
            _ => self.aside(&self.folder.bot.texts.first_question),
        }
    }

    /// A text while the answers are shown.
    pub(super) fn review_text(&mut self, flow: usize, stage: Stage, text: &str) {
        if let Some(number) = self.engine.orders.step(flow, text)
            && self.change(number)
        {
            return;
        }
        if stage == Stage::Review {
            match assent(text) {
                Some(true) => return self.finish(),
                Some(false) => return self.choose(),
                None => {}
            }
        }
        if let Some(found) = self.meant_in_flow(text) {
            return self.say_found(found);
        }
        if looks_like_question(text) {
            return self.ask_model(text);
        }
        let texts = &self.folder.bot.texts;
        let say = if stage == Stage::Review { &texts.send_or_change } else { &texts.hint_choice };
        self.aside(say);
    }
}
