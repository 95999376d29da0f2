use pg::PgError;
use sqlx::PgConnection;

/// Deletes what is kept of somebody in the tables of jobs, in the caller's transaction: the jobs of these keys
/// and those whose payload holds one of these texts, with their dead letters; and the rates of these keys.
/// A job that runs is left to its end. Returns how many jobs and dead letters there were.
///
/// Whole keys go: a job that stood behind another of its key must not be left without it.
///
/// # Errors
/// The database's.
pub async fn erase(
    conn: &mut PgConnection,
    keys: &[&str],
    mentions: &[&str],
    rates: &[&str],
) -> Result<u64, PgError> {
    let mentions: Vec<&[u8]> = mentions.iter().map(|text| text.as_bytes()).collect();
    let jobs = sqlx::query(
        "delete from job where state <> 3 and (queue, key) in (
             select queue, key from job j
             where j.key = any($1) or exists (select from unnest($2::bytea[]) m where position(m in j.payload) > 0))",
    )
    .bind(keys)
    .bind(&mentions)
    .execute(&mut *conn)
    .await?
    .rows_affected();
    let letters = sqlx::query(
        "delete from dead_letter l where l.kind = 'job' and (
             l.key = any($1) or exists (select from unnest($2::bytea[]) m where position(m in l.payload) > 0))",
    )
    .bind(keys)
    .bind(&mentions)
    .execute(&mut *conn)
    .await?
    .rows_affected();
    sqlx::query("delete from rate_limit where key = any($1)").bind(rates).execute(&mut *conn).await?;
    Ok(jobs + letters)
}

/// Whether a job of one of these keys, or one whose payload holds one of these texts, is under way: it may still
/// write what belongs to them.
///
/// # Errors
/// The database's.
pub async fn are_running(
    conn: &mut PgConnection,
    keys: &[&str],
    mentions: &[&str],
) -> Result<bool, PgError> {
    let mentions: Vec<&[u8]> = mentions.iter().map(|text| text.as_bytes()).collect();
    Ok(sqlx::query_scalar(
        "select exists (
             select from job j where j.state = 3 and (
                 j.key = any($1) or exists (select from unnest($2::bytea[]) m where position(m in j.payload) > 0)))",
    )
    .bind(keys)
    .bind(&mentions)
    .fetch_one(conn)
    .await?)
}
