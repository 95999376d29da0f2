//! When a human is called whom nobody has asked for: answers that may be wrong, a model that wants one, a person who has
//! had enough, a lead that is worth it.

use std::collections::BTreeMap;

use bot_folder::{Action, BotFolder, Money, NextStep, StepInput};
use serde::{Deserialize, Serialize};

use super::turn::Turn;
use super::words::{is_frustrated, words};
use super::{Amount, Answer, Button, Effect, FlowRun, HandoffReason, ModelAnswer, Source, Target};

/// For one reason nobody is called twice in so long: whoever was called is on the way.
const QUIET_MS: i64 = 60 * 60 * 1000;
/// A longer message is a story, and what is bad in it need not be the bot.
const MOST_WORDS: usize = 30;
/// The same of an answer to a question that asks for a story.
const MOST_WORDS_OF_ANSWER: usize = 12;

/// What is remembered for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Escalations {
    /// Doubtful answers in a row.
    #[serde(skip_serializing_if = "is_zero")]
    doubts: u32,
    /// When a human was last called, by the word of the reason. Unix milliseconds.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    called: BTreeMap<String, i64>,
}

impl Escalations {
    #[must_use]
    pub fn is_new(&self) -> bool {
        *self == Self::default()
    }

    /// Something was answered that leaves no doubt.
    pub(super) const fn no_doubt(&mut self) {
        self.doubts = 0;
    }

    /// Whether an answer that is so sure is one too doubtful.
    fn is_too_doubtful(&mut self, confidence: Option<f32>, folder: &BotFolder) -> bool {
        let Some(confidence) = confidence else { return false };
        let (thresholds, limits) = (&folder.bot.thresholds, &folder.bot.limits);
        let is_doubtful = confidence < thresholds.doubt_below;
        self.doubts = if is_doubtful { self.doubts.saturating_add(1) } else { 0 };
        let is_too_doubtful = confidence < thresholds.handoff_below || self.doubts >= limits.doubts;
        if is_too_doubtful {
            self.doubts = 0;
        }
        is_too_doubtful
    }

    /// Whether a human was called for this just now.
    fn was_called(&self, reason: HandoffReason, now_ms: i64) -> bool {
        self.called.get(reason.as_str()).is_some_and(|last| now_ms.saturating_sub(*last) < QUIET_MS)
    }

    /// Whether a human may be called for this now; then one is.
    fn call(&mut self, reason: HandoffReason, now_ms: i64) -> bool {
        let may = !self.was_called(reason, now_ms);
        if may {
            self.called.insert(reason.as_str().to_owned(), now_ms);
        }
        may
    }
}

impl Turn<'_> {
    /// Why a human ought to look at this answer, if one ought to.
    pub(super) fn wants_human(&mut self, answer: &ModelAnswer) -> Option<HandoffReason> {
        if self.state.escalations.is_too_doubtful(answer.confidence, self.folder) {
            return Some(HandoffReason::LowConfidence);
        }
        (answer.next == NextStep::Handoff).then_some(HandoffReason::ModelAsked)
    }

    /// Gives an answer with the button that calls a human; and passes it on to one, unless that was done just now.
    pub(super) fn pass_on(&mut self, text: String, source: Source, reason: HandoffReason) {
        let calls = self.state.escalations.call(reason, self.input.now_ms);
        let said = self.folder.bot.texts.passed_on.as_ref().filter(|_| calls);
        let text = match said {
            Some(say) => {
                let said = self.fill(say.text.get(self.lang), &[("opens", &self.opens())]);
                format!("{text}\n\n{said}")
            }
            None => text,
        };
        let rows = said.map(|say| super::say::rows(&say.buttons, self.lang)).unwrap_or_default();
        self.give(text, rows, source);
        self.offer_human();
        if calls {
            self.effects.push(Effect::Handoff { reason, details: None });
        }
    }

    /// Whether a text says that the person has had enough, and a human is not on the way anyhow.
    pub(super) fn is_upset(&self, text: &str) -> bool {
        let said = words(text).len();
        let tells = self.current().is_some_and(|(_, _, step)| matches!(step.input, StepInput::Text(_)));
        let most = if tells { MOST_WORDS_OF_ANSWER } else { MOST_WORDS };
        if said > most || !is_frustrated(text) {
            return false;
        }
        let human = self.folder.bot.leads_to.human.as_deref();
        let is_called = self.state.flow.as_ref().is_some_and(|run| Some(run.flow.as_str()) == human);
        let reading = self.engine.index.find(text);
        let asks_for_one = reading.candidates.first().is_some_and(|best| {
            best.entry == self.engine.index.human() && best.confidence >= self.folder.bot.thresholds.faq
        });
        let was_called = self.state.escalations.was_called(HandoffReason::Frustrated, self.input.now_ms);
        !is_called && !asks_for_one && !was_called
    }

    /// Offers a human to a person who has had enough.
    pub(super) fn soothe(&mut self) {
        self.state.escalations.call(HandoffReason::Frustrated, self.input.now_ms);
        let texts = &self.folder.bot.texts;
        let closed = texts.handoff_closed.as_ref().filter(|_| !self.is_open());
        let say = texts.frustrated.as_ref().or(closed).unwrap_or(&texts.handoff);
        let opens = self.opens();
        if self.state.flow.is_some() {
            let text = self.fill(say.text.get(self.lang), &[("opens", &opens)]);
            self.with_question(text, Source::Canned);
        } else {
            self.say(say, &[("opens", &opens)], Source::Canned);
        }
        self.offer_human();
        self.effects.push(Effect::Handoff { reason: HandoffReason::Frustrated, details: None });
    }

    /// Whether the budget of these answers calls a human.
    pub(super) fn is_large(&self, run: &FlowRun) -> bool {
        let (limit, money) = (self.folder.bot.limits.handoff_lead_over_usd, &self.folder.bot.money);
        limit > 0 && run.answers.iter().any(|given| is_above(&given.answer, f64::from(limit), money))
    }

    /// Puts the button below the end of a flow whose lead has called a human.
    pub(super) fn offer_human_for_large(&mut self) {
        let calls =
            |effect: &Effect| matches!(effect, Effect::Handoff { reason: HandoffReason::LargeLead, .. });
        if self.effects.iter().any(calls) {
            self.offer_human();
        }
    }

    /// Puts the button that calls a human below what was said last, if it is not there.
    fn offer_human(&mut self) {
        let human = Target::Callback(Action::Human.to_string());
        let said = self.effects.iter_mut().rev().find_map(|effect| match effect {
            Effect::Send(message) => Some(message),
            _ => None,
        });
        let Some(message) = said else { return };
        if message.buttons.iter().flatten().all(|button| button.target != human) {
            let label = self.folder.bot.labels.human.get(self.lang);
            message.buttons.push(vec![Button { label: label.to_owned(), target: human }]);
        }
    }
}

/// Whether an answer is an amount that is above so many US dollars from its lower end on ("from $50k" is). What has no
/// rate is not.
fn is_above(answer: &Answer, usd: f64, money: &Money) -> bool {
    let Answer::Money(Amount { min: Some(least), max, currency }) = answer else { return false };
    let bound = money.in_base(usd, "USD").zip(money.in_base(*least, currency));
    let is_open = max.is_none_or(|most| most > *least);
    bound.is_some_and(|(bound, least)| least > bound || is_open && least >= bound)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_zero(value: &u32) -> bool {
    *value == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tests::script::engine;
    use proptest::prelude::*;

    #[test]
    fn a_budget_counts_from_its_lower_end_in_any_currency_that_has_a_rate() {
        let money = &engine().folder().bot.money;
        let is = |min: Option<f64>, max: Option<f64>, currency: &str| {
            is_above(&Answer::Money(Amount { min, max, currency: currency.to_owned() }), 50_000.0, money)
        };
        assert!(is(Some(50_000.0), None, "USD") && is(Some(50_001.0), Some(50_001.0), "USD"));
        assert!(is(Some(60_000.0), Some(90_000.0), "EUR") && is(Some(5_000_000.0), Some(5_000_000.0), "RUB"));
        assert!(!is(Some(50_000.0), Some(50_000.0), "USD") && !is(Some(15_000.0), Some(90_000.0), "USD"));
        assert!(!is(None, Some(90_000.0), "USD") && !is(Some(3_000_000.0), None, "RUB"));
        assert!(!is(Some(9e9), None, "XAU") && !is_above(&Answer::Undecided, 50_000.0, money));
        // Where amounts are not compared in dollars and the dollar has no rate, nothing is.
        let roubles = Money { base: "RUB".to_owned(), ..Money::default() };
        let million = Answer::Money(Amount { min: Some(1e6), max: None, currency: "RUB".to_owned() });
        assert!(!is_above(&million, 1.0, &roubles));
    }

    proptest! {
        /// The count of doubts, checked against the last answers.
        #[test]
        fn a_human_looks_at_the_worst_answer_and_at_the_third_doubtful_one(
            answers in proptest::collection::vec(proptest::option::of(0.0_f32..1.0), 0..30),
        ) {
            let folder = engine().folder();
            let mut escalations = Escalations::default();
            let mut doubts = 0;
            for confidence in answers {
                let too_doubtful = escalations.is_too_doubtful(confidence, folder);
                let Some(confidence) = confidence else {
                    prop_assert!(!too_doubtful);
                    continue;
                };
                doubts = if confidence < 0.7 { doubts + 1 } else { 0 };
                prop_assert_eq!(too_doubtful, confidence < 0.5 || doubts == 3);
                if too_doubtful {
                    doubts = 0;
                }
            }
        }
    }
}
