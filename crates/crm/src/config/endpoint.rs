//! `[[crm.endpoints]]`: whoever takes signed webhooks.

use std::collections::BTreeMap;
use std::fmt;

use ids::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One endpoint: a Standard Webhook.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndpointConfig {
    /// A name of your choice (1–32 of a–z, 0–9, `_`, `-`). It is part of what is kept: do not change it later.
    pub name: String,
    /// The address that leads are posted to.
    pub url: String,
    /// The signing secret, `whsec_…` (24 to 64 random bytes in base64). To rotate it, name the new one here
    /// and the old one in `previous_secret` for a while; both sign.
    pub secret: Secret,
    /// The secret that is on its way out.
    #[serde(default)]
    pub previous_secret: Secret,
    /// Headers of your own that every attempt carries: `{ "X-Team" = "sales", "Authorization_file" = "/run/secrets/crm" }`.
    /// 16 at most, 4 KiB together; none of those that belong to HTTP or the standard itself (`Host`, `Content-…`,
    /// `Webhook-…`, `Connection` and its kin).
    #[serde(default)]
    pub headers: BTreeMap<String, Secret>,
    /// Calls per second at most, by all replicas together; what comes faster waits. Left out: as fast as it answers.
    #[serde(default)]
    #[schemars(range(min = 0.01, max = 1000))]
    pub most_per_second: Option<f64>,
    /// Only what comes of these bots. Empty: of all.
    #[serde(default)]
    pub bots: Vec<String>,
    /// What it gets: `lead.created`, `handoff.prepared` (a brief for whoever takes a conversation over from a bot), and what
    /// happens to a lead later: `lead.files`, `lead.score_changed`, `handoff.taken`, `handoff.returned`, `conversation.closed`.
    #[serde(default = "leads")]
    pub events: Vec<String>,
    /// Of leads only those that are so warm; the others are counted and go nowhere, unless somebody else wants them.
    /// Empty: all.
    #[serde(default)]
    pub temperatures: Vec<Temperature>,
}

/// How likely a lead is to become an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Temperature {
    Hot,
    Warm,
    Cold,
}

impl Temperature {
    /// As the event of a lead says it. `None`: it says something else.
    pub(crate) fn said(word: &str) -> Option<Self> {
        match word {
            "hot" => Some(Self::Hot),
            "warm" => Some(Self::Warm),
            "cold" => Some(Self::Cold),
            _ => None,
        }
    }
}

fn leads() -> Vec<String> {
    vec!["lead.created".to_owned()]
}

impl fmt::Debug for EndpointConfig {
    /// Without the address, which may hold a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointConfig")
            .field("name", &self.name)
            .field("bots", &self.bots)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}
