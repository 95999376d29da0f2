//! The look for trouble, on one replica at a time: what is wrong now is compared with what was known, and what is new, or
//! over, is told. All of it stands in one transaction, so whatever is cut off begins anew and tells nothing twice.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use classify::Failure;
use events::Trail;
use ids::{Clock, Ids, Timestamp};
use jobs::{Chore, Jobs, Queue, periodic};
use pg::{PgConnection, PgError, Pool};

use super::{Alerts, TellJob};
use crate::accounts::{Account, Accounts};
use crate::config::{AlertEvent, WatchConfig};
use crate::expiry::warning;
use crate::store::grant;
use crate::store::trouble::{self, Wrong};
use crate::store::wrong;

const WATCH: &str = "crm.watch";

pub(crate) struct Watch {
    pub(crate) alerts: Arc<Alerts>,
    /// The endpoints and accounts of the settings.
    pub(crate) names: Vec<String>,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) config: WatchConfig,
    pub(crate) clock: Clock,
    pub(crate) pool: Pool,
    pub(crate) jobs: Jobs,
    pub(crate) ids: Ids,
}

impl Watch {
    pub(crate) fn queue(self) -> Queue {
        periodic(WATCH, Duration::from_secs(self.config.every_seconds), Arc::new(self))
    }

    async fn seen(&self, tx: &mut PgConnection) -> Result<Vec<Wrong>, PgError> {
        let open = trouble::open(tx, AlertEvent::DeadLetter).await?;
        let mut seen = wrong::given_up(tx, &open).await?;
        seen.extend(wrong::not_taken(tx, &self.names).await?);
        seen.extend(wrong::missing(tx, &self.names).await?);
        let renewed = grant::renewed(tx).await?;
        let renewed =
            |account: &Account| renewed.iter().find(|(name, _)| *name == account.name).map(|(_, at)| *at);
        seen.extend(self.accounts.all().filter_map(|account| self.ending(account, renewed(account))));
        Ok(seen)
    }

    /// Each warning is a step up, and so it is told once.
    fn ending(&self, account: &Account, renewed: Option<Timestamp>) -> Option<Wrong> {
        let end = account.token_end.at(renewed)?;
        metrics::gauge!("dragoman_crm_token_ends_seconds", "account" => account.name.clone())
            .set(end.as_second() as f64);
        let now = self.clock.now();
        let count = warning(end, now)?;
        let (target, detail) = (account.name.clone(), end.to_string());
        Some(Wrong { what: AlertEvent::TokenEnds, target, count, since: now, detail })
    }
}

#[async_trait]
impl Chore for Watch {
    async fn run(&self) -> Result<(), Failure> {
        let mut tx = self.pool.begin().await.map_err(PgError::from)?;
        let seen = self.seen(&mut tx).await?;
        let changes = trouble::keep(&mut tx, &seen).await?;
        let (gather, again) = (self.config.gather_seconds as f64, self.config.again_minutes as f64 * 60.0);
        let news = trouble::to_tell(&mut tx, &self.alerts.wants(), gather, again).await?;
        let job = |news| TellJob::of(news, Trail::start(self.ids.trace(), self.ids.event()));
        let jobs = news.iter().map(job).collect::<Result<Vec<_>, _>>()?;
        let begun = self.jobs.enqueue(&mut tx, jobs).await?;
        tx.commit().await.map_err(PgError::from)?;
        begun.run();
        for one in changes.grown {
            tracing::warn!(
                what = one.what.as_str(),
                target = one.target,
                count = one.count,
                why = one.detail,
                "delivery trouble"
            );
        }
        for (what, target) in changes.over {
            tracing::info!(what = what.as_str(), target, "delivery trouble is over");
        }
        Ok(())
    }
}
