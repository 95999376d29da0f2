use pg::{PgError, Pool, in_time};
use telegram::Mode;

/// How a bot's updates come and what is wrong with that, noted for people to look at. That it can not be
/// noted stops nothing.
pub(crate) struct BotLink<'a> {
    pool: &'a Pool,
    bot: &'a str,
    mode: Mode,
    noted: Option<String>,
}

impl<'a> BotLink<'a> {
    pub(crate) fn new(pool: &'a Pool, bot: &'a str, mode: Mode) -> Self {
        Self { pool, bot, mode, noted: None }
    }

    /// Notes what is wrong, empty when all is well. Writes only what is new.
    pub(crate) async fn note(&mut self, trouble: &str) {
        if self.noted.as_deref() == Some(trouble) {
            return;
        }
        match self.write(trouble).await {
            Ok(()) => self.noted = Some(trouble.to_owned()),
            Err(error) => {
                tracing::warn!(bot = self.bot, error = %classify::chain(&error), "the state of a bot could not be noted");
            }
        }
    }

    async fn write(&self, trouble: &str) -> Result<(), PgError> {
        let mode = match self.mode {
            Mode::Poll => "poll",
            Mode::Webhook => "webhook",
        };
        let write = sqlx::query(
            "insert into bot_link (bot, mode, trouble) values ($1, $2, $3)
             on conflict (bot) do update set mode = excluded.mode, trouble = excluded.trouble, updated_at = now()
             where (bot_link.mode, bot_link.trouble) is distinct from (excluded.mode, excluded.trouble)",
        )
        .bind(self.bot)
        .bind(mode)
        .bind(trouble)
        .execute(self.pool);
        in_time(async {
            write.await?;
            Ok(())
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use pg::PoolSettings;

    use super::*;
    use crate::store::MIGRATIONS;

    #[tokio::test]
    async fn a_database_that_does_not_answer_is_not_waited_for() {
        let database = testkit::database().await;
        let settings = PoolSettings { url: database.secret(), max_connections: 3 };
        let pool = pg::connect(&settings, "public").await.unwrap();
        pg::migrate(&pool, &MIGRATIONS).await.unwrap();
        let mut link = BotLink::new(&pool, "sales", Mode::Poll);
        link.note("first").await;
        let mut other = pool.begin().await.unwrap();
        sqlx::query("lock table bot_link").execute(&mut *other).await.unwrap();
        // While the server is silent the time passes at once.
        tokio::time::pause();
        tokio::time::timeout(Duration::from_secs(60), link.note("second")).await.unwrap();
        tokio::time::resume();
        other.rollback().await.unwrap();
        assert_eq!(link.noted.as_deref(), Some("first"));
    }
}
