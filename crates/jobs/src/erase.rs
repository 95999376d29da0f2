use pg::PgError;
use sqlx::PgConnection;

/// What leads to somebody in the tables of jobs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Traces<'a> {
    /// Keys of jobs.
    pub keys: &'a [&'a str],
    /// Texts of which one stands in a job's payload.
    pub mentions: &'a [&'a str],
    /// Keys of rates.
    pub rates: &'a [&'a str],
}

/// Deletes these jobs with their dead letters, and the rates, in the caller's transaction. A job that runs is
/// left to its end. Returns how many jobs and dead letters there were. It looks through the whole table.
///
/// # Errors
/// The database's.
pub async fn erase(conn: &mut PgConnection, traces: Traces<'_>) -> Result<u64, PgError> {
    let Traces { keys, rates, .. } = traces;
    let mentions = traces.mentions();
    let gone: Vec<(String, String)> = sqlx::query_as(
        "delete from job j where j.state <> 3 and (
             j.key = any($1) or exists (select from unnest($2::bytea[]) m where position(m in j.payload) > 0))
         returning j.queue, j.key",
    )
    .bind(keys)
    .bind(&mentions)
    .fetch_all(&mut *conn)
    .await?;
    go_on(&mut *conn, &gone).await?;
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
    Ok(gone.len() as u64 + letters)
}

/// Deletes those of these jobs that are under way, in the caller's transaction: what their calls bring home is not
/// written any more, and nothing comes of them. One whose end is just being written is left to it. Returns how many
/// there were.
///
/// # Errors
/// The database's.
pub async fn cut_off(conn: &mut PgConnection, traces: Traces<'_>) -> Result<u64, PgError> {
    let gone: Vec<(String, String)> = sqlx::query_as(
        "delete from job where id in (
             select j.id from job j where j.state = 3 and (
                 j.key = any($1) or exists (select from unnest($2::bytea[]) m where position(m in j.payload) > 0))
             order by j.id for update skip locked)
         returning queue, key",
    )
    .bind(traces.keys)
    .bind(traces.mentions())
    .fetch_all(&mut *conn)
    .await?;
    go_on(conn, &gone).await?;
    Ok(gone.len() as u64)
}

/// What stood behind one of these is looked at anew, as if it had just been written.
async fn go_on(conn: &mut PgConnection, gone: &[(String, String)]) -> Result<(), PgError> {
    let (queues, behind): (Vec<&str>, Vec<&str>) = gone.iter().map(|(q, k)| (q.as_str(), k.as_str())).unzip();
    sqlx::query(
        "update job set state = 0 where state = 1 and (queue, key) in (select * from unnest($1::text[], $2::text[]))",
    )
    .bind(queues)
    .bind(behind)
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether one of these jobs is under way: it may still write what leads to somebody.
///
/// # Errors
/// The database's.
pub async fn is_running(conn: &mut PgConnection, traces: Traces<'_>) -> Result<bool, PgError> {
    Ok(sqlx::query_scalar(
        "select exists (
             select from job j where j.state = 3 and (
                 j.key = any($1) or exists (select from unnest($2::bytea[]) m where position(m in j.payload) > 0)))",
    )
    .bind(traces.keys)
    .bind(traces.mentions())
    .fetch_one(conn)
    .await?)
}

impl<'a> Traces<'a> {
    fn mentions(&self) -> Vec<&'a [u8]> {
        self.mentions.iter().map(|text| text.as_bytes()).collect()
    }
}
