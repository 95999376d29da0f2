//! The name an operator gives a bot.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name of a bot in this installation: 1–32 of a–z, 0–9, `_` and `-`, so that it fits into an
/// address, an event subject and a file name as it is. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BotName(Arc<str>);

/// Text that is not a bot name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a bot name: use 1 to 32 of a-z, 0-9, `_` and `-`")]
pub struct BadBotName;

impl BotName {
    pub const MAX_LEN: usize = 32;

    /// Checks and takes a name.
    pub fn new(name: &str) -> Result<Self, BadBotName> {
        let fits = (1..=Self::MAX_LEN).contains(&name.len());
        let plain = name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
        if fits && plain { Ok(Self(name.into())) } else { Err(BadBotName) }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BotName {
    type Err = BadBotName;

    fn from_str(name: &str) -> Result<Self, BadBotName> {
        Self::new(name)
    }
}

impl TryFrom<String> for BotName {
    type Error = BadBotName;

    fn try_from(name: String) -> Result<Self, BadBotName> {
        Self::new(&name)
    }
}

impl From<BotName> for String {
    fn from(name: BotName) -> Self {
        name.as_str().to_owned()
    }
}

impl Borrow<str> for BotName {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for BotName {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for BotName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl JsonSchema for BotName {
    fn schema_name() -> Cow<'static, str> {
        "BotName".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[a-z0-9_-]{1,32}$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_plain_short_names_are_taken() {
        for good in ["a", "dev2production", "bot_1-x", "12345678901234567890123456789012"] {
            assert_eq!(BotName::new(good).unwrap().as_str(), good);
        }
        for bad in ["", "Bot", "a b", "a.b", "бот", "a/b", "a*", "123456789012345678901234567890123"] {
            assert_eq!(BotName::new(bad), Err(BadBotName), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_taken_is_safe_in_a_subject_and_a_path(text in ".{0,40}") {
            if let Ok(name) = BotName::new(&text) {
                prop_assert!(!name.as_str().contains(['.', '*', '>', '/', '\\', ' ']));
            }
        }
    }
}
