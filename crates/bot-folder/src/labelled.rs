//! `eval/*.yml`: questions as people put them, each with the answer it ought to get. The answers of the FAQ are measured
//! by them, and how sure they are is calibrated by them; so they are kept apart from the patterns.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::{FolderErrors, Lang, LocalizedList};

/// One file of `eval/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelledSet {
    /// What it is for.
    #[serde(rename = "use")]
    pub purpose: Purpose,
    /// The file's name without `.yml`.
    #[serde(skip)]
    pub file: String,
    #[serde(default, deserialize_with = "crate::yaml::recover::each")]
    pub questions: Vec<Labelled>,
    /// What the FAQ must not answer: it goes to a model or to a human.
    #[serde(default)]
    pub nothing: LocalizedList,
    /// What must bring a human at once: a handover, or an answer with a button that calls one.
    #[serde(default)]
    pub human: LocalizedList,
}

impl LabelledSet {
    /// Reads a set that lies outside a bot's folder. Whether its answers exist only the folder knows.
    ///
    /// # Errors
    /// Every mistake in it.
    pub fn from_yaml(file: &str, text: &str) -> Result<Self, FolderErrors> {
        crate::load::labelled(file, text)
    }
}

/// What a labelled set is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The calibration looks at it, and so may whoever writes patterns.
    Tuning,
    /// It is only ever measured.
    HeldOut,
}

/// Questions that have one answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Labelled {
    /// The id of an entry of the FAQ.
    pub answer: String,
    /// Ways to put it, by language.
    #[serde(flatten)]
    pub phrases: LocalizedList,
}

impl<'de> Deserialize<'de> for Labelled {
    /// By hand: serde's own `flatten` would lose the place of a mistake.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Labelled;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`answer` and phrases by language")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Labelled, A::Error> {
        let mut answer = None;
        let mut phrases = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            if key == "answer" {
                answer = Some(map.next_value()?);
            } else {
                let lang: Lang = key.parse().map_err(serde::de::Error::custom)?;
                phrases.insert(lang, map.next_value()?);
            }
        }
        let answer = answer.ok_or_else(|| serde::de::Error::missing_field("answer"))?;
        Ok(Labelled { answer, phrases })
    }
}
