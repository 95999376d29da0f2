use pg::PgError;
use sqlx::PgConnection;

/// Moves a dead letter back into its queue as a new job, behind what its key has there, with all attempts
/// ahead of it. `false` when there is no such dead letter of a job.
///
/// # Errors
/// The database's.
pub async fn replay(conn: &mut PgConnection, id: i64) -> Result<bool, PgError> {
    let moved = sqlx::query(
        "with letter as (delete from dead_letter where id = $1 and kind = 'job'
                         returning source, key, payload, headers)
         insert into job (queue, key, payload, trace, correlation, causation)
         select source, key, payload, headers->>'traceparent', headers->>'correlation-id', headers->>'causation-id'
         from letter",
    )
    .bind(id)
    .execute(conn)
    .await?;
    Ok(moved.rows_affected() == 1)
}

/// Deletes a dead letter of a job. `false` when there is none.
///
/// # Errors
/// The database's.
pub async fn discard(conn: &mut PgConnection, id: i64) -> Result<bool, PgError> {
    let gone =
        sqlx::query("delete from dead_letter where id = $1 and kind = 'job'").bind(id).execute(conn).await?;
    Ok(gone.rows_affected() == 1)
}
