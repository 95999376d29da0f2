//! What models are asked, as numbers.

use std::time::Duration;

use super::end::NONE;
use super::{End, Outcome};
use crate::domain::answer::{Answer, Reply};
use crate::providers::{Model, ProviderError};

pub(super) fn count(model: &Model, result: &Result<Answer, ProviderError>, took: Duration) {
    let outcome = match result {
        Ok(Answer { reply: Reply::Text { .. }, .. }) => "answered",
        Ok(Answer { reply: Reply::Unknown, .. }) => "unknown",
        Ok(Answer { reply: Reply::Empty(_), .. }) => "empty",
        Err(error) => error.problem.word(),
    };
    let name = || model.provider.name().to_owned();
    metrics::counter!("dragoman_model_requests_total", "provider" => name(), "outcome" => outcome)
        .increment(1);
    metrics::histogram!("dragoman_model_seconds", "provider" => name()).record(took.as_secs_f64());
    if let Ok(answer) = result
        && let Ok(cost @ 1..) = u64::try_from(answer.cost_micros)
    {
        // The model as configured: what a provider calls it is not ours to bound.
        let model = model.info.id.name().to_owned();
        metrics::counter!("dragoman_model_cost_micros_total", "provider" => name(), "model" => model)
            .increment(cost);
    }
}

/// Counts an end that no provider had a part in, or that did not wait for one; the others are counted where they are
/// asked.
pub(crate) fn count_unasked(end: &End) {
    if end.provider == NONE || end.outcome == Outcome::Superseded {
        let (provider, outcome) = (end.provider.clone(), end.reason.clone().unwrap_or_default());
        metrics::counter!("dragoman_model_requests_total", "provider" => provider, "outcome" => outcome)
            .increment(1);
    }
}
