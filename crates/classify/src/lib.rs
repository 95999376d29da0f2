//! One classification of errors. What a failure *is* decides, in one table each, what the edge of the
//! system does with it: the HTTP status and gRPC code (`service-kit`), nak or dead letter (`bus`),
//! retry or fail (`jobs`), and the level it is logged at.

use std::error::Error;
use std::fmt;

/// What kind of failure this is, seen by whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// It may work later with nothing changed: a connection cut, a server busy, a lock not had.
    Transient,
    /// It clashes with what is already there: a second writer, a duplicate name.
    Conflict,
    /// What it names does not exist.
    NotFound,
    /// The caller's input is wrong, and will be wrong again.
    Invalid,
    /// The caller may not do this.
    Denied,
    /// It will never work and the caller is not to blame: a bug, or data that should not exist.
    Permanent,
}

impl Class {
    /// Whether the same call may be tried again with hope.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::Transient | Self::Conflict)
    }

    /// Whether an operator should look at it (logged as an error, not as a warning).
    #[must_use]
    pub const fn is_our_fault(self) -> bool {
        matches!(self, Self::Permanent)
    }

    /// The word used in logs, metrics and problem answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::Conflict => "conflict",
            Self::NotFound => "not_found",
            Self::Invalid => "invalid",
            Self::Denied => "denied",
            Self::Permanent => "permanent",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error that knows its class.
pub trait Classify: Error + Send + Sync + 'static {
    fn class(&self) -> Class;
}

/// An error whose type no longer matters, only its class and its text: what crosses from a service
/// into the platform that runs it.
#[derive(Debug)]
pub struct Failure {
    class: Class,
    source: Box<dyn Error + Send + Sync>,
}

impl Failure {
    /// A failure with a class and a text of its own.
    pub fn new(class: Class, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { class, source: source.into() }
    }

    #[must_use]
    pub const fn class(&self) -> Class {
        self.class
    }

    /// Whether it was an error of this type.
    #[must_use]
    pub fn is<E: Error + 'static>(&self) -> bool {
        self.source.is::<E>()
    }

    /// The text of the error and of everything that caused it, joined by `: `. Written once, at the
    /// boundary; the errors themselves never repeat their source.
    #[must_use]
    pub fn chain(&self) -> String {
        chain(self.source.as_ref())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.chain())
    }
}

impl<E: Classify> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { class: error.class(), source: Box::new(error) }
    }
}

/// The text of an error and of its sources, joined by `: `.
#[must_use]
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        // Errors of others often repeat their cause in their own text.
        let said = cause.to_string();
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the outer thing failed")]
    struct Outer(#[source] std::io::Error);

    impl Classify for Outer {
        fn class(&self) -> Class {
            Class::Transient
        }
    }

    #[test]
    fn a_failure_says_its_class_and_each_cause_once() {
        let failure = Failure::from(Outer(std::io::Error::other("the inner cause")));
        assert_eq!(failure.class(), Class::Transient);
        assert_eq!(failure.to_string(), "the outer thing failed: the inner cause");
    }

    #[test]
    fn only_transient_and_conflict_are_worth_a_retry() {
        let all = [
            Class::Transient,
            Class::Conflict,
            Class::NotFound,
            Class::Invalid,
            Class::Denied,
            Class::Permanent,
        ];
        let retryable: Vec<_> = all.into_iter().filter(|c| c.is_retryable()).collect();
        assert_eq!(retryable, [Class::Transient, Class::Conflict]);
    }
}
