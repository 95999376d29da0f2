//! `calibration.yml`: what the evidence for an answer is worth. Written by `dragoman bot calibrate` out of the labelled
//! sets for tuning, not by hand.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// A logistic model: the confidence is `1 / (1 + e^-z)`, where `z` is `bias` and each piece of evidence times its weight.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// How many questions it was made from.
    pub questions: u32,
    pub bias: f64,
    /// By the name of the evidence.
    pub weights: BTreeMap<String, f64>,
}

const HEAD: &str =
    "# What the evidence for an answer is worth. Written by `dragoman bot calibrate`: do not edit.\n";

/// That of the bot whose labelled set is the largest; other bots are measured by the same evidence.
static SHIPPED: LazyLock<Calibration> = LazyLock::new(|| {
    // A test sees to it that it can be read; without it nothing would be answered, which is safe.
    serde_saphyr::from_str(include_str!("../../../bots/dev2production/calibration.yml")).unwrap_or_default()
});

impl Calibration {
    /// As it is written into `calibration.yml`.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        let mut yaml = String::from(HEAD);
        // Writing to a string can not fail.
        let _ = writeln!(yaml, "questions: {}\nbias: {}\nweights:", self.questions, self.bias);
        for (name, weight) in &self.weights {
            let _ = writeln!(yaml, "  {name}: {weight}");
        }
        yaml
    }

    /// What a bot has whose folder has none of its own.
    #[must_use]
    pub fn shipped() -> Self {
        SHIPPED.clone()
    }
}
