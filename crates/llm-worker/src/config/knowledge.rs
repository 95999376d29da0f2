//! `[llm-worker.knowledge]`: the documents that an administrator gives.

use outbound::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[llm-worker.knowledge]`: how documents are fetched that an administrator gave by their address.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KnowledgeConfig {
    /// Private networks that documents may be fetched from, such as `10.20.0.0/16`. Plain http is allowed only
    /// there. Everything else must be public and https.
    #[schemars(with = "Vec<String>")]
    pub allow_private_addresses: Vec<IpNet>,
    /// Hours after which it is looked whether a document has changed.
    pub refresh_hours: u16,
    /// How long one document may take to come, in milliseconds.
    pub timeout_ms: u64,
}

impl Default for KnowledgeConfig {
    fn default() -> Self {
        Self { allow_private_addresses: Vec::new(), refresh_hours: 24, timeout_ms: 20_000 }
    }
}
