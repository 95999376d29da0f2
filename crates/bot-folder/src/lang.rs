//! The name of a language: the first part of a BCP 47 tag, two or three small letters.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::yaml::recover::Words;

/// A language, `en` or `ru`. Cheap to copy; ordered by its letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "String")]
pub struct Lang([u8; 3]);

/// Text that does not name a language.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a language; write two or three small letters, such as `en` or `ru`")]
pub struct NotALanguage(String);

impl Lang {
    pub const EN: Self = Self(*b"en ");
    pub const RU: Self = Self(*b"ru ");

    /// Reads a whole tag as Telegram sends it (`en`, `pt-br`, `zh-hans`) and keeps the language.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let word = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        word.parse().ok()
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        let len = if self.0[2] == b' ' { 2 } else { 3 };
        // Only ASCII letters get in, so this never falls back.
        std::str::from_utf8(&self.0[..len]).unwrap_or("en")
    }
}

impl FromStr for Lang {
    type Err = NotALanguage;

    fn from_str(text: &str) -> Result<Self, NotALanguage> {
        let bytes = text.as_bytes();
        if !(2..=3).contains(&bytes.len()) || !bytes.iter().all(u8::is_ascii_lowercase) {
            return Err(NotALanguage(text.to_owned()));
        }
        Ok(Self([bytes[0], bytes[1], bytes.get(2).copied().unwrap_or(b' ')]))
    }
}

impl Default for Lang {
    fn default() -> Self {
        Self::EN
    }
}

impl<'de> Deserialize<'de> for Lang {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Words::new("a language"))
    }
}

impl From<Lang> for String {
    fn from(lang: Lang) -> Self {
        lang.as_str().to_owned()
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl JsonSchema for Lang {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Lang".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[a-z]{2,3}$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_keeps_its_language() {
        let cases = ["en", "pt-br", "RU", "zh_Hans", "ast"].map(Lang::of_tag);
        let words: Vec<_> = cases.iter().flatten().map(Lang::as_str).collect();
        assert_eq!(words, ["en", "pt", "ru", "zh", "ast"]);
        assert_eq!([Lang::of_tag(""), Lang::of_tag("русский"), Lang::of_tag("e")], [None; 3]);
    }
}
