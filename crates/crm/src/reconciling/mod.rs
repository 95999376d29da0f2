//! Comparing what was delivered to an account with what its CRM has. It only reads there: whoever wants what is missing made
//! again asks for it (`dragoman crm redrive --lead`).

mod nightly;

use std::collections::HashSet;
use std::time::Duration;

use classify::{Class, Failure};
use ids::{Clock, SignedDuration, Timestamp, Uuid};
use pg::{PgError, Pool};

use crate::accounts::Account;
use crate::adapters::{TOGETHER, Trouble};
use crate::delivering::said;
use crate::domain::deal::Marked;
use crate::store::comparison::{self, Comparison, Difference, KINDS};

pub(crate) use nightly::Nightly;

/// Whoever delivers goes first; after so long a comparison that finds no room is given up.
const PATIENCE: Duration = Duration::from_secs(600);
/// It looks again for room after so long at most.
const LOOK: Duration = Duration::from_secs(5);

/// One comparison.
pub(crate) struct Reconciling<'a> {
    pub(crate) account: &'a Account,
    pub(crate) pool: &'a Pool,
    pub(crate) clock: &'a Clock,
    pub(crate) days: u8,
}

/// What a comparison came to.
struct Found {
    /// Leads of ours and deals of the CRM that were looked at.
    counts: (i64, i64),
    /// What was not looked at.
    note: &'static str,
    differences: Vec<Difference>,
}

impl Reconciling<'_> {
    /// Does it and keeps what it found under this id. Twice is the same as once.
    pub(crate) async fn run(&self, id: i64) -> Result<(), Failure> {
        match self.compared().await {
            Ok(Found { counts, note, differences }) => {
                comparison::end(self.pool, id, counts, note, &differences).await?;
                for kind in KINDS {
                    let count = differences.iter().filter(|one| one.kind == kind).count();
                    metrics::gauge!("dragoman_crm_differences", "account" => self.account.name.clone(), "kind" => kind)
                        .set(count as f64);
                }
                Ok(())
            }
            Err(failure) => {
                comparison::fail(self.pool, id, &failure.chain()).await?;
                Err(failure)
            }
        }
    }

    /// The one that was begun last.
    pub(crate) async fn last(&self) -> Result<Option<Comparison>, PgError> {
        comparison::last(self.pool, &self.account.name).await
    }

    /// Leads from then on are compared.
    pub(crate) fn since(&self) -> Timestamp {
        let since = self.clock.now().checked_sub(SignedDuration::from_hours(24 * i64::from(self.days)));
        since.unwrap_or(Timestamp::UNIX_EPOCH)
    }

    async fn compared(&self) -> Result<Found, Failure> {
        let since = self.since();
        // Ours first: what is delivered in between is in the CRM's list, and known by then.
        let (leads, mut differences) = self.gone(since).await?;
        let (deals, is_all) = self.marked(since, &mut differences).await?;
        for lead_id in comparison::stuck(self.pool, &self.account.name, since).await? {
            differences.push(Difference { kind: "stuck", lead_id, deal: String::new() });
        }
        differences.sort();
        let note = if is_all { "" } else { "the CRM has more deals of these days than were looked at" };
        Ok(Found { counts: (leads, deals), note, differences })
    }

    /// What we delivered and the CRM has no more.
    async fn gone(&self, since: Timestamp) -> Result<(i64, Vec<Difference>), Failure> {
        let (mut count, mut gone) = (0, Vec::new());
        let mut page = comparison::delivered(self.pool, &self.account.name, since, None).await?;
        while let Some(last) = page.last() {
            let next = comparison::delivered(self.pool, &self.account.name, since, Some(last)).await?;
            for some in page.chunks(TOGETHER) {
                let deals: HashSet<&str> = some.iter().map(|one| one.deal.as_str()).collect();
                let deals: Vec<String> = deals.into_iter().map(str::to_owned).collect();
                self.room().await?;
                let there =
                    self.account.adapter.there(&deals).await.map_err(|trouble| self.told(&trouble))?;
                let missing = some.iter().filter(|one| !there.contains(&one.deal));
                gone.extend(missing.map(|one| Difference {
                    kind: "gone",
                    lead_id: one.lead_id,
                    deal: one.deal.clone(),
                }));
            }
            count += i64::try_from(page.len()).unwrap_or(0);
            page = next;
        }
        Ok((count, gone))
    }

    /// What the CRM has of ours that we do not know, or have twice.
    async fn marked(
        &self,
        since: Timestamp,
        differences: &mut Vec<Difference>,
    ) -> Result<(i64, bool), Failure> {
        self.room().await?;
        let (marked, is_all) =
            self.account.adapter.marked(since).await.map_err(|trouble| self.told(&trouble))?;
        let marks: Vec<Uuid> = marked.iter().map(|one| one.mark).collect();
        let known = comparison::known(self.pool, &self.account.name, &marks).await?;
        for Marked { mark, deals } in &marked {
            let kind = match known.get(mark) {
                None => "unknown",
                // Under way, or put into a deal that has no mark of its own.
                Some(None) => continue,
                Some(Some(deal)) if deals.contains(deal) => continue,
                Some(Some(_)) => "twice",
            };
            let deal = deals.first().cloned().unwrap_or_default();
            differences.push(Difference { kind, lead_id: *mark, deal });
        }
        Ok((i64::try_from(marked.len()).unwrap_or(i64::MAX), is_all))
    }

    /// Waits until the account has room to spare: a comparison takes no turn that a lead waits for.
    async fn room(&self) -> Result<(), Failure> {
        let mut waited = Duration::ZERO;
        loop {
            let mut tx = self.pool.begin().await.map_err(PgError::from)?;
            let spare = jobs::take_spare(&mut tx, &self.account.spare()).await?;
            tx.commit().await.map_err(PgError::from)?;
            let Err(after) = spare else { return Ok(()) };
            if waited + after > PATIENCE {
                let why = format!(
                    "{0} has no room for a comparison now; dragoman crm check {0} says why",
                    self.account.name
                );
                return Err(Failure::new(Class::Transient, why));
            }
            let after = after.clamp(Duration::from_millis(10), LOOK);
            tokio::time::sleep(after).await;
            waited += after;
        }
    }

    fn told(&self, trouble: &Trouble) -> Failure {
        Failure::new(Class::Transient, said(&self.account.name, trouble))
    }
}
