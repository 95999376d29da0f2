//! Pairs of tokens that are renewed, sealed. A refresh token is good once, so what a renewal brings home is the only key to
//! the account: one worker of all replicas renews, it does so to its end whatever becomes of the job that asked, and what it
//! brings home is written however long the database is away. A process that is killed between the CRM's answer and our
//! commit loses the pair all the same; a person has to consent anew then.

mod write;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use ids::{Pii, Secret, Timestamp};
use pg::{PgError, Pool, in_time};
use sqlx::Row;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tracing::Instrument;

use super::seal::Seal;
use crate::adapters::{Renewal, Trouble};

/// Seconds after which whoever began to renew is taken for gone. More than a call may take (`timeout_seconds`).
const CLAIM: f64 = 75.0;
/// Between two looks at what another replica renews.
const LOOK: Duration = Duration::from_millis(200);
/// Whoever would have to wait longer for another replica comes back instead of holding a place.
const PATIENCE: Duration = Duration::from_secs(10);

/// The pairs of all accounts.
#[derive(Clone)]
pub(crate) struct Grants {
    pool: Pool,
    seal: Seal,
    lines: Lines,
}

/// Of each account those of this process whose token is over, one after the other: one of them asks the database and the CRM,
/// and however many wait for it take neither a connection nor a call.
type Lines = Arc<std::sync::Mutex<HashMap<String, Arc<Mutex<Option<Failed>>>>>>;

/// How the last renewal came to nothing: so it did for everybody who waited for it.
struct Failed {
    at: Instant,
    trouble: Trouble,
}

/// A pair as it is kept, sealed.
struct Kept {
    access: Vec<u8>,
    refresh: Vec<u8>,
}

impl Grants {
    pub(crate) fn new(pool: Pool, seal: Seal) -> Self {
        Self { pool, seal, lines: Lines::default() }
    }

    /// The newest access token of an account.
    pub(crate) async fn current(&self, account: &str) -> Result<Secret, Trouble> {
        self.open(account, &self.kept(account).await?.access)
    }

    /// The access token after `used`, of which the CRM says that it is over. The renewal goes on where the caller is dropped.
    pub(crate) async fn renewed(
        &self,
        account: &str,
        used: &Secret,
        renewal: &Arc<dyn Renewal>,
    ) -> Result<Secret, Trouble> {
        let came = Instant::now();
        let mut last = self.line(account).lock_owned().await;
        if let Some(failed) = last.as_ref().filter(|failed| failed.at >= came) {
            return Err(failed.trouble.clone());
        }
        let (grants, account, used) = (self.clone(), account.to_owned(), used.clone());
        let renewal = renewal.clone();
        let renewing = async move {
            let ended = grants.renew(&account, &used, renewal.as_ref()).await;
            let failed = |trouble: &Trouble| Failed { at: Instant::now(), trouble: trouble.clone() };
            *last = ended.as_ref().err().map(failed);
            ended
        };
        let ended = tokio::spawn(renewing.in_current_span()).await;
        ended.unwrap_or_else(|_| Err(Trouble::NotSent("the renewal of the token was cut off".to_owned())))
    }

    fn line(&self, account: &str) -> Arc<Mutex<Option<Failed>>> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.entry(account.to_owned()).or_default().clone()
    }

    async fn renew(&self, account: &str, used: &Secret, renewal: &dyn Renewal) -> Result<Secret, Trouble> {
        let began = Instant::now();
        let (kept, claim) = loop {
            let kept = self.kept(account).await?;
            let access = self.open(account, &kept.access)?;
            if access.expose() != used.expose() {
                // Somebody was faster.
                return Ok(access);
            }
            if let Some(claim) = self.claim(account, &kept).await? {
                break (kept, claim);
            }
            if began.elapsed() > PATIENCE {
                return Err(Trouble::Busy { status: None, after: PATIENCE, only_this: false });
            }
            tokio::time::sleep(LOOK).await;
        };
        let refresh = self.open(account, &kept.refresh)?;
        match renewal.renew(&refresh).await {
            Ok(pair) if self.replace(account, &kept, &pair).await => Ok(pair.access),
            // A person has consented anew meanwhile, and theirs is the newer.
            Ok(_) => self.current(account).await,
            Err(trouble) => {
                self.give_back(account, claim).await;
                // Whoever was taken for gone, or a person, may have brought another meanwhile.
                let newest = self.current(account).await;
                newest.ok().filter(|newest| newest.expose() != used.expose()).ok_or(trouble)
            }
        }
    }

    async fn kept(&self, account: &str) -> Result<Kept, Trouble> {
        let read = async {
            let row = sqlx::query("select access, refresh from oauth_grant where account = $1")
                .bind(account)
                .fetch_optional(&self.pool)
                .await?;
            row.map(|row| Ok(Kept { access: row.try_get("access")?, refresh: row.try_get("refresh")? }))
                .transpose()
        };
        in_time::<_, PgError>(read).await?.ok_or_else(no_consent)
    }

    fn open(&self, account: &str, sealed: &[u8]) -> Result<Secret, Trouble> {
        self.seal.open(account, sealed).ok_or_else(|| Trouble::Denied {
            status: 0,
            why: "the stored tokens can not be read with this [crm] encryption_key; put the old key back or consent anew",
            said: Pii::new(String::new()),
        })
    }
}

/// When the pair of each account was renewed last.
pub(crate) async fn renewed(connection: &mut pg::PgConnection) -> Result<Vec<(String, Timestamp)>, PgError> {
    let rows: Vec<(String, jiff_sqlx::Timestamp)> =
        sqlx::query_as("select account, renewed_at from oauth_grant").fetch_all(connection).await?;
    Ok(rows.into_iter().map(|(account, at)| (account, at.to_jiff())).collect())
}

fn no_consent() -> Trouble {
    Trouble::Denied {
        status: 0,
        why: "nobody has consented yet: run `dragoman crm connect`",
        said: Pii::new(String::new()),
    }
}
