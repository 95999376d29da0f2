use std::time::Duration;

use crate::PgError;

/// Longer than any statement may run on the server ([`crate::connect`]): what has not ended by then waits for
/// a machine that is gone or stands still.
const LONGEST: Duration = Duration::from_secs(30);

/// Runs statements of ours, a transaction at the most, and gives them up when the database does not answer:
/// a transient failure, of unknown outcome when the last statement was a commit.
pub fn in_time<T, E: From<PgError>>(
    work: impl Future<Output = Result<T, E>> + Send,
) -> impl Future<Output = Result<T, E>> + Send {
    // The futures of statements are large, and an async function would hold this one twice.
    let work = Box::pin(work);
    async {
        tokio::time::timeout(LONGEST, work).await.unwrap_or_else(|_| {
            Err(PgError::from(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())).into())
        })
    }
}

#[cfg(test)]
mod tests {
    use classify::{Class, Classify};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_database_that_is_gone_is_not_waited_for() {
        let failed = in_time::<(), PgError>(std::future::pending()).await.unwrap_err();
        assert_eq!(failed.class(), Class::Transient);
    }
}
