//! How a call got lost on the way, told without the address (which holds the token).

use std::error::Error;
use std::fmt;

/// No connection came about: the request certainly did not reach Telegram.
#[derive(Debug)]
pub struct NotSent(pub(super) reqwest::Error);

impl fmt::Display for NotSent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("could not connect to the bot api server")
    }
}

impl Error for NotSent {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// What happened after the request had, or may have, gone out: it is unknown whether it took effect.
#[derive(Debug, thiserror::Error)]
pub enum Lost {
    #[error("no answer in time")]
    Timeout,
    #[error("the connection broke before the answer was complete")]
    Connection(#[source] reqwest::Error),
    /// HTTP says success, but what came is not an answer of the Bot API.
    #[error("the answer is not one of the bot api")]
    Answer(#[source] serde_json::Error),
}

/// Sorts what reqwest reports. The address is taken off first.
pub(super) fn sort(error: reqwest::Error) -> Result<NotSent, Lost> {
    let error = error.without_url();
    if error.is_connect() || error.is_builder() {
        Ok(NotSent(error))
    } else if error.is_timeout() {
        Err(Lost::Timeout)
    } else {
        Err(Lost::Connection(error))
    }
}
