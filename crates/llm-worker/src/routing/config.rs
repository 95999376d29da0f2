//! The section `[llm-worker.routing]`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pool::Step;
use crate::error::ConfigError;

/// Which models are asked, and when another one is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RoutingConfig {
    /// The steps for each mode (`chat`, `assistant`; `agent`, of a question that comes with tools, which no bot offers
    /// yet): tiers (`small`, `medium`, `large`) or models (`provider/model`), each asked where the one before it could
    /// not answer. A mode that is not named begins with the tier its question takes and goes on with the larger ones.
    pub chains: BTreeMap<String, Vec<String>>,
    /// How much of a tier's work a model gets, by `provider/model`. Not named: 1. 0: only where it is named in a
    /// chain or chosen by a person.
    pub weights: BTreeMap<String, u32>,
    /// Models that a question may ask for by name (`model` of `bot.model.requested`), as `provider/model`.
    pub choosable: Vec<String>,
    /// Models asked for one question at most.
    pub most_models: u32,
    /// An answer of fewer words that cites no source is tried with the next step too, unless it is a plain yes or
    /// no. 0: never.
    pub short_answer_words: u32,
    /// An answer that cites no source, where the bot is less sure than this that it knows about the question, is tried
    /// with the next step too, 0 to 1.
    pub low_confidence: f32,
}

impl Default for RoutingConfig {
    fn default() -> Self {
        Self {
            chains: BTreeMap::new(),
            weights: BTreeMap::new(),
            choosable: Vec::new(),
            most_models: 3,
            short_answer_words: 3,
            low_confidence: 0.5,
        }
    }
}

impl RoutingConfig {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let modes = ["agent", "chat", "assistant"];
        if !self.chains.keys().all(|mode| modes.contains(&mode.as_str())) {
            return Err(ConfigError::RoutingMode);
        }
        let mut steps = self.chains.values().flatten();
        if self.chains.values().any(Vec::is_empty) || !steps.all(|step| Step::read(step).is_some()) {
            return Err(ConfigError::RoutingStep);
        }
        if self.most_models == 0 || !(0.0..=1.0).contains(&self.low_confidence) {
            return Err(ConfigError::RoutingBounds);
        }
        Ok(())
    }
}
