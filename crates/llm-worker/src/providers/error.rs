//! Why a provider did not answer.

use std::time::Duration;

use classify::{Class, Classify};

use crate::domain::context::TooSmall;

/// A question that a provider could not answer, after everything it was worth trying.
#[derive(Debug, thiserror::Error)]
#[error("the provider did not answer")]
pub(crate) struct ProviderError {
    #[source]
    pub(crate) problem: Problem,
    /// Calls made.
    pub(crate) attempts: u32,
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
    #[error("it refuses the call (status {status}, {said})")]
    Refused { status: u16, said: String },
    #[error("it can not be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("it took too long")]
    TimedOut,
    #[error("no time was left to ask")]
    NoTime,
    #[error("its answer can not be read: {0}")]
    Malformed(&'static str),
    #[error(transparent)]
    TooLong(#[from] TooSmall),
}

impl Problem {
    /// Whether the same call may work a moment later.
    pub(crate) const fn is_retryable(&self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Busy { .. } | Self::Unreachable(_) | Self::TimedOut)
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
            Self::Refused { .. } => "refused",
            Self::Unreachable(_) => "unreachable",
            Self::TimedOut => "timed_out",
            Self::NoTime => "no_time",
            Self::Malformed(_) => "malformed",
            Self::TooLong(_) => "too_long",
        }
    }
}

impl Classify for ProviderError {
    fn class(&self) -> Class {
        match &self.problem {
            problem if problem.is_retryable() => Class::Transient,
            Problem::NoTime => Class::Transient,
            Problem::Quota { .. } => Class::Denied,
            _ => Class::Permanent,
        }
    }
}
