//! API keys of the organisation's own programs: what one may do, and whether a key that is shown is one of them.

mod cache;
mod desk;
mod text;

use ids::Timestamp;

pub(crate) use cache::{Keys, Refusal};
pub use desk::{KeyCard, KeyDesk, KeyError, NewKey};
pub(crate) use text::Shown;

/// How long a key's budget lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// From midnight to midnight, in the time zone of the model worker's budgets.
    Day,
    /// From the first of a month to the next.
    Month,
}

impl Period {
    pub(crate) const ALL: [Self; 2] = [Self::Day, Self::Month];

    /// As it is written and stored.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    /// The period of this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.word() == word)
    }
}

/// What a key may do.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) hash: [u8; 32],
    /// The secret before the last rotation, and until when it opens.
    pub(crate) old: Option<([u8; 32], Timestamp)>,
    /// Empty: every model.
    pub(crate) models: Vec<String>,
    pub(crate) budget_micros: Option<i64>,
    pub(crate) period: Period,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) revoked: bool,
}

impl Key {
    /// Whether the key that was shown is this one, in use.
    fn opens(&self, shown: &Shown<'_>, now: Timestamp) -> bool {
        let by_old = self.old.as_ref().is_some_and(|(old, until)| shown.is(old) && now < *until);
        let lasts = self.expires_at.is_none_or(|at| now < at);
        (shown.is(&self.hash) || by_old) && lasts && !self.revoked
    }

    /// Whether it may ask this model.
    pub(crate) fn may_ask(&self, model: &str) -> bool {
        let fits = |allowed: &String| match allowed.strip_suffix("/*") {
            Some(provider) => model.split_once('/').is_some_and(|(of, _)| of == provider),
            None => allowed == model,
        };
        self.models.is_empty() || self.models.iter().any(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(models: &[&str]) -> Key {
        Key {
            id: "1".to_owned(),
            hash: [0; 32],
            old: None,
            models: models.iter().map(ToString::to_string).collect(),
            budget_micros: None,
            period: Period::Day,
            expires_at: None,
            revoked: false,
        }
    }

    #[test]
    fn a_key_asks_what_it_may() {
        assert!(key(&[]).may_ask("any/model"));
        let some = key(&["deepseek/v4", "local/*"]);
        assert!(some.may_ask("deepseek/v4") && some.may_ask("local/qwen"));
        for other in ["deepseek/v4-pro", "deepseek/v", "localhost/qwen", "local", "DeepSeek/v4", ""] {
            assert!(!some.may_ask(other), "{other}");
        }
    }

    #[test]
    fn a_period_is_known_by_its_word() {
        for period in Period::ALL {
            assert_eq!(Period::of_word(period.word()), Some(period));
        }
        assert_eq!(Period::of_word("year"), None);
    }
}
