//! The question of a step with its buttons, and the data the buttons carry.
//!
//! A button's data is `s:PROMPT:STEP:VALUE`. The prompt is the number of the question, written in base 36;
//! it is what tells the buttons of this question from those of an earlier one.

use bot_folder::{FlowStep, Localized, StepInput};

use crate::domain::turn::Turn;
use crate::domain::{Button, Source};

/// Two labels of at most this many characters fit beside each other on a telephone.
const SHORT_LABEL: usize = 18;

/// Values with a meaning of their own, which no option may have.
pub(super) const SKIP: &str = "skip";
pub(super) const CANCEL: &str = "cancel";
pub(super) const TELEGRAM: &str = "telegram";
pub(super) const DONE: &str = "done";

/// A pressed button of a question.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pressed<'d> {
    pub(super) prompt: u32,
    pub(super) step: &'d str,
    pub(super) value: &'d str,
}

/// Reads a button's data; `None` where it is not a question's.
pub(super) fn pressed(data: &str) -> Option<Pressed<'_>> {
    let mut parts = data.strip_prefix("s:")?.splitn(3, ':');
    let prompt = u32::from_str_radix(parts.next()?, 36).ok()?;
    Some(Pressed { prompt, step: parts.next()?, value: parts.next()? })
}

fn data(prompt: u32, step: &str, value: &str) -> String {
    let mut digits = Vec::new();
    let mut rest = prompt;
    loop {
        digits.extend(char::from_digit(rest % 36, 36));
        rest /= 36;
        if rest == 0 {
            break;
        }
    }
    let prompt: String = digits.iter().rev().collect();
    format!("s:{prompt}:{step}:{value}")
}

impl Turn<'_> {
    /// Asks the waiting question, with something said before it.
    pub(in crate::domain) fn ask(&mut self, before: Option<&str>, source: Source) {
        let Some((flow, index, step)) = self.current() else { return };
        let (number, total) = ((index + 1).to_string(), flow.steps.len().to_string());
        let question = self.fill(step.ask.get(self.lang), &[("step", &number), ("total", &total)]);
        let text = before.map_or_else(|| question.clone(), |before| format!("{before}\n\n{question}"));
        let rows = self.question_rows(step);
        self.send(text, rows, source);
    }

    /// Says something and, where a flow waits for an answer, asks its question below.
    pub(in crate::domain) fn with_question(&mut self, text: String, source: Source) {
        if self.current().is_some() {
            self.ask(Some(&text), source);
        } else {
            self.send(text, Vec::new(), source);
        }
    }

    pub(in crate::domain) fn question_rows(&self, step: &FlowStep) -> Vec<Vec<Button>> {
        let prompt = self.state.flow.as_ref().map_or(0, |run| run.prompt);
        let button = |label: &Localized, value: &str| {
            Button::callback(label.get(self.lang), &data(prompt, &step.id, value))
        };
        let labels = &self.folder.bot.labels;
        let mut rows = match &step.input {
            StepInput::Choice(choice) => {
                fold(choice.options.iter().map(|option| button(&option.label, &option.value)).collect())
            }
            StepInput::Money(money) => {
                fold(money.suggestions.iter().map(|option| button(&option.label, &option.value)).collect())
            }
            StepInput::Contact(contact) if contact.telegram => {
                vec![vec![button(&labels.use_telegram, TELEGRAM)]]
            }
            StepInput::Files(_) if !self.state.files.is_empty() => {
                vec![vec![button(&labels.files_done, DONE)]]
            }
            StepInput::Contact(_) | StepInput::Text(_) | StepInput::EmailOrPhone(_) | StepInput::Files(_) => {
                Vec::new()
            }
        };
        let mut last = Vec::with_capacity(2);
        if step.skip {
            last.push(button(&labels.skip, SKIP));
        }
        last.push(button(&labels.cancel, CANCEL));
        rows.push(last);
        rows
    }
}

/// Two short labels a row, long ones by themselves.
fn fold(buttons: Vec<Button>) -> Vec<Vec<Button>> {
    let is_short = |button: &Button| button.label.chars().count() <= SHORT_LABEL;
    let mut rows: Vec<Vec<Button>> = Vec::new();
    for button in buttons {
        match rows.last_mut() {
            Some(row) if row.len() == 1 && is_short(&row[0]) && is_short(&button) => row.push(button),
            _ => rows.push(vec![button]),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_a_button_carries_is_read_back(prompt in any::<u32>(), step in "[a-z0-9_-]{1,24}", value in "[a-z0-9_-]{1,24}") {
            let data = data(prompt, &step, &value);
            prop_assert!(data.len() <= 64);
            prop_assert_eq!(pressed(&data), Some(Pressed { prompt, step: &step, value: &value }));
        }

        #[test]
        fn any_data_is_survived(data in "\\PC{0,80}|s:[a-z:0-9]{0,40}") {
            let _ = pressed(&data);
        }
    }
}
