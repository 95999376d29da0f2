//! A question that waits for files: they come as they come, and the person says when these are all.

use bot_folder::{Flow, FlowStep, StepInput};
use ids::Pii;

use super::read::Hint;
use crate::domain::turn::Turn;
use crate::domain::words::words;
use crate::domain::{Answer, KeptFile, Stage};

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
        let (answer, text) = self.named_files();
        self.accept(answer, &text);
    }

    /// The files as the answer they are, and with the notes that came with them.
    fn named_files(&self) -> (Answer, String) {
        let names: Vec<&str> = self.state.files.iter().map(|file| file.name.expose().as_str()).collect();
        let text: Vec<String> = self.state.files.iter().map(KeptFile::with_note).collect();
        // A text, which programs that know nothing of files can read too.
        (Answer::Text(Pii::new(names.join(", "))), text.join(", "))
    }

    /// A file that comes while the answers are shown goes with them: the answer that names the files names it too.
    pub(in crate::domain) fn add_files_to_answers(&mut self) {
        if !self.is_shown() {
            return;
        }
        let is_files = |flow: &Flow, number: &usize| {
            flow.steps.get(*number).is_some_and(|step| matches!(step.input, StepInput::Files(_)))
        };
        let step = self.walk().and_then(|(flow, walk)| {
            let number = walk.passed.into_iter().rfind(|number| is_files(flow, number))?;
            Some(flow.steps[number].id.clone())
        });
        let (answer, text) = self.named_files();
        let answers = self.state.flow.iter_mut().flat_map(|run| &mut run.answers);
        for given in answers.filter(|given| Some(&given.step) == step.as_ref()) {
            given.answer = answer.clone();
            given.text = Pii::new(text.clone());
        }
    }

    /// Whether the answers are shown, and no question waits.
    pub(in crate::domain) fn is_shown(&self) -> bool {
        self.state.flow.as_ref().is_some_and(|run| run.stage != Stage::Question)
    }

    /// How many files the waiting question takes, if it waits for files.
    pub(in crate::domain) fn files_wanted(&self) -> Option<usize> {
        if self.is_shown() {
            return None;
        }
        match &self.current()?.2.input {
            StepInput::Files(files) => usize::try_from(files.max).ok(),
            _ => None,
        }
    }
}
