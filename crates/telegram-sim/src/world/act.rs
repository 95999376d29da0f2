//! Why a person can not do what the control API asked for.

use classify::{Class, Classify};

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ActError {
    #[error("there is no person {0}")]
    NoPerson(i64),
    #[error("there is no bot {0}")]
    NoBot(String),
    #[error("there is no chat {0}")]
    NoChat(String),
    #[error("there is no message {0} in the chat")]
    NoMessage(i64),
    #[error("message {0} has no button with this data")]
    NoButton(i64),
    #[error("there is no draft {0} that can be stopped")]
    NoDraft(i64),
    #[error("there is no file {0}")]
    NoFile(String),
    #[error("person {0} is not in the chat")]
    NotIn(i64),
    #[error("message {0} was not written by this person")]
    NotTheirs(i64),
    #[error("there is no topic {0} in the chat, or it is closed")]
    NoTopic(i64),
    #[error("{0}")]
    Invalid(String),
}

impl Classify for ActError {
    fn class(&self) -> Class {
        match self {
            Self::NoPerson(_)
            | Self::NoBot(_)
            | Self::NoChat(_)
            | Self::NoMessage(_)
            | Self::NoButton(_)
            | Self::NoDraft(_)
            | Self::NoFile(_)
            | Self::NoTopic(_) => Class::NotFound,
            Self::NotIn(_) | Self::NotTheirs(_) => Class::Denied,
            Self::Invalid(_) => Class::Invalid,
        }
    }
}
