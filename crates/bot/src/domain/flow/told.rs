//! Buttons for what was told before: an address that need not be typed again, the currencies of an amount.

use bot_folder::{FlowStep, StepInput};

use super::ask::data;
use super::read::in_currency;
use crate::domain::turn::Turn;
use crate::domain::{Answer, Button};

// No option's value begins with a plus.
const EMAIL: &str = "+email";
const PHONE: &str = "+phone";
const IN: &str = "+in-";

/// The ways to a person that may have been told.
pub(super) const TOLD: [&str; 2] = [EMAIL, PHONE];

impl Turn<'_> {
    /// The answer that a told way makes.
    pub(super) fn told_way(&self, way: &str) -> Option<Answer> {
        let told = &self.state.told;
        match way {
            EMAIL => told.email.clone().map(Answer::Email),
            PHONE => told.phone.clone().map(Answer::Phone),
            _ => None,
        }
    }

    /// Rows to stand above a question's own.
    pub(super) fn told_rows(&self, step: &FlowStep, prompt: u32) -> Vec<Vec<Button>> {
        let button = |label: &str, value: &str| Button::callback(label, &data(prompt, &step.id, value));
        match &step.input {
            StepInput::Contact(_) | StepInput::EmailOrPhone(_) => TOLD
                .iter()
                .filter_map(|way| match self.told_way(way)? {
                    Answer::Email(told) | Answer::Phone(told) => {
                        Some(vec![button(&label(told.expose()), way)])
                    }
                    _ => None,
                })
                .collect(),
            StepInput::Money(money) => {
                let Some(amount) = self.state.told.amount.as_ref().filter(|asked| asked.prompt == prompt)
                else {
                    return Vec::new();
                };
                let mut codes: Vec<&str> = money.currency.iter().map(|(_, code)| code).collect();
                codes.sort_by_key(|code| *code != money.currency.get(self.lang));
                codes.dedup();
                let amount = label(amount.text.expose());
                vec![
                    codes
                        .iter()
                        .map(|code| button(&format!("{amount} {code}"), &format!("{IN}{code}")))
                        .collect(),
                ]
            }
            _ => Vec::new(),
        }
    }

    /// What a pressed one of these means, and what is on it.
    pub(super) fn told_option(&self, step: &FlowStep, value: &str) -> Option<(Answer, String)> {
        match &step.input {
            StepInput::Contact(_) | StepInput::EmailOrPhone(_) => {
                let answer = self.told_way(value)?;
                let text = match &answer {
                    Answer::Email(told) | Answer::Phone(told) => told.expose().clone(),
                    _ => return None,
                };
                Some((answer, text))
            }
            StepInput::Money(_) => {
                let code = value.strip_prefix(IN)?;
                let amount = self.state.told.amount.as_ref()?.text.expose();
                Some((in_currency(amount, code)?, format!("{amount} {code}")))
            }
            _ => None,
        }
    }
}

/// What fits on a button.
fn label(text: &str) -> String {
    if text.chars().count() <= 48 { text.to_owned() } else { text.chars().take(47).chain(['…']).collect() }
}
