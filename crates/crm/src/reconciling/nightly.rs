use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use classify::Failure;
use ids::{Clock, Timestamp};
use jobs::{Chore, Queue, periodic};
use pg::Pool;

use super::Reconciling;
use crate::accounts::Accounts;
use crate::config::ReconcileConfig;
use crate::store::comparison;

const RECONCILE: &str = "crm.reconcile";
/// So often the comparison of a day is begun where it fails or is cut off.
const TRIES: i32 = 6;
const DAY: i64 = 86_400;

/// Every night, on one replica: each account is compared with its CRM.
pub(crate) struct Nightly {
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) config: ReconcileConfig,
    pub(crate) pool: Pool,
    pub(crate) clock: Clock,
}

impl Nightly {
    pub(crate) fn queue(self) -> Queue {
        periodic(RECONCILE, Duration::from_secs(self.config.every_seconds), Arc::new(self))
    }
}

#[async_trait]
impl Chore for Nightly {
    async fn run(&self) -> Result<(), Failure> {
        let Some(day) = due(self.clock.now(), self.config.hour) else { return Ok(()) };
        for account in self.accounts.all() {
            let begun = comparison::begin_of_day(&self.pool, &account.name, &day, TRIES).await?;
            let Some(id) = begun else { continue };
            let reconciling =
                Reconciling { account, pool: &self.pool, clock: &self.clock, days: self.config.days };
            if comparison::end_where_idle(&self.pool, id, &account.name, reconciling.since()).await? {
                continue;
            }
            // One account that is away holds up no other; it is tried again at the next turn.
            if let Err(failure) = reconciling.run(id).await {
                tracing::warn!(account = account.name, why = %failure, "the comparison with the CRM failed");
            }
        }
        Ok(())
    }
}

/// The day whose comparison is to be done at `now`: `2026-11-28`.
fn due(now: Timestamp, hour: u8) -> Option<String> {
    let of_day = now.as_second().rem_euclid(DAY);
    let day = now.to_string().split('T').next()?.to_owned();
    (of_day >= i64::from(hour) * 3600).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_its_hour() {
        let at = |now: &str| due(now.parse().unwrap(), 3);
        assert_eq!(at("2026-11-28T02:59:59.9Z"), None);
        assert_eq!(at("2026-11-28T03:00:00Z").unwrap(), "2026-11-28");
        assert_eq!(at("2026-11-28T23:59:59Z").unwrap(), "2026-11-28");
    }
}
