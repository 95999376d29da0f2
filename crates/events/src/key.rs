use std::fmt;

/// What an event is about, as a token of its subject: events of one key are handled in order.
///
/// A token holds no dot, space, `*` or `>`, which mean something in a subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

/// Text that can not be a token of a subject.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} can not be an event's key: it must be 1 to 128 of A-Z a-z 0-9 _ -")]
pub struct KeyError(String);

impl Key {
    /// Reads a key back from where it was stored.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let fits = (1..=128).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if fits { Ok(Self(text.to_owned())) } else { Err(KeyError(text.to_owned())) }
    }

    /// The key of everything that happens between one bot and one chat. A character that a token can
    /// not hold becomes `_`; bot names are checked when the configuration is read.
    #[must_use]
    pub fn chat(bot: &str, chat_id: i64) -> Self {
        use fmt::Write as _;
        let mut text = token(bot, 100);
        let _ = write!(text, "_{chat_id}");
        Self(text)
    }

    /// A key from an id or another word of ours.
    #[must_use]
    pub fn of(word: impl fmt::Display) -> Self {
        Self(token(&word.to_string(), 128))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn token(word: &str, most: usize) -> String {
    let text: String = word
        .chars()
        .take(most)
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' })
        .collect();
    if text.is_empty() { "_".to_owned() } else { text }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_chat_key_names_bot_and_chat() {
        assert_eq!(Key::chat("dev2production", -1001).as_str(), "dev2production_-1001");
    }

    proptest! {
        #[test]
        fn every_key_is_a_token(bot in ".{0,200}", chat in any::<i64>()) {
            let key = Key::chat(&bot, chat);
            prop_assert_eq!(Key::parse(key.as_str()).unwrap(), key);
        }
    }
}
