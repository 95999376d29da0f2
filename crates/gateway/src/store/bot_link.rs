use pg::{PgError, Pool};
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
        sqlx::query(
            "insert into bot_link (bot, mode, trouble) values ($1, $2, $3)
             on conflict (bot) do update set mode = excluded.mode, trouble = excluded.trouble, updated_at = now()
             where (bot_link.mode, bot_link.trouble) is distinct from (excluded.mode, excluded.trouble)",
        )
        .bind(self.bot)
        .bind(mode)
        .bind(trouble)
        .execute(self.pool)
        .await?;
        Ok(())
    }
}
