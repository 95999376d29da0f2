use ids::Uuid;
use pg::{PgConnection, PgError};

/// One message that went out, or was given up.
pub(crate) struct Send {
    pub(crate) conversation_id: Uuid,
    pub(crate) bot: String,
    pub(crate) source: String,
    pub(crate) outcome: String,
    pub(crate) received_at: Option<jiff_sqlx::Timestamp>,
    pub(crate) sent_at: jiff_sqlx::Timestamp,
}

pub(crate) async fn insert(tx: &mut PgConnection, sends: &[Send]) -> Result<(), PgError> {
    if sends.is_empty() {
        return Ok(());
    }
    let conversations: Vec<Uuid> = sends.iter().map(|s| s.conversation_id).collect();
    let column = |of: fn(&Send) -> &str| sends.iter().map(of).collect::<Vec<_>>();
    let received: Vec<Option<jiff_sqlx::Timestamp>> = sends.iter().map(|s| s.received_at).collect();
    let sent: Vec<jiff_sqlx::Timestamp> = sends.iter().map(|s| s.sent_at).collect();
    sqlx::query(
        "insert into send (conversation_id, bot, source, outcome, received_at, sent_at)
         select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[])",
    )
    .bind(conversations)
    .bind(column(|s| &s.bot))
    .bind(column(|s| &s.source))
    .bind(column(|s| &s.outcome))
    .bind(received)
    .bind(sent)
    .execute(tx)
    .await?;
    Ok(())
}
