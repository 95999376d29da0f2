//! How a question ended.

use std::sync::Arc;

use tokio::time::Instant;

use super::meter::{Meter, Seen};
use super::named;
use crate::domain::answer::{Action, Usage};
use crate::providers::{Model, ModelId};

/// How a question ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct End {
    pub(crate) outcome: Outcome,
    /// Why there is no answer, or why it is the bot's own words.
    pub(crate) reason: Option<String>,
    /// What is to happen next, and how sure the answer is, 0 to 1; `None` where there is none.
    pub(crate) action: Action,
    pub(crate) confidence: Option<f32>,
    /// Who had the last word.
    pub(crate) provider: String,
    pub(crate) model: String,
    /// Of all calls for this question together.
    pub(crate) usage: Usage,
    pub(crate) cost_micros: i64,
    pub(crate) attempts: u32,
    pub(crate) route: Route,
    /// Who had the last word, as it is configured; `None` where nobody was asked.
    pub(crate) by: Option<ModelId>,
    /// From the begin to the first of the answer of who had the last word. Milliseconds.
    pub(crate) first_token_ms: Option<i64>,
    /// How it ended, as its provider says; empty where it does not.
    pub(crate) finish: &'static str,
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

/// The way a question took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Route {
    /// "agent", "chat", "assistant"; empty where nobody was asked.
    pub(crate) mode: &'static str,
    /// "small", "medium", "large"; empty where nobody was asked.
    pub(crate) tier: &'static str,
    /// Why these models.
    pub(crate) reason: String,
    /// `provider/model`, and what came of asking it, in order.
    pub(crate) tried: Vec<(String, String)>,
}

/// A model that is being asked.
#[derive(Debug)]
pub(super) struct UnderWay {
    pub(super) model: Arc<Model>,
    pub(super) meter: Meter,
    /// When the work on the question began.
    pub(super) since: Instant,
}

/// The provider of an end that no provider had a part in.
pub(super) const NONE: &str = "none";

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

impl End {
    /// An end that no provider had a part in.
    pub(crate) fn failed(reason: &str) -> Self {
        Self {
            outcome: Outcome::Failed,
            reason: Some(reason.to_owned()),
            action: Action::Continue,
            confidence: None,
            provider: NONE.to_owned(),
            model: String::new(),
            usage: Usage::default(),
            cost_micros: 0,
            attempts: 0,
            route: Route::default(),
            by: None,
            first_token_ms: None,
            finish: "",
        }
    }

    /// Nobody would be shown the answer. Who was asked last had the last word, and what was seen of them by then
    /// counts.
    pub(super) fn is_superseded(&mut self, under_way: Option<&UnderWay>) {
        const WORD: &str = "superseded";
        (self.outcome, self.reason) = (Outcome::Superseded, Some(WORD.to_owned()));
        (self.action, self.confidence) = (Action::Continue, None);
        let Some(UnderWay { model, meter, since }) = under_way else { return };
        let seen = meter.seen();
        if seen.tries.attempts == 0 {
            return;
        }
        let usage = Usage { reported: false, ..seen.usage.after(seen.tries.lost) };
        self.adds(usage, model.info.prices.cost_micros(usage), seen.tries.attempts);
        self.route.tried.push((model.info.id.to_string(), WORD.to_owned()));
        self.speaks(model, model.info.id.name(), seen, *since);
    }

    /// This model has the last word by now.
    pub(super) fn speaks(&mut self, model: &Model, name: &str, seen: Seen, since: Instant) {
        model.provider.name().clone_into(&mut self.provider);
        self.model = named(name);
        self.by = Some(model.info.id.clone());
        (self.first_token_ms, self.finish) = (seen.first_token_ms(since), seen.finish_word());
    }

    /// Adds what one call came to.
    pub(super) fn adds(&mut self, usage: Usage, cost_micros: i64, attempts: u32) {
        let first = self.attempts == 0;
        self.usage = Usage {
            prompt: self.usage.prompt.saturating_add(usage.prompt),
            cached: self.usage.cached.saturating_add(usage.cached),
            completion: self.usage.completion.saturating_add(usage.completion),
            reported: usage.reported && (first || self.usage.reported),
        };
        self.cost_micros = self.cost_micros.saturating_add(cost_micros);
        self.attempts = self.attempts.saturating_add(attempts);
    }
}
