//! `eval/model/baseline.json`: how the cases of `eval/model/` went when somebody was content with it. What goes worse is a
//! regression. Written by `dragoman llm eval --save-baseline`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// By who answered: `scripts`, or `provider/model`.
pub type ModelBaselines = BTreeMap<String, ModelBaseline>;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelBaseline {
    /// How often each case was tried.
    pub runs: u32,
    /// By name: of the case, or `case › script`.
    pub cases: BTreeMap<String, CaseBaseline>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseBaseline {
    /// In how many of the runs everything was as it has to be.
    pub passed: u32,
    /// Of one run in the mean, in millionths of a US dollar.
    pub cost_micros: i64,
    /// In milliseconds; half of the runs took no longer. Not of scripts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p50_ms: Option<u64>,
}
