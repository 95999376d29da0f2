//! A whole request in one message: "I need a bot for my shop, budget $5k, by March, a@b.c". It begins the flow of
//! requests with every answer that it holds, so that only what is missing is asked.

use bot_folder::{Action, Flow, FlowStep, MoneyInput, StepInput};
use ids::Pii;

use super::read::by_time;
use crate::domain::entity::{
    MoneyFound, Reach, find_email, find_money, find_phone, find_reach, find_time, is_unclear,
};
use crate::domain::faq::{Candidate, Reading, clauses};
use crate::domain::text::looks_like_question;
use crate::domain::told::{SURE, asks_when};
use crate::domain::turn::Turn;
use crate::domain::words::words;
use crate::domain::{Answer, GivenAnswer, Source};

/// In a part of so few words a fact that may mean something else is what the part is about.
const SHORT: usize = 8;
/// "In two months" is a time, though it may stand in a story.
const LIKELY: f32 = 0.7;
/// A request of fewer words describes nothing beyond its facts.
const DESCRIBES: usize = 8;

/// Which flow a text may be a request of.
#[derive(Clone, Copy)]
pub(super) struct Of<'f> {
    pub(super) number: usize,
    pub(super) flow: &'f Flow,
}

/// What the FAQ has to say to a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FaqSays {
    Nothing,
    /// An answer whose first button begins the flow.
    Offer,
    Other,
}

impl<'a> Turn<'a> {
    /// Begins the flow of requests where a text is one; `false` where it is something else.
    pub(in crate::domain) fn request(&mut self, text: &str, reading: &Reading) -> bool {
        let Some(of) = self.request_flow() else { return false };
        let is_begun = |command: usize| {
            let command = self.folder.menu.commands.get(command);
            command.is_some_and(|one| matches!(&one.action, Action::Flow(id) if *id == of.flow.id))
        };
        if reading.command.is_some_and(|command| !is_begun(command)) {
            return false;
        }
        let told = self.told_answers(of, text);
        let facts = told.iter().filter(|given| !is_kind(of.flow, given)).count();
        let names_kind = facts < told.len();
        let wishes = self.engine.choices.is_wish(text);
        let asks = text.contains('?') || looks_like_question(text);
        let answer =
            if reading.command.is_some() { FaqSays::Nothing } else { self.faq_says(of.flow, reading) };
        let is_request = match (wishes && !asks, names_kind) {
            (true, true) => match answer {
                FaqSays::Nothing => facts > 0 || words(text).len() <= SHORT,
                FaqSays::Offer => facts > 0,
                FaqSays::Other => facts > 1,
            },
            (true, false) => facts > 1 && answer != FaqSays::Other,
            // A question that tells all this is one of somebody who wants to be answered by a person.
            (false, _) => told.len() >= 3 && told.iter().any(|given| is_reach(&given.answer)),
        };
        if is_request {
            self.begin_with(of, text, told, facts);
        }
        is_request
    }

    /// The same where the flow has just begun and its first question waits.
    pub(super) fn request_as_answer(&mut self, text: &str) -> bool {
        let is_first = self.state.flow.as_ref().is_some_and(|run| run.answers.is_empty());
        let Some(of) = self.request_flow().filter(|_| is_first && !looks_like_question(text)) else {
            return false;
        };
        if self.current().is_none_or(|(flow, index, _)| flow.id != of.flow.id || index > 0) {
            return false;
        }
        let told = self.told_answers(of, text);
        let facts = told.iter().filter(|given| !is_kind(of.flow, given)).count();
        if facts == 0 || told.len() < 2 {
            return false;
        }
        self.fill_in(of, text, told);
        true
    }

    fn faq_says(&self, flow: &Flow, reading: &Reading) -> FaqSays {
        let sure = |best: &&Candidate| best.confidence >= self.folder.bot.thresholds.faq;
        let Some(best) = reading.candidates.first().filter(sure) else { return FaqSays::Nothing };
        let entry = self.folder.faq.entries.get(best.entry);
        let first = entry.and_then(|entry| entry.buttons.iter().flatten().next()?.action.as_ref());
        let begins = first.is_some_and(|action| matches!(action, Action::Flow(id) if *id == flow.id));
        if begins { FaqSays::Offer } else { FaqSays::Other }
    }

    fn request_flow(&self) -> Option<Of<'a>> {
        let id = self.folder.bot.leads_to.request.as_ref()?;
        let number = self.folder.flows.iter().position(|flow| flow.id == *id)?;
        Some(Of { number, flow: &self.folder.flows[number] })
    }

    fn begin_with(&mut self, of: Of<'_>, text: &str, told: Vec<GivenAnswer>, facts: usize) {
        if self.belongs_in_private(&of.flow.id) {
            return;
        }
        let is_left = self.lift_paused(|run| run.flow == of.flow.id && !run.cancelled);
        let old = self.state.paused.as_ref().filter(|_| is_left);
        let known = |given: &GivenAnswer| old.and_then(|run| run.answer(&given.step));
        let is_new = |given: &GivenAnswer| known(given).is_none_or(|known| known.answer != given.answer);
        // Who wants something of another kind has another request: nothing of the old one belongs to it.
        let is_other =
            |given: &GivenAnswer| is_kind(of.flow, given) && known(given).is_some() && is_new(given);
        let left = is_left && !told.iter().any(is_other);
        if left && facts == 0 && !told.iter().any(is_new) {
            return self.enter(&of.flow.id);
        }
        if left {
            self.take_up();
        } else if let Some(step) = of.flow.steps.first() {
            self.open_run(of.flow, step);
        }
        self.fill_in(of, text, told);
        if !left {
            self.plan_reminder();
        }
    }

    /// Takes what was told for the answers, says what it was, and asks what is missing.
    fn fill_in(&mut self, of: Of<'_>, text: &str, told: Vec<GivenAnswer>) {
        let Some(run) = &mut self.state.flow else { return };
        let describes = |step: &&FlowStep| match &step.input {
            StepInput::Text(bounds) => {
                let chars = text.chars().count();
                chars >= bounds.min_chars as usize && chars <= bounds.max_chars as usize
            }
            _ => false,
        };
        // One of the kinds that were named is the answer; the words alone tell the others.
        let mut kinds = of.flow.steps.iter().enumerate().filter(|(_, step)| !asks_when(step));
        let names_more = |(index, _): (usize, &FlowStep)| {
            let choices = &self.engine.choices;
            let mut named = clauses(text).filter_map(|part| choices.named(of.number, index, part));
            let first = named.next();
            choices.names_more(of.number, index, text) || named.any(|other| Some(other) != first)
        };
        let tells_more = (words(text).len() >= DESCRIBES && told.len() >= 2) || kinds.any(names_more);
        let description = of.flow.steps.iter().find(describes);
        let description = description.filter(|step| tells_more && run.answer(&step.id).is_none());
        run.answers.retain(|old| told.iter().all(|given| given.step != old.step));
        run.answers.extend(told);
        let message_id = self.to;
        run.answers.extend(description.map(|step| {
            let words = Pii::new(text.to_owned());
            GivenAnswer {
                step: step.id.clone(),
                answer: Answer::Text(words.clone()),
                text: words,
                message_id,
            }
        }));
        let before = self.noted(of.flow);
        self.advance(before.as_deref(), Source::Flow);
    }

    /// Says what has been understood; nothing where all of it is shown anyway, to be confirmed.
    fn noted(&self, flow: &Flow) -> Option<String> {
        let (_, walk) = self.walk()?;
        let run = self.state.flow.as_ref()?;
        if !matches!(walk.next, bot_folder::Goal::Step(_)) {
            return None;
        }
        let Some(said) = &flow.intro_told else { return self.intro(flow) };
        let lines: Vec<String> = flow.steps.iter().filter_map(|step| self.line(step, run)).collect();
        Some(self.fill(said.get(self.lang), &[("summary", &lines.join("\n"))]))
    }

    /// What a text answers to the questions of a flow.
    pub(super) fn told_answers(&self, of: Of<'_>, text: &str) -> Vec<GivenAnswer> {
        let parts: Vec<&str> = clauses(text).map(str::trim).filter(|part| !part.is_empty()).collect();
        let given = |(index, step): (usize, &FlowStep)| {
            // What stands beside the question's own name goes before what stands anywhere.
            let named = |part: &&str| self.engine.orders.mentions(of.number, index, part);
            let (own, others): (Vec<&str>, Vec<&str>) = parts.iter().copied().partition(named);
            let (answer, words) = match &step.input {
                StepInput::Choice(choice) if asks_when(step) => {
                    let (found, number) = self.told_time(&own, &others, choice)?;
                    let words = found.expose().clone();
                    let option = number.and_then(|number| choice.options.get(number));
                    let other = || choice.other.then_some(Answer::Text(found));
                    (option.map(|option| Answer::Choice(option.value.clone())).or_else(other)?, words)
                }
                StepInput::Choice(choice) => {
                    let wished = parts.iter().filter(|part| self.engine.choices.is_wish(part));
                    let mut parts = wished.chain(&parts);
                    let find = |part: &&str| self.engine.choices.named(of.number, index, part);
                    let (number, part) = parts.find_map(|part| Some((find(part)?, *part)))?;
                    (Answer::Choice(choice.options.get(number)?.value.clone()), part.to_owned())
                }
                StepInput::Money(input) => self.told_money(&own, &others, input)?,
                StepInput::Contact(contact) => self.told_reach(text, contact.telegram)?,
                StepInput::EmailOrPhone(_) => self.told_reach(text, false)?,
                StepInput::Text(_) | StepInput::Question(_) | StepInput::Menu(_) | StepInput::Files(_) => {
                    return None;
                }
            };
            let text = Pii::new(words);
            Some(GivenAnswer { step: step.id.clone(), answer, text, message_id: self.to })
        };
        of.flow.steps.iter().enumerate().filter_map(given).collect()
    }

    /// The person's words for a time, and the option that it means; none where it is beyond them all.
    fn told_time(
        &self,
        own: &[&str],
        others: &[&str],
        choice: &bot_folder::ChoiceInput,
    ) -> Option<(Pii<String>, Option<usize>)> {
        let today = self.today();
        let find = |part: &&str, is_own: bool| {
            let found = find_time(part, today)?;
            let is_it = is_own || found.confidence >= SURE;
            // "200k a month" is no deadline.
            let is_price = || find_money(part, "").is_some_and(|found| found.confidence >= SURE);
            let may_be = found.confidence >= LIKELY && words(part).len() <= SHORT && !is_price();
            (is_it || may_be).then_some(found)
        };
        let mut found = own.iter().filter_map(|part| find(part, true));
        let found = found.next().or_else(|| others.iter().find_map(|part| find(part, false)))?;
        Some((found.raw, by_time(choice, &found.value, today)))
    }

    fn told_money(&self, own: &[&str], others: &[&str], input: &MoneyInput) -> Option<(Answer, String)> {
        let money = &self.folder.bot.money;
        let codes: Vec<&str> = input.currency.iter().map(|(_, code)| code).collect();
        let find = |part: &&str, is_own: bool| {
            let found = find_money(part, input.currency.get(self.lang))?;
            match found.value {
                MoneyFound::Undecided if is_own && input.undecided => {
                    Some((Answer::Undecided, found.raw.expose().clone()))
                }
                MoneyFound::Amount { amount, named } if is_own || found.confidence >= SURE => {
                    let in_base = |value, code: &str| money.in_base(value, code);
                    let unclear = |least| is_unclear(&amount, least, &codes, in_base);
                    // What has to be asked about is asked when its question comes.
                    let is_clear = named || !input.ask_below.is_some_and(unclear);
                    is_clear.then(|| (Answer::Money(amount.clone()), found.raw.expose().clone()))
                }
                MoneyFound::Undecided | MoneyFound::Amount { .. } => None,
            }
        };
        let mut found = own.iter().filter_map(|part| find(part, true));
        found.next().or_else(|| others.iter().find_map(|part| find(part, false)))
    }

    fn told_reach(&self, text: &str, telegram: bool) -> Option<(Answer, String)> {
        let regions = self.regions();
        let sure = |found: &crate::domain::entity::Found<Reach>| found.confidence >= SURE;
        let found = find_email(text)
            .or_else(|| find_phone(text, &regions).filter(sure))
            .or_else(|| find_reach(text, &regions).filter(sure))?;
        let words = found.raw.expose().clone();
        match found.value {
            Reach::Email(email) => Some((Answer::Email(Pii::new(email)), words)),
            Reach::Phone(phone) => Some((Answer::Phone(Pii::new(phone)), words)),
            Reach::Telegram(name) if telegram => Some((Answer::Telegram(Pii::new(name)), words)),
            Reach::Telegram(_) => None,
        }
    }
}

/// Whether an answer says what is wanted, rather than when, for how much, or by whom.
fn is_kind(flow: &Flow, given: &GivenAnswer) -> bool {
    flow.step(&given.step)
        .is_some_and(|(_, step)| matches!(step.input, StepInput::Choice(_)) && !asks_when(step))
}

const fn is_reach(answer: &Answer) -> bool {
    matches!(answer, Answer::Email(_) | Answer::Phone(_) | Answer::Telegram(_))
}
