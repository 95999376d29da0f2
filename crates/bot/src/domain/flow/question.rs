//! A step that lets the person ask: the FAQ or a model answers, and the flow goes on below the answer.

use bot_folder::StepInput;
use ids::Pii;

use super::answer::Found;
use crate::domain::turn::Turn;
use crate::domain::words::words;
use crate::domain::{Answer, Source, Stage};

impl Turn<'_> {
    /// Whether the person is asked what they want to know.
    pub(in crate::domain) fn awaits_question(&self) -> bool {
        let asks = self.state.flow.as_ref().is_some_and(|run| run.stage == Stage::Question);
        asks && self.current().is_some_and(|(_, _, step)| matches!(step.input, StepInput::Question(_)))
    }

    pub(super) fn question_text(&mut self, text: &str) {
        if let Some(Found::Command(command)) = self.meant_in_flow(text) {
            return self.say_found(Found::Command(command));
        }
        if self.joins(text) {
            return self.ask_model(text);
        }
        let reading = self.engine.index.find(text);
        match reading.command {
            Some(command) => self.say_found(Found::Command(command)),
            None if words(text).is_empty() => self.aside(&self.folder.bot.texts.not_understood),
            None => self.question(text, &reading),
        }
    }

    /// The question has its answer, which is said before what comes next.
    pub(in crate::domain) fn answered(&mut self, answer: &str, source: Source) {
        self.accept_saying(Answer::Text(Pii::default()), "", Some(answer), source);
    }

    /// Nobody knows an answer, which is said before what comes next.
    pub(in crate::domain) fn not_answered(&mut self, said: &str) {
        self.accept_saying(Answer::Skipped, "", Some(said), Source::Canned);
    }
}
