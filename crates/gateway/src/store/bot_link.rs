use pg::{PgError, Pool};
use telegram::Mode;

/// Notes how a bot's updates come and what is wrong with that; empty when all is well.
pub(crate) async fn note(pool: &Pool, bot: &str, mode: Mode, trouble: &str) -> Result<(), PgError> {
    let mode = match mode {
        Mode::Poll => "poll",
        Mode::Webhook => "webhook",
    };
    sqlx::query(
        "insert into bot_link (bot, mode, trouble) values ($1, $2, $3)
         on conflict (bot) do update set mode = excluded.mode, trouble = excluded.trouble, updated_at = now()
         where (bot_link.mode, bot_link.trouble) is distinct from (excluded.mode, excluded.trouble)",
    )
    .bind(bot)
    .bind(mode)
    .bind(trouble)
    .execute(pool)
    .await?;
    Ok(())
}
