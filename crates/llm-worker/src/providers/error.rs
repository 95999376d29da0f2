//! Why a provider did not answer.

use std::time::Duration;

use classify::{Class, Classify};
use tokio::time::Instant;

use crate::domain::answer::Usage;
use crate::domain::context::TooSmall;

/// A call that a provider could not answer, after everything it was worth trying.
#[derive(Debug, thiserror::Error)]
#[error("the provider did not answer")]
pub(crate) struct ProviderError {
    #[source]
    pub(crate) problem: Problem,
    /// Calls made.
    pub(crate) attempts: u32,
    /// Of these, the ones that may have been worked on and that nothing was told of.
    pub(crate) unheard: u32,
    /// What calls that were given up had used by then, as far as it was told.
    pub(crate) lost: Usage,
}

impl ProviderError {
    pub(crate) fn new(problem: Problem, attempts: u32) -> Self {
        Tries { attempts, ..Tries::default() }.failed(problem)
    }
}

/// What was done by now for one answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tries {
    /// Calls made. 0: nobody was asked yet.
    pub(crate) attempts: u32,
    /// Of those that were given up, the ones that may have been worked on and that nothing was told of.
    pub(crate) unheard: u32,
    /// What those that were given up had used, as far as it was told.
    pub(crate) lost: Usage,
    /// The last one has not been given up.
    pub(crate) is_open: bool,
}

/// Whoever wants to know before each call is made, and when one is given up.
pub(crate) type Told<'a> = &'a (dyn Fn(Tries) + Send + Sync);

impl Tries {
    /// Every call was given up.
    pub(crate) fn failed(self, problem: Problem) -> ProviderError {
        let Self { attempts, unheard, lost, .. } = self;
        ProviderError { problem, attempts, unheard, lost }
    }

    /// The last one is given up in the middle.
    pub(crate) fn cut_off(self, problem: Problem) -> ProviderError {
        Self { unheard: self.unheard + u32::from(self.is_open), ..self }.failed(problem)
    }
}

/// What went wrong with one call. No key and no words of a person stand in it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    /// Too many calls for the moment.
    #[error("too many calls for the moment (status {status})")]
    RateLimited { status: u16, wait: Duration },
    #[error("it is busy or broken (status {status})")]
    Busy { status: u16, wait: Duration },
    /// What was paid for is used up. Trying again costs nothing and helps nobody.
    #[error("the quota is used up (status {status}, {code})")]
    Quota { status: u16, code: String },
    /// The key is not taken.
    #[error("it refuses the key (status {status}, {said})")]
    Key { status: u16, said: String },
    #[error("it knows no such model or address (status {status}, {said})")]
    NoModel { status: u16, said: String },
    /// The prompt is longer than the model or the provider takes.
    #[error("the prompt is too long for it (status {status}, {said})")]
    TooLong { status: u16, said: String },
    #[error("it refuses the call (status {status}, {said})")]
    Refused { status: u16, said: String },
    #[error("it can not be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("it took too long")]
    TimedOut,
    #[error("no time was left to ask")]
    NoTime,
    /// As many calls as may be are under way, and none ended in time.
    #[error("too many calls to it are under way")]
    Crowded,
    /// It failed again and again, and is left alone for a while.
    #[error("it failed again and again and is left alone for {} more seconds", wait.as_secs())]
    LeftAlone { wait: Duration },
    /// The connection was cut in the middle of an answer.
    #[error("its answer broke off")]
    Cut,
    #[error("its answer can not be read: {0}")]
    Malformed(&'static str),
    #[error("the conversation holds nothing to answer")]
    NothingAsked,
    #[error(transparent)]
    PromptTooLong(#[from] TooSmall),
}

impl Problem {
    /// What it tells of the provider: that the caller's own `deadline` has passed tells nothing.
    pub(super) fn of_the_provider(&self, deadline: Instant) -> &Self {
        match self {
            Self::TimedOut if Instant::now() >= deadline => &Self::NoTime,
            problem => problem,
        }
    }

    /// Whether the same call may work a moment later, at the same provider.
    pub(crate) const fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::RateLimited { .. } | Self::Busy { .. } | Self::Unreachable(_) | Self::TimedOut | Self::Cut
        )
    }

    /// Whether it is a sign that the provider as a whole does not work.
    pub(crate) const fn is_unhealthy(&self) -> bool {
        matches!(
            self,
            Self::Busy { .. } | Self::Unreachable(_) | Self::TimedOut | Self::Cut | Self::Malformed(_)
        )
    }

    /// Whether the provider may have done the work all the same.
    pub(super) const fn may_be_paid_for(&self) -> bool {
        matches!(self, Self::TimedOut | Self::Cut | Self::Malformed(_))
    }

    /// Whether another key may be taken where this one was not.
    pub(crate) const fn is_of_the_key(&self) -> bool {
        matches!(self, Self::Key { .. } | Self::Quota { .. } | Self::RateLimited { .. })
    }

    /// How long the provider asked to be left alone.
    pub(crate) const fn wait(&self) -> Duration {
        match self {
            Self::RateLimited { wait, .. } | Self::Busy { wait, .. } => *wait,
            _ => Duration::ZERO,
        }
    }

    /// The word for the ledger and the metrics.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::RateLimited { .. } => "rate_limited",
            Self::Busy { .. } => "busy",
            Self::Quota { .. } => "quota",
            Self::Key { .. } => "key_refused",
            Self::NoModel { .. } => "unknown_model",
            Self::TooLong { .. } => "too_long",
            Self::Refused { .. } => "refused",
            Self::Unreachable(_) => "unreachable",
            Self::TimedOut => "timed_out",
            Self::NoTime => "no_time",
            Self::Crowded => "crowded",
            Self::LeftAlone { .. } => "left_alone",
            Self::Cut => "cut",
            Self::Malformed(_) => "malformed",
            Self::NothingAsked => "nothing_asked",
            Self::PromptTooLong(_) => "too_long",
        }
    }
}

impl Classify for ProviderError {
    fn class(&self) -> Class {
        match &self.problem {
            problem if problem.is_retryable() => Class::Transient,
            Problem::NoTime | Problem::Crowded | Problem::LeftAlone { .. } => Class::Transient,
            Problem::Quota { .. } | Problem::Key { .. } => Class::Denied,
            Problem::NoModel { .. } => Class::NotFound,
            Problem::TooLong { .. } | Problem::NothingAsked => Class::Invalid,
            _ => Class::Permanent,
        }
    }
}
