//! Why a process did not start (or stopped by itself): one sentence that says what to do.

use std::error::Error;

use classify::{Class, Classify};

use crate::settings::SettingsError;
use crate::telemetry::TelemetryError;

/// A start that failed. The text is for the person at the terminal and is one sentence; the cause, if it
/// adds something, is the source.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings are wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("{role} has no database; set [{role}] database_url (or {variable})")]
    NoDatabase { role: &'static str, variable: String },
    #[error(
        "{role} can not use its database; is Postgres running (on a developer's machine: dragoman up), and is [{role}] database_url right?"
    )]
    Database { role: &'static str, source: pg::PgError },
    #[error("the schema of {role} can not be brought up to date")]
    Migrate { role: &'static str, source: pg::PgError },
    #[error(transparent)]
    Bus(#[from] bus::BusError),
    #[error("can not listen on {address}; {hint}")]
    Listen { address: String, hint: &'static str, source: std::io::Error },
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    #[error("the process can not start its threads")]
    Runtime(#[source] std::io::Error),
    #[error("two roles of this process are called {0}; name each once")]
    RoleTwice(&'static str),
    /// A role could not put its parts together.
    #[error("{role} can not start: {what}")]
    Role { role: &'static str, what: String },
    #[error("the process stopped because {what} failed")]
    Stopped { what: String },
    #[error("the work in hand did not end within {seconds} s and was cut off")]
    Cut { seconds: u64 },
}

impl StartError {
    /// The whole of it in one sentence, for the terminal: the text, and the cause in brackets.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self.source() {
            Some(cause) => format!("{self} ({})", classify::chain(cause)),
            None => self.to_string(),
        }
    }

    /// What a role says when something of its own is missing: one sentence, with what to do.
    pub fn role(role: &'static str, what: impl Into<String>) -> Self {
        Self::Role { role, what: what.into() }
    }
}

impl Classify for StartError {
    fn class(&self) -> Class {
        match self {
            Self::Settings(_)
            | Self::NoDatabase { .. }
            | Self::Listen { .. }
            | Self::RoleTwice(_)
            | Self::Telemetry(_)
            | Self::Role { .. } => Class::Invalid,
            Self::Database { source, .. } | Self::Migrate { source, .. } => source.class(),
            Self::Bus(error) => error.class(),
            Self::Runtime(_) | Self::Stopped { .. } | Self::Cut { .. } => Class::Permanent,
        }
    }
}
