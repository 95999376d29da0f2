//! Waiting for what will come, instead of sleeping for as long as it may take.

use std::time::{Duration, Instant};

/// Longer than anything takes on a machine that is busy with other tests.
const LIMIT: Duration = Duration::from_secs(45);
const PAUSE: Duration = Duration::from_millis(20);

/// Asks until there is an answer; ends the test with `what` if there is none for a long time.
#[track_caller]
pub fn until<T>(what: &str, ask: impl AsyncFnMut() -> Option<T>) -> impl Future<Output = T> {
    let asked_at = std::panic::Location::caller();
    let (what, mut ask) = (what.to_owned(), ask);
    async move {
        let began = Instant::now();
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            if began.elapsed() > LIMIT {
                panic!("waited in vain until {what} ({asked_at})");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
