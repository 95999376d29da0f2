//! A question that waits for files: they come as they come, and the person says when these are all.

use bot_folder::{FlowStep, StepInput};
use ids::Pii;

use super::read::Hint;
use crate::domain::Answer;
use crate::domain::turn::Turn;
use crate::domain::words::words;

impl Turn<'_> {
    /// Whether a text says that these are all the files.
    pub(super) fn ends_files(&self, step: &FlowStep, text: &str) -> bool {
        matches!(step.input, StepInput::Files(_))
            && words(text) == words(self.folder.bot.labels.files_done.get(self.lang))
    }

    /// These are all. Files that came before the question count too: they go with the lead as well.
    pub(super) fn files_done(&mut self) {
        if self.state.files.is_empty() {
            return self.wrong(Hint::Choice);
        }
        let names: Vec<Pii<String>> = self.state.files.iter().map(|file| file.name.clone()).collect();
        let text: Vec<String> = self.state.files.iter().map(crate::domain::KeptFile::with_note).collect();
        // A text, which programs that know nothing of files can read too.
        self.accept(Answer::Text(Pii::new(list(&names))), &text.join(", "));
    }

    /// How many files the waiting question takes, if it waits for files.
    pub(in crate::domain) fn files_wanted(&self) -> Option<usize> {
        match &self.current()?.2.input {
            StepInput::Files(files) => usize::try_from(files.max).ok(),
            _ => None,
        }
    }
}

/// The names in a row.
fn list(names: &[Pii<String>]) -> String {
    names.iter().map(|name| name.expose().as_str()).collect::<Vec<_>>().join(", ")
}
