//! Why a round of polling failed, and how long to wait before the next.

use std::time::Duration;

use bus::BusError;
use telegram::{ParseError, SendError};

#[derive(Debug, thiserror::Error)]
pub(super) enum PollError {
    #[error("telegram did not give the updates")]
    Telegram(#[from] SendError),
    #[error("an update was not stored and is fetched again")]
    NotStored(#[source] BusError),
    #[error("telegram sent an update that can not be read")]
    Unreadable(#[source] ParseError),
}

const FIRST: Duration = Duration::from_millis(250);
/// So long updates may lie at Telegram after the trouble is over.
const LONGEST: Duration = Duration::from_secs(5);
/// For what only a person can change.
const HOPELESS: Duration = Duration::from_secs(60);

impl PollError {
    pub(super) fn is_conflict(&self) -> bool {
        matches!(self, Self::Telegram(SendError::Conflict(_)))
    }

    /// After so many failures one after the other.
    pub(super) fn pause(&self, failures: u32) -> Duration {
        let doubled = FIRST.saturating_mul(2u32.saturating_pow(failures.saturating_sub(1)));
        let growing = doubled.min(LONGEST);
        match self {
            Self::Telegram(SendError::RetryAfter(wait)) => *wait,
            Self::Telegram(SendError::Unauthorized) => doubled.min(HOPELESS),
            _ => growing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_and_obey_telegram() {
        let lost = PollError::NotStored(BusError::Disconnected);
        let pauses: Vec<u128> = [1, 2, 3, 5, 6, 99].map(|n| lost.pause(n).as_millis()).to_vec();
        assert_eq!(pauses, [250, 500, 1000, 4000, 5000, 5000]);
        let wait = PollError::Telegram(SendError::RetryAfter(Duration::from_secs(33)));
        assert_eq!(wait.pause(1), Duration::from_secs(33));
        assert_eq!(PollError::Telegram(SendError::Unauthorized).pause(99), HOPELESS);
        assert!(PollError::Telegram(SendError::Conflict(String::new())).is_conflict());
    }
}
