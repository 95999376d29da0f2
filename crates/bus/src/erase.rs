use pg::{PgConnection, PgError};

/// What stood in a schema's tables of the bus under some keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ErasedRows {
    pub dead_letters: u64,
    /// Events that were not published yet.
    pub unpublished: u64,
}

/// Deletes the dead letters (of events and of jobs) and the unpublished events of these keys, in the caller's
/// transaction. What is about to be published at this moment may be published all the same.
pub async fn erase_keys(tx: &mut PgConnection, keys: &[&str]) -> Result<ErasedRows, PgError> {
    let dead_letters = sqlx::query("delete from dead_letter where key = any($1)")
        .bind(keys)
        .execute(&mut *tx)
        .await?
        .rows_affected();
    let unpublished = sqlx::query("delete from outbox where key = any($1)")
        .bind(keys)
        .execute(&mut *tx)
        .await?
        .rows_affected();
    Ok(ErasedRows { dead_letters, unpublished })
}

/// The same of those in whose payload one of these texts stands. It looks through the whole tables.
pub async fn erase_mentions(tx: &mut PgConnection, texts: &[&str]) -> Result<ErasedRows, PgError> {
    let texts: Vec<&[u8]> =
        texts.iter().filter(|text| !text.is_empty()).map(|text| text.as_bytes()).collect();
    let dead_letters = sqlx::query(
        "delete from dead_letter l where exists (select from unnest($1::bytea[]) m where position(m in l.payload) > 0)",
    )
    .bind(&texts)
    .execute(&mut *tx)
    .await?
    .rows_affected();
    let unpublished = sqlx::query(
        "delete from outbox o where exists (select from unnest($1::bytea[]) m where position(m in o.payload) > 0)",
    )
    .bind(&texts)
    .execute(&mut *tx)
    .await?
    .rows_affected();
    Ok(ErasedRows { dead_letters, unpublished })
}
