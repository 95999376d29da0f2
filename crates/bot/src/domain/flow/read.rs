//! Reads an answer out of a text, by the kind of the question.

use bot_folder::{FlowStep, Lang, MoneyInput, StepInput};
use ids::Pii;

use super::choice::Choices;
use crate::domain::Answer;
use crate::domain::entity::{MoneyFound, Reach, find_money, find_reach};

/// The longest text that counts as "something else" for a choice.
const OTHER_CHARS: usize = 500;

/// Why a text is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    Choice,
    Short(u32),
    Long(u32),
    Money,
    Contact,
    NoUsername,
}

/// Where a step is: the numbers of its flow and of itself, and the language spoken.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) flow: usize,
    pub(super) step: usize,
    pub(super) lang: Lang,
}

pub(super) fn text(choices: &Choices, place: Place, step: &FlowStep, text: &str) -> Result<Answer, Hint> {
    let length = text.chars().count();
    match &step.input {
        StepInput::Choice(choice) => {
            let option =
                choices.find(place.flow, place.step, text).and_then(|number| choice.options.get(number));
            match option {
                Some(option) => Ok(Answer::Choice(option.value.clone())),
                None if !choice.other || !text.chars().any(char::is_alphanumeric) => Err(Hint::Choice),
                None if length > OTHER_CHARS => Err(Hint::Long(500)),
                None => Ok(Answer::Text(Pii::new(text.to_owned()))),
            }
        }
        StepInput::Text(bounds) => {
            if length < bounds.min_chars as usize || !text.chars().any(char::is_alphanumeric) {
                Err(Hint::Short(bounds.min_chars))
            } else if length > bounds.max_chars as usize {
                Err(Hint::Long(bounds.max_chars))
            } else {
                Ok(Answer::Text(Pii::new(text.to_owned())))
            }
        }
        StepInput::Money(input) => money(input, place.lang, text).ok_or(Hint::Money),
        StepInput::Contact(contact) => match find_reach(text) {
            Some(Reach::Email(email)) => Ok(Answer::Email(Pii::new(email))),
            Some(Reach::Phone(phone)) => Ok(Answer::Phone(Pii::new(phone))),
            Some(Reach::Telegram(name)) if contact.telegram => Ok(Answer::Telegram(Pii::new(name))),
            _ => Err(Hint::Contact),
        },
        StepInput::EmailOrPhone(_) => match find_reach(text) {
            Some(Reach::Email(email)) => Ok(Answer::Email(Pii::new(email))),
            Some(Reach::Phone(phone)) => Ok(Answer::Phone(Pii::new(phone))),
            _ => Err(Hint::Contact),
        },
        // A question is not read as an answer, and a menu waits for none.
        StepInput::Question(_) | StepInput::Menu(_) => Err(Hint::Choice),
    }
}

/// What a pressed option means; `None` where the step has no such option any more.
pub(super) fn option(step: &FlowStep, lang: Lang, value: &str) -> Option<(Answer, String)> {
    match &step.input {
        StepInput::Choice(choice) => {
            let option = choice.options.iter().find(|option| option.value == value)?;
            Some((Answer::Choice(option.value.clone()), option.label.get(lang).to_owned()))
        }
        StepInput::Money(input) => {
            let option = input.suggestions.iter().find(|option| option.value == value)?;
            let answer = if option.amount == "undecided" {
                Some(Answer::Undecided)
            } else {
                money(input, lang, &option.amount)
            };
            Some((answer?, option.label.get(lang).to_owned()))
        }
        StepInput::Text(_)
        | StepInput::Contact(_)
        | StepInput::EmailOrPhone(_)
        | StepInput::Question(_)
        | StepInput::Menu(_) => None,
    }
}

fn money(input: &MoneyInput, lang: Lang, text: &str) -> Option<Answer> {
    match find_money(text, input.currency.get(lang))? {
        MoneyFound::Amount(amount) => Some(Answer::Money(amount)),
        MoneyFound::Undecided => input.undecided.then_some(Answer::Undecided),
    }
}
