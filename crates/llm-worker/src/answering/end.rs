//! How a question ended.

use crate::domain::answer::{Action, Usage};

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
        }
    }

    /// The end of a question whose answer nobody would be shown. What its provider had done by then is not known.
    pub(crate) fn superseded() -> Self {
        Self { outcome: Outcome::Superseded, ..Self::failed("superseded") }
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
