//! Text in several languages.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Lang;

/// One thing said in every language of the bot. A checked folder has all of them, so `get` always
/// finds what it is asked for; with an unchecked one it falls back rather than fail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Localized(BTreeMap<Lang, String>);

impl Localized {
    /// The text in this language, else in the first language there is, else nothing.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        self.0.get(&lang).or_else(|| self.0.values().next()).map_or("", String::as_str)
    }

    #[must_use]
    pub fn has(&self, lang: Lang) -> bool {
        self.0.contains_key(&lang)
    }

    pub fn iter(&self) -> impl Iterator<Item = (Lang, &str)> {
        self.0.iter().map(|(lang, text)| (*lang, text.as_str()))
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<const N: usize> From<[(Lang, &str); N]> for Localized {
    fn from(pairs: [(Lang, &str); N]) -> Self {
        Self(pairs.into_iter().map(|(lang, text)| (lang, text.to_owned())).collect())
    }
}

/// Lists of words or phrases, one list per language.
pub type LocalizedList = BTreeMap<Lang, Vec<String>>;
