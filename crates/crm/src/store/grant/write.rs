//! What is written of pairs.

use std::time::Duration;

use classify::Classify;
use pg::{PgError, in_time};

use super::{CLAIM, Grants, Kept};
use crate::adapters::Pair;

/// A pair that can not be written is told of once in so many tries.
const TOLD: u32 = 60;

impl Grants {
    /// Takes it on itself to renew this pair. `None`: somebody else does, or it is not the newest any more.
    pub(super) async fn claim(
        &self,
        account: &str,
        kept: &Kept,
    ) -> Result<Option<jiff_sqlx::Timestamp>, PgError> {
        let claimed = async {
            Ok(sqlx::query_scalar(
                "update oauth_grant set renewing_until = now() + make_interval(secs => $3)
                 where account = $1 and refresh = $2 and coalesce(renewing_until <= now(), true)
                 returning renewing_until",
            )
            .bind(account)
            .bind(&kept.refresh)
            .bind(CLAIM)
            .fetch_optional(&self.pool)
            .await?)
        };
        in_time(claimed).await
    }

    /// The renewal came to nothing: the next may try. Where that can not be written the claim ends by itself.
    pub(super) async fn give_back(&self, account: &str, claim: jiff_sqlx::Timestamp) {
        let given_back = async {
            sqlx::query(
                "update oauth_grant set renewing_until = null where account = $1 and renewing_until = $2",
            )
            .bind(account)
            .bind(claim)
            .execute(&self.pool)
            .await?;
            Ok(())
        };
        if let Err(error) = in_time::<(), PgError>(given_back).await {
            tracing::warn!(account, error = %classify::chain(&error), "a failed renewal of tokens could not be noted");
        }
    }

    /// Puts a pair in the place of the one that it came from. Nobody else has it: it is tried until it is written or the
    /// process ends. `false`: another has taken that place.
    pub(super) async fn replace(&self, account: &str, kept: &Kept, pair: &Pair) -> bool {
        let mut tries = 0;
        loop {
            match in_time(self.try_replace(account, kept, pair)).await {
                Ok(written) => return written,
                Err(error) => again(account, &error, &mut tries).await,
            }
        }
    }

    async fn try_replace(&self, account: &str, kept: &Kept, pair: &Pair) -> Result<bool, PgError> {
        let written = sqlx::query(
            "update oauth_grant set access = $3, refresh = $4, expires_at = $5, renewed_at = now(), renewing_until = null
             where account = $1 and refresh = $2",
        )
        .bind(account)
        .bind(&kept.refresh)
        .bind(self.seal.close(account, &pair.access))
        .bind(self.seal.close(account, &pair.refresh))
        .bind(jiff_sqlx::Timestamp::from(pair.expires_at))
        .execute(&self.pool)
        .await?;
        Ok(written.rows_affected() == 1)
    }

    /// Keeps the first pair, or one after a person has consented anew. Tried for as long as the database may come back.
    pub(crate) async fn keep(&self, account: &str, pair: &Pair) -> Result<(), PgError> {
        let mut tries = 0;
        loop {
            match in_time(self.try_keep(account, pair)).await {
                Err(error) if error.class().is_retryable() => again(account, &error, &mut tries).await,
                ended => return ended,
            }
        }
    }

    async fn try_keep(&self, account: &str, pair: &Pair) -> Result<(), PgError> {
        sqlx::query(
            "insert into oauth_grant (account, access, refresh, expires_at) values ($1, $2, $3, $4)
             on conflict (account) do update set access = excluded.access, refresh = excluded.refresh,
                 expires_at = excluded.expires_at, renewed_at = now(), renewing_until = null",
        )
        .bind(account)
        .bind(self.seal.close(account, &pair.access))
        .bind(self.seal.close(account, &pair.refresh))
        .bind(jiff_sqlx::Timestamp::from(pair.expires_at))
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

async fn again(account: &str, error: &PgError, tries: &mut u32) {
    if tries.is_multiple_of(TOLD) {
        let error = classify::chain(error);
        tracing::error!(
            account,
            error,
            "the new tokens of an account can not be stored; they are lost if this process ends before"
        );
    }
    *tries += 1;
    tokio::time::sleep(Duration::from_millis(20 << u32::min(*tries, 6)).min(Duration::from_secs(1))).await;
}
