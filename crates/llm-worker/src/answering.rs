//! One question from its sources to its end: the provider, who steps in for it, and the check of what is
//! promised. Whatever happens, there is an end.

mod asker;

use std::time::Instant as Started;

use tokio::time::{Instant, timeout_at};

use crate::domain::answer::{Answer, Reply, Usage};
use crate::domain::claims;
use crate::domain::question::Question;
use crate::providers::{Model, Problem, ProviderError};

pub(crate) use asker::Asker;

/// How a question ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct End {
    pub(crate) outcome: Outcome,
    /// Why there is no answer, or why it is not the provider's.
    pub(crate) reason: Option<String>,
    pub(crate) provider: String,
    pub(crate) model: String,
    pub(crate) usage: Usage,
    pub(crate) cost_micros: i64,
    pub(crate) attempts: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Answered {
        text: String,
        citations: Vec<String>,
    },
    Unknown,
    Failed,
    /// Nobody waits for it any more.
    Superseded,
}

impl Outcome {
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Answered { .. } => "answered",
            Self::Unknown => "unknown",
            Self::Failed => "failed",
            Self::Superseded => "superseded",
        }
    }
}

/// The provider of an end that no provider had a part in.
const NONE: &str = "none";

impl End {
    /// An end that no provider had a part in.
    pub(crate) fn failed(reason: &str) -> Self {
        Self {
            outcome: Outcome::Failed,
            reason: Some(reason.to_owned()),
            provider: NONE.to_owned(),
            model: String::new(),
            usage: Usage::default(),
            cost_micros: 0,
            attempts: 0,
        }
    }

    /// The end of a question whose answer nobody would be shown. What its provider had done by then is not known.
    pub(crate) fn superseded() -> Self {
        Self { outcome: Outcome::Superseded, ..Self::failed("superseded") }
    }
}

/// Answers before `deadline`.
pub(crate) async fn answer(asker: &Asker, question: &Question, deadline: Instant) -> End {
    let first = asker.catalog.first();
    let (provider, model) = (first.provider.name().to_owned(), first.info.id.name().to_owned());
    let mut end = End { provider, model, ..End::failed("") };
    let reason = match ask(asker, first, question, deadline).await {
        Ok(answer) => {
            end.model = named(&answer.model);
            end.usage = answer.usage;
            end.cost_micros = answer.cost_micros;
            end.attempts = answer.attempts;
            match answer.reply {
                Reply::Text { text, citations } => return checked(end, question, text, citations),
                Reply::Unknown => {
                    return End { outcome: Outcome::Unknown, reason: None, ..end };
                }
                Reply::Empty(why) => {
                    tracing::warn!(provider = end.provider, why, "an answer could not be passed on");
                    "empty"
                }
            }
        }
        Err(error) => {
            end.attempts = error.attempts;
            let attempts = error.attempts;
            tracing::warn!(
                provider = end.provider, attempts, error = %classify::chain(&error), "the model did not answer"
            );
            error.problem.word()
        }
    };
    end.reason = Some(reason.to_owned());
    step_in(asker, question, end, deadline).await
}

/// The end of a question that may go to no model: the bot's own words answer it, if they can.
pub(crate) async fn without_a_model(
    asker: &Asker,
    question: &Question,
    reason: String,
    deadline: Instant,
) -> End {
    step_in(asker, question, End::failed(&reason), deadline).await
}

/// Somebody else answers in the place of whom `end` is of.
async fn step_in(asker: &Asker, question: &Question, end: End, deadline: Instant) -> End {
    let Some(fallback) = asker.fallback() else { return end };
    // It asks nobody outside, so it may take a moment even where the time is up.
    let moment = Instant::now() + std::time::Duration::from_secs(1);
    match ask(asker, fallback, question, deadline.max(moment)).await {
        Ok(Answer { reply: Reply::Text { text, citations }, model, .. }) => {
            let outcome = Outcome::Answered { text, citations };
            End { outcome, provider: fallback.provider.name().to_owned(), model, ..end }
        }
        _ => end,
    }
}

/// An answer is passed on only with promises that it was given.
fn checked(end: End, question: &Question, text: String, citations: Vec<String>) -> End {
    let said: Vec<&str> = question.words_of_person().collect();
    match claims::unfounded(&text, &question.words_of_sources(), &said) {
        None => End { outcome: Outcome::Answered { text, citations }, reason: None, ..end },
        Some(claim) => {
            tracing::warn!(
                provider = end.provider, model = %end.model, claim = %claim,
                "an answer promised what no source says and was withheld"
            );
            let reason = Some(format!("claim_{}", claim.kind()));
            End { outcome: Outcome::Unknown, reason, ..end }
        }
    }
}

/// Asks a model, and counts what came of it.
async fn ask(
    asker: &Asker,
    model: &Model,
    question: &Question,
    deadline: Instant,
) -> Result<Answer, ProviderError> {
    let started = Started::now();
    let asked = timeout_at(deadline, asker.ask(model, question, deadline)).await;
    let result = asked.unwrap_or_else(|_| Err(ProviderError::new(Problem::TimedOut, 1)));
    let outcome = match &result {
        Ok(Answer { reply: Reply::Text { .. }, .. }) => "answered",
        Ok(Answer { reply: Reply::Unknown, .. }) => "unknown",
        Ok(Answer { reply: Reply::Empty(_), .. }) => "empty",
        Err(error) => error.problem.word(),
    };
    let name = || model.provider.name().to_owned();
    metrics::counter!("dragoman_model_requests_total", "provider" => name(), "outcome" => outcome)
        .increment(1);
    metrics::histogram!("dragoman_model_seconds", "provider" => name())
        .record(started.elapsed().as_secs_f64());
    if let Ok(answer) = &result
        && let Ok(cost @ 1..) = u64::try_from(answer.cost_micros)
    {
        // The model as configured: what a provider calls it is not ours to bound.
        let model = model.info.id.name().to_owned();
        metrics::counter!("dragoman_model_cost_micros_total", "provider" => name(), "model" => model)
            .increment(cost);
    }
    result
}

/// Counts an end that no provider had a part in; the others are counted where they are asked.
pub(crate) fn count_unasked(end: &End) {
    if end.provider == NONE {
        let outcome = end.reason.clone().unwrap_or_default();
        metrics::counter!("dragoman_model_requests_total", "provider" => NONE, "outcome" => outcome)
            .increment(1);
    }
}

/// The name a provider gave its model, as a row and an event can hold it.
fn named(model: &str) -> String {
    model.chars().filter(|c| !c.is_control()).take(100).collect()
}

#[cfg(test)]
mod provider_tests;
#[cfg(test)]
mod tests;
