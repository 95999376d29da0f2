//! Each call of a model is paid for: money is held for it before, and what it came to is known when it ends, however
//! it ends.

use classify::Failure;

use super::Asked;
use super::terms::Terms;
use crate::domain::question::Question;
use crate::money::{Money, Refusal, Reservation, Verdict, Who, estimate};
use crate::providers::{Model, OFFLINE};

/// Rules, fences and what is known of the person, in bytes at most.
const RULES: usize = 4_096;

/// What it takes to pay for answers.
#[derive(Clone)]
pub(crate) struct Till {
    pub(crate) money: Money,
    pub(crate) max_tokens: u32,
    /// Tokens of a prompt at most.
    pub(crate) prompt_tokens: u32,
}

/// Whether there is money for a call.
pub(super) enum Held {
    Yes(Option<(Reservation, Terms)>),
    /// The question has its end already.
    Ended,
    Refused(Refusal),
}

impl Till {
    /// Holds the worst that a call of this model can cost.
    pub(super) async fn hold(
        &self,
        asked: &Asked<'_>,
        mode: &str,
        question: &Question,
        model: &Model,
        has_others: bool,
    ) -> Result<Held, Failure> {
        if model.provider.name() == OFFLINE {
            // The bot's own words cost nothing.
            return Ok(Held::Yes(None));
        }
        let terms = self.terms(question, model);
        // The mode is for the row of a call that is cancelled or lost.
        let who = Who { mode: mode.to_owned(), ..asked.who.clone() };
        let (id, name) = (asked.request_id, model.info.id.name());
        let verdict = self.money.reserve_one_of(id, &who, name, terms.most_micros, has_others).await?;
        Ok(match verdict {
            Verdict::Reserved(reservation) => Held::Yes(Some((reservation, terms))),
            Verdict::Ended => Held::Ended,
            Verdict::Refused(refusal) => Held::Refused(refusal),
        })
    }

    fn terms(&self, question: &Question, model: &Model) -> Terms {
        let most: i64 = self.prompt_tokens.into();
        let prompt = most_tokens(question).min(most);
        let answer = self.max_tokens.min(model.info.max_output_tokens);
        let calls = model.provider.most_calls();
        let bytes = parts(question).map(str::len).sum::<usize>() + RULES;
        Terms {
            prices: model.info.prices,
            prompt_tokens: estimate::tokens(bytes).min(most),
            most_micros: estimate::worst_case(&model.info.prices, prompt, answer, calls),
        }
    }
}

impl std::fmt::Debug for Till {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Till").finish_non_exhaustive()
    }
}

/// What goes to a model, before it is fitted into the budget: everything that may be told.
fn parts(question: &Question) -> impl Iterator<Item = &str> {
    let turns = question.turns.iter().map(|turn| turn.text.expose().as_str());
    let sources = question.words_of_sources().into_iter();
    let summary = question.memory.summary.as_ref().map(|summary| summary.text.as_str());
    std::iter::once(question.prompt.as_str()).chain(summary).chain(sources).chain(turns)
}

fn most_tokens(question: &Question) -> i64 {
    let texts = parts(question).fold(0_i64, |sum, text| sum.saturating_add(estimate::most_tokens(text)));
    texts.saturating_add(i64::try_from(RULES / 2).unwrap_or(i64::MAX))
}
