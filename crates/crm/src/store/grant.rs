//! Pairs of tokens that are renewed, sealed.

use ids::{Pii, Secret, Timestamp};
use pg::{PgError, Pool};
use sqlx::Row;

use super::seal::Seal;
use crate::adapters::{Pair, Renewal, Trouble};

/// The pairs of all accounts.
#[derive(Clone)]
pub(crate) struct Grants {
    pool: Pool,
    seal: Seal,
}

impl Grants {
    pub(crate) const fn new(pool: Pool, seal: Seal) -> Self {
        Self { pool, seal }
    }

    /// The newest access token of an account.
    pub(crate) async fn current(&self, account: &str) -> Result<Secret, Trouble> {
        let sealed: Option<Vec<u8>> = sqlx::query_scalar("select access from oauth_grant where account = $1")
            .bind(account)
            .fetch_optional(&self.pool)
            .await
            .map_err(|error| not_sent(&error.into()))?;
        self.open(account, &sealed.ok_or_else(no_consent)?)
    }

    /// The access token after `used`, of which the CRM says that it is over. The row is held while the CRM is asked, so
    /// that one worker of all replicas asks and the others find what it stored; nobody has the new pair before it is stored.
    pub(crate) async fn renewed(
        &self,
        account: &str,
        used: &Secret,
        renewal: &dyn Renewal,
    ) -> Result<Secret, Trouble> {
        let mut tx = self.pool.begin().await.map_err(|error| not_sent(&error.into()))?;
        let row = sqlx::query("select access, refresh from oauth_grant where account = $1 for update")
            .bind(account)
            .fetch_optional(&mut *tx)
            .await
            .map_err(|error| not_sent(&error.into()))?
            .ok_or_else(no_consent)?;
        let column = |name| row.try_get::<Vec<u8>, _>(name).map_err(|error| not_sent(&error.into()));
        let access = self.open(account, &column("access")?)?;
        if access.expose() != used.expose() {
            // Somebody was faster.
            return Ok(access);
        }
        let pair = renewal.renew(&self.open(account, &column("refresh")?)?).await?;
        self.write(&mut tx, account, &pair).await.map_err(|error| not_sent(&error))?;
        tx.commit().await.map_err(|error| not_sent(&error.into()))?;
        Ok(pair.access)
    }

    /// Keeps the first pair, or one after a person has consented anew.
    pub(crate) async fn keep(&self, account: &str, pair: &Pair) -> Result<(), PgError> {
        let mut tx = self.pool.begin().await?;
        self.write(&mut tx, account, pair).await?;
        Ok(tx.commit().await?)
    }

    async fn write(&self, tx: &mut pg::PgConnection, account: &str, pair: &Pair) -> Result<(), PgError> {
        sqlx::query(
            "insert into oauth_grant (account, access, refresh, expires_at) values ($1, $2, $3, $4)
             on conflict (account) do update set access = excluded.access, refresh = excluded.refresh,
                 expires_at = excluded.expires_at, renewed_at = now()",
        )
        .bind(account)
        .bind(self.seal.close(account, &pair.access))
        .bind(self.seal.close(account, &pair.refresh))
        .bind(jiff_sqlx::Timestamp::from(pair.expires_at))
        .execute(tx)
        .await?;
        Ok(())
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

fn not_sent(error: &PgError) -> Trouble {
    Trouble::NotSent(classify::chain(error))
}

fn no_consent() -> Trouble {
    Trouble::Denied {
        status: 0,
        why: "nobody has consented yet: run `dragoman crm connect`",
        said: Pii::new(String::new()),
    }
}
