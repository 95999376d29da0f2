use classify::{Class, Failure};
use ids::{Clock, Uuid};
use pg::PgError;

use super::Desk;
use crate::delivering::MAY_BE_GONE;
use crate::reconciling::Reconciling;
use crate::store::comparison::{self, Comparison};
use crate::store::redrive::{self, Again};

impl Desk {
    /// Compares every account, or one, with its CRM, or says what the last comparison found. Nothing is changed there. One
    /// that fails says why.
    ///
    /// # Errors
    /// `NotFound` where no account has this name.
    pub async fn reconcile(&self, name: Option<&str>, only_last: bool) -> Result<Vec<Comparison>, Failure> {
        let clock = Clock::system();
        let mut compared = Vec::new();
        for account in self.named(name)? {
            let reconciling = Reconciling { account, pool: &self.pool, clock: &clock, days: self.days };
            if !only_last {
                let id = comparison::begin(&self.pool, &account.name).await?;
                // Why it failed is kept with it.
                let _ = reconciling.run(id).await;
            }
            compared.extend(reconciling.last().await?);
        }
        Ok(compared)
    }

    /// Delivers one lead once more: what was given up, what is stuck, or what the CRM has lost. What is still there is found
    /// by its mark and not made again.
    ///
    /// # Errors
    /// `NotFound` where nothing was ever called so or no such lead is kept for it, `Conflict` where it is on its way.
    pub async fn redrive_lead(&self, name: &str, lead_id: &str) -> Result<(), Failure> {
        let not_kept = || {
            Failure::new(Class::NotFound, format!("no lead {lead_id} is kept for {name}; see dragoman leads"))
        };
        self.is_known(name).await?;
        let lead: Uuid = lead_id.parse().map_err(|_| not_kept())?;
        let account = self.accounts.get(name);
        let mut tx = self.pool.begin().await.map_err(PgError::from)?;
        let trail = events::Trail::start(ids::Ids::system().trace(), ids::Ids::system().event());
        match redrive::lead(&mut tx, name, lead, &MAY_BE_GONE, &trail).await? {
            Again::Driven => {}
            Again::GivenUp(letter) => {
                jobs::replay(&mut tx, letter).await?;
            }
            Again::OnItsWay => {
                return Err(Failure::new(
                    Class::Conflict,
                    format!("the lead {lead_id} is on its way to {name}"),
                ));
            }
            Again::NotKept => return Err(not_kept()),
        }
        let keys = account.map(crate::accounts::Account::keys).unwrap_or_default();
        redrive::resume(&mut tx, name, &keys).await?;
        tx.commit().await.map_err(PgError::from)?;
        Ok(())
    }
}
