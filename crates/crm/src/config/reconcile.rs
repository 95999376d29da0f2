//! `[crm.reconcile]`: the nightly comparison with the CRMs.

use schemars::JsonSchema;
use serde::Deserialize;

/// When what was delivered is compared with what the CRMs have, and how far back.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReconcileConfig {
    /// The hour of the day, by UTC, from which on it is done, 0 to 23.
    #[schemars(range(min = 0, max = 23))]
    pub hour: u8,
    /// Leads of so many days, 1 to 14.
    #[schemars(range(min = 1, max = 14))]
    pub days: u8,
    /// Seconds after which it is looked whether a comparison is due, or one that failed is to be tried again, 1 to 3600.
    #[schemars(range(min = 1, max = 3600))]
    pub every_seconds: u64,
}

impl Default for ReconcileConfig {
    fn default() -> Self {
        Self { hour: 3, days: 7, every_seconds: 600 }
    }
}

impl super::CrmConfig {
    /// The same, checked.
    pub(crate) fn reconcile(&self) -> Result<ReconcileConfig, String> {
        let wrong = |what: &str| Err(format!("[crm.reconcile] {what}"));
        match self.reconcile {
            ReconcileConfig { hour: 24.., .. } => wrong("hour must be 0 to 23"),
            ReconcileConfig { days: 0 | 15.., .. } => wrong("days must be 1 to 14"),
            ReconcileConfig { every_seconds: 0 | 3601.., .. } => wrong("every_seconds must be 1 to 3600"),
            reconcile => Ok(reconcile),
        }
    }
}
