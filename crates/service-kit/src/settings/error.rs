//! What is wrong with the settings: where, what, and what to do. No value that may be secret is in it.

use std::fmt;
use std::io;
use std::path::PathBuf;

use classify::{Class, Classify};

/// Where a setting was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Lines and columns count from 1; columns in characters.
    File {
        path: PathBuf,
        line: usize,
        column: usize,
    },
    Variable(String),
    /// Given by the program itself (a short name of `dragoman up`, a test).
    Given(String),
    /// Nowhere: it is missing, and so is its section.
    Missing,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line, column } => write!(f, "{}:{line}:{column}", path.display()),
            Self::Variable(name) | Self::Given(name) => f.write_str(name),
            Self::Missing => f.write_str("settings"),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("the settings file {} can not be read ({reason}); name an existing one with --config", path.display())]
    Read {
        path: PathBuf,
        /// In the text above, since "not found" and "no permission" need different help; as a source it would be told twice.
        reason: io::Error,
    },
    #[error("{place}: not valid TOML: {message}")]
    Syntax { place: Place, message: String },
    #[error("{place}: there is no section [{name}]; the sections are {known}")]
    UnknownSection { place: Place, name: String, known: String },
    #[error("{place}: {name} stands outside of any section; move it under a [section] line")]
    NoSection { place: Place, name: String },
    #[error("{variable}: names no setting; the form is DRAGOMAN__SECTION__KEY")]
    Variable { variable: String },
    #[error("{place}: {key}: {what}; {remedy}")]
    Value { place: Place, key: String, what: String, remedy: String },
    #[error("{place}: {key}: the file {} can not be read ({reason}); correct the path or its permissions", path.display())]
    SecretFile { place: Place, key: String, path: PathBuf, reason: String },
    #[error("{place}: {key} and {key}_file are both given; remove one")]
    SecretTwice { place: Place, key: String },
}

impl Classify for SettingsError {
    fn class(&self) -> Class {
        Class::Invalid
    }
}
