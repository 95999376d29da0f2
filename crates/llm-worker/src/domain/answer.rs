//! What a provider comes back with.

use super::cover::Cover;

/// The end of a question that a provider has worked on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) reply: Reply,
    /// The model that answered, as the provider names it.
    pub(crate) model: String,
    pub(crate) usage: Usage,
    pub(crate) cost_micros: i64,
    /// Calls made, failed ones included.
    pub(crate) attempts: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reply {
    /// Words for the person, and where they come from.
    Text { text: String, citations: Vec<String>, action: Action, cover: Cover },
    /// It knows nothing about it.
    Unknown,
    /// It was paid for and said nothing that could be passed on.
    Empty(&'static str),
}

/// What is to happen next, as the model sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Action {
    /// The talk goes on.
    #[default]
    Continue,
    /// The person was asked something.
    Clarify,
    /// Only a human can go on.
    Handoff,
    /// The person has what they came for.
    Resolve,
}

/// Tokens as the provider counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// All tokens of the prompt, cached ones included.
    pub(crate) prompt: i64,
    pub(crate) cached: i64,
    pub(crate) completion: i64,
    /// False where the provider did not say; the counts are 0 then, not estimates.
    pub(crate) reported: bool,
}

impl Usage {
    /// This, and what calls that were given up before it had used. Whether it is known is as before: a success that
    /// nothing was said of stays one.
    pub(crate) const fn after(self, lost: Self) -> Self {
        let reported = self.reported;
        Self { reported, ..self.with(lost) }
    }

    /// Both together.
    pub(crate) const fn with(self, other: Self) -> Self {
        Self {
            prompt: self.prompt.saturating_add(other.prompt),
            cached: self.cached.saturating_add(other.cached),
            completion: self.completion.saturating_add(other.completion),
            reported: self.reported || other.reported,
        }
    }
}
