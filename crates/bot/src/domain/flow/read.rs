//! Reads an answer out of a text, by the kind of the question.

use bot_folder::{ChoiceInput, ContactInput, FlowStep, Lang, MoneyInput, StepInput, Urgency};
use ids::Pii;

use super::told::TOLD;
use crate::domain::Answer;
use crate::domain::entity::{
    MoneyFound, Reach, Time, find_money, find_reach, find_time, is_unclear, is_undecided, only_currency,
};
use crate::domain::text::looks_like_question;
use crate::domain::told::{BareAmount, asks_when};
use crate::domain::turn::Turn;
use crate::domain::words::{assent, words};

/// The longest text that counts as "something else" for a choice.
const OTHER_CHARS: usize = 500;
/// In a longer text "I don't know" is about something else.
const UNDECIDED_WORDS: usize = 6;

/// Why a text is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    Choice,
    Short(u32),
    Long(u32),
    Money,
    /// An amount in which currency?
    Currency,
    Contact,
    NoUsername,
}

/// Where a step is: the numbers of its flow and of itself.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) flow: usize,
    pub(super) step: usize,
}

impl Turn<'_> {
    /// What a text answers to the waiting question.
    pub(super) fn read(&mut self, place: Place, step: &FlowStep, text: &str) -> Result<Answer, Hint> {
        let length = text.chars().count();
        match &step.input {
            StepInput::Choice(choice) => self.read_choice(place, step, choice, text),
            StepInput::Text(bounds) => {
                if length < bounds.min_chars as usize || !text.chars().any(char::is_alphanumeric) {
                    Err(Hint::Short(bounds.min_chars))
                } else if length > bounds.max_chars as usize {
                    Err(Hint::Long(bounds.max_chars))
                } else {
                    Ok(Answer::Text(Pii::new(text.to_owned())))
                }
            }
            StepInput::Money(input) => self.read_money(input, text),
            StepInput::Contact(contact) => self.read_contact(contact, text),
            StepInput::EmailOrPhone(_) => match self.reach(text) {
                Some(Reach::Email(email)) => Ok(Answer::Email(Pii::new(email))),
                Some(Reach::Phone(phone)) => Ok(Answer::Phone(Pii::new(phone))),
                _ => self.the_told_one(text).ok_or(Hint::Contact),
            },
            // A question is not read as an answer, and a menu waits for none.
            StepInput::Question(_) | StepInput::Menu(_) => Err(Hint::Choice),
            // Words are no file; `flow/files.rs` reads what ends the question.
            StepInput::Files(_) => Err(Hint::Choice),
        }
    }

    fn read_choice(
        &self,
        place: Place,
        step: &FlowStep,
        choice: &ChoiceInput,
        text: &str,
    ) -> Result<Answer, Hint> {
        let meant = self.engine.choices.find(place.flow, place.step, text);
        let chosen = |number: usize| {
            choice.options.get(number).map(|option| Answer::Choice(option.value.clone())).ok_or(Hint::Choice)
        };
        if let Some(meant) = meant.filter(|meant| meant.exactly) {
            return chosen(meant.number);
        }
        if asks_when(step)
            && let Some(found) = find_time(text, self.today())
        {
            if let Some(number) = by_time(choice, &found.value, self.today()) {
                return chosen(number);
            }
            if choice.other && found.value.is_dated() && text.chars().count() <= OTHER_CHARS {
                return Ok(Answer::Text(Pii::new(text.to_owned())));
            }
        }
        if let Some(meant) = meant {
            return chosen(meant.number);
        }
        if !choice.other || !text.chars().any(char::is_alphanumeric) {
            return Err(Hint::Choice);
        }
        if is_undecided(text) && words(text).len() <= UNDECIDED_WORDS {
            return Ok(Answer::Undecided);
        }
        if text.chars().count() > OTHER_CHARS {
            return Err(Hint::Long(500));
        }
        Ok(Answer::Text(Pii::new(text.to_owned())))
    }

    fn read_money(&mut self, input: &MoneyInput, text: &str) -> Result<Answer, Hint> {
        let prompt = self.state.flow.as_ref().map_or(0, |run| run.prompt);
        let asked = self.state.told.amount.as_ref().filter(|asked| asked.prompt == prompt);
        if let (Some(asked), Some(currency)) = (asked, only_currency(text)) {
            return in_currency(asked.text.expose(), currency).ok_or(Hint::Money);
        }
        let found = find_money(text, input.currency.get(self.lang)).ok_or(Hint::Money)?;
        let (amount, named) = match found.value {
            MoneyFound::Undecided if input.undecided => return Ok(Answer::Undecided),
            MoneyFound::Undecided => return Err(Hint::Money),
            MoneyFound::Amount { amount, named } => (amount, named),
        };
        let others: Vec<&str> = input.currency.iter().map(|(_, code)| code).collect();
        let money = &self.folder.bot.money;
        let unclear = |least| is_unclear(&amount, least, &others, |value, code| money.in_base(value, code));
        if !named && input.ask_below.is_some_and(unclear) {
            self.state.told.amount = Some(BareAmount { prompt, text: found.raw });
            return Err(Hint::Currency);
        }
        Ok(Answer::Money(amount))
    }

    /// A text with what was said before that it belongs to: the amount of a currency that was asked for.
    pub(super) fn in_full(&self, text: &str) -> String {
        let prompt = self.state.flow.as_ref().map_or(0, |run| run.prompt);
        match self.state.told.amount.as_ref().filter(|asked| asked.prompt == prompt) {
            Some(asked) if only_currency(text).is_some() => format!("{} {text}", asked.text.expose()),
            _ => text.to_owned(),
        }
    }

    fn read_contact(&self, contact: &ContactInput, text: &str) -> Result<Answer, Hint> {
        match self.reach(text) {
            Some(Reach::Email(email)) => return Ok(Answer::Email(Pii::new(email))),
            Some(Reach::Phone(phone)) => return Ok(Answer::Phone(Pii::new(phone))),
            Some(Reach::Telegram(name)) if contact.telegram => return Ok(Answer::Telegram(Pii::new(name))),
            _ => {}
        }
        if contact.telegram && !looks_like_question(text) && self.engine.choices.is_telegram(text) {
            return self.own_telegram().ok_or(Hint::NoUsername);
        }
        self.the_told_one(text).ok_or(Hint::Contact)
    }

    fn reach(&self, text: &str) -> Option<Reach> {
        find_reach(text, &self.regions()).map(|found| found.value)
    }

    /// The person's own Telegram; none where it has no public name.
    pub(super) fn own_telegram(&self) -> Option<Answer> {
        let name = self.input.person.username.expose().trim().trim_start_matches('@');
        (!name.is_empty()).then(|| Answer::Telegram(Pii::new(name.to_owned())))
    }

    /// "Yes" to the one address that was told before and stands on a button.
    fn the_told_one(&self, text: &str) -> Option<Answer> {
        let told: Vec<Answer> = TOLD.iter().filter_map(|way| self.told_way(way)).collect();
        (assent(text) == Some(true) && told.len() == 1).then(|| told.into_iter().next()).flatten()
    }
}

/// The option that a time means. A day beyond all of them is none, where anything else may be said: "no rush" is not
/// what the person said.
pub(super) fn by_time(choice: &ChoiceInput, time: &Time, today: jiff::civil::Date) -> Option<usize> {
    let urgent = |urgency: Urgency| choice.options.iter().position(|option| option.urgency == Some(urgency));
    if time.urgency == Some(Urgency::High)
        && let Some(number) = urgent(Urgency::High)
    {
        return Some(number);
    }
    let Some((days, is_end)) = time.days(today) else { return urgent(time.urgency?) };
    let mut bounds: Vec<(u32, usize)> = choice
        .options
        .iter()
        .enumerate()
        .filter_map(|(number, option)| Some((option.within_days?, number)))
        .collect();
    bounds.sort_unstable();
    let days = u32::try_from(days.max(0)).unwrap_or(0);
    let fits = bounds.iter().position(|(bound, _)| days <= *bound);
    // "Not before next month" is later than what next month itself would be.
    let fits = fits.map(|place| if is_end { place } else { place + 1 });
    fits.and_then(|place| bounds.get(place)).map(|(_, number)| *number).or_else(|| {
        if choice.other && time.urgency != Some(Urgency::Low) { None } else { urgent(Urgency::Low) }
    })
}

/// A bare amount in a currency that was said afterwards.
pub(super) fn in_currency(amount: &str, currency: &str) -> Option<Answer> {
    match find_money(amount, currency)?.value {
        MoneyFound::Amount { amount, .. } => Some(Answer::Money(amount)),
        MoneyFound::Undecided => None,
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
                in_currency(&option.amount, input.currency.get(lang))
            };
            Some((answer?, option.label.get(lang).to_owned()))
        }
        StepInput::Text(_)
        | StepInput::Contact(_)
        | StepInput::EmailOrPhone(_)
        | StepInput::Question(_)
        | StepInput::Files(_)
        | StepInput::Menu(_) => None,
    }
}
