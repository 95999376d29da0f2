//! What a person tells in passing: an address inside a description, the company, the technologies, a deadline. It is
//! kept so that nobody is asked twice, and a lead carries it.

use bot_folder::{FlowStep, StepInput};
use ids::Pii;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::LeadAnswer;
use super::entity::{Found, Reach, Time, find_company, find_email, find_phone, find_time};
use super::text::looks_like_question;
use super::turn::Turn;

/// From here a fact is taken out of a longer text.
pub(super) const SURE: f32 = 0.8;
/// More technologies are not kept.
const MAX_STACK: usize = 12;

/// What was told. Small: one of each, and a few technologies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Pii<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Pii<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<Fact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Fact>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stack: Vec<Fact>,
    /// An amount whose currency was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<BareAmount>,
}

/// A fact, as it was understood and as the person put it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    pub value: Pii<String>,
    pub text: Pii<String>,
}

/// An amount without a currency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BareAmount {
    /// The number of the question that it was said to.
    pub prompt: u32,
    /// As the person put it: `300`.
    pub text: Pii<String>,
}

impl Told {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// As fields of a lead. One that the flow asks for by the same name is left to its answer.
    pub(super) fn answers(&self, asked: &[LeadAnswer]) -> Vec<LeadAnswer> {
        let list = |facts: &[Fact], of: fn(&Fact) -> &Pii<String>| {
            Pii::new(facts.iter().map(|fact| of(fact).expose().as_str()).collect::<Vec<_>>().join(", "))
        };
        let one = |field: &str, facts: &[Fact]| LeadAnswer {
            field: field.to_owned(),
            value: list(facts, |fact| &fact.value),
            text: list(facts, |fact| &fact.text),
            found: true,
        };
        let company = self.company.as_slice();
        let deadline = self.deadline.as_slice();
        [("company", company), ("stack", self.stack.as_slice()), ("deadline", deadline)]
            .into_iter()
            .filter(|(field, facts)| !facts.is_empty() && asked.iter().all(|answer| answer.field != *field))
            .map(|(field, facts)| one(field, facts))
            .collect()
    }

    /// Adds what was told later in the same talk. An amount is left out: the question it was said to has lost its
    /// number.
    pub(super) fn join(&mut self, later: Self) {
        self.email = later.email.or(self.email.take());
        self.phone = later.phone.or(self.phone.take());
        self.company = later.company.or(self.company.take());
        self.deadline = later.deadline.or(self.deadline.take());
        for fact in later.stack {
            if self.stack.len() < MAX_STACK && self.stack.iter().all(|known| known.value != fact.value) {
                self.stack.push(fact);
            }
        }
    }

    /// What belonged to a request that has been passed on; the way to the person and their company stay.
    pub(super) fn forget_request(&mut self) {
        self.deadline = None;
        self.stack.clear();
        self.amount = None;
    }
}

impl From<Found<String>> for Fact {
    fn from(found: Found<String>) -> Self {
        Self { value: Pii::new(found.value), text: found.raw }
    }
}

impl<'a> Turn<'a> {
    /// Keeps what a text tells beside what it answers.
    pub(super) fn note(&mut self, text: &str) {
        // In a group the next one to be asked is another person.
        if !self.input.chat.private {
            return;
        }
        let regions = self.regions();
        let certain = |found: &Found<Reach>| found.confidence >= SURE;
        if let Some(Reach::Email(email)) = find_email(text).map(|found| found.value) {
            self.state.told.email = Some(Pii::new(email));
        }
        if let Some(Reach::Phone(phone)) = find_phone(text, &regions).filter(certain).map(|found| found.value)
        {
            self.state.told.phone = Some(Pii::new(phone));
        }
        if let Some(company) = find_company(text) {
            self.state.told.company = Some(company.into());
        }
        // Who has left a request and asks about something else does not order it: what is asked then is of no request.
        let is_asked = self.state.sent.is_some()
            && self.state.flow.is_none()
            && (text.contains('?') || looks_like_question(text));
        if is_asked {
            return;
        }
        for name in self.engine.stack.find(text) {
            let stack = &mut self.state.told.stack;
            if stack.len() < MAX_STACK && stack.iter().all(|known| *known.value.expose() != name.value) {
                stack.push(name.into());
            }
        }
        if let Some(time) = self.deadline(text) {
            let value = Pii::new(time.value.to_string());
            self.state.told.deadline = Some(Fact { value, text: time.raw });
        }
    }

    /// A time that is a deadline: one that is said without doubt, or any where the question was when.
    fn deadline(&self, text: &str) -> Option<Found<Time>> {
        let is_asked = self.current().is_some_and(|(_, _, step)| asks_when(step));
        let found = find_time(text, self.today())?;
        let is_day = found.value.is_dated();
        let is_sure = found.confidence >= SURE && found.value.to.is_some();
        (is_day && (is_asked || is_sure)).then_some(found)
    }

    /// The day it is where the bot's people are.
    pub(super) fn today(&self) -> Date {
        let zone = self.folder.bot.hours.as_ref().and_then(|hours| TimeZone::get(&hours.zone).ok());
        self.now().to_zoned(zone.unwrap_or(TimeZone::UTC)).date()
    }

    /// Countries that numbers without a country code are likely of: those of the language spoken, then the others.
    pub(super) fn regions(&self) -> Vec<&'a str> {
        let bot = &self.folder.bot;
        let spoken = bot.phone_regions.get(&self.lang);
        let others = bot.phone_regions.iter().filter(|(lang, _)| **lang != self.lang).map(|(_, list)| list);
        spoken.into_iter().chain(others).flatten().map(String::as_str).collect()
    }
}

/// Whether a choice's options are told apart by time.
pub(super) fn asks_when(step: &FlowStep) -> bool {
    let StepInput::Choice(choice) = &step.input else { return false };
    choice.options.iter().any(|option| option.within_days.is_some() || option.urgency.is_some())
}
