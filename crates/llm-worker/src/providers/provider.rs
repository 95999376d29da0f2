//! A configured provider: what it takes until one call of a model is open.

use std::fmt;
use std::time::Duration;

use ids::Ids;
use tokio::time::{Instant, sleep, timeout};

use super::{Call, Endpoint, ModelInfo, Pieces, Problem, ProviderError};
use crate::config::Retries;

/// A provider, ready to be asked.
pub(crate) struct Provider {
    /// The name it is configured by: the word in the ledger, the metrics and the events.
    pub(crate) name: String,
    pub(crate) endpoint: Box<dyn Endpoint>,
    pub(crate) call_timeout: Duration,
    pub(crate) retries: Retries,
    pub(crate) ids: Ids,
}

/// A call whose answer begins.
pub(crate) struct Opened {
    pub(crate) pieces: Pieces,
    /// Calls made, failed ones included.
    pub(crate) attempts: u32,
}

impl Provider {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Opens a call before `deadline` or says why not. Repeats what may work a moment later; it is not repeated
    /// from outside.
    pub(crate) async fn open(
        &self,
        model: &ModelInfo,
        call: &Call,
        deadline: Instant,
    ) -> Result<Opened, ProviderError> {
        let mut attempts = 0;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ProviderError { problem: Problem::NoTime, attempts });
            }
            attempts += 1;
            let opening = self.endpoint.open(model.id.name(), call);
            let problem = match timeout(left.min(self.call_timeout), opening).await {
                Ok(Ok(pieces)) => return Ok(Opened { pieces, attempts }),
                Ok(Err(problem)) => problem,
                Err(_) => Problem::TimedOut,
            };
            let pause = self.retries.pause(attempts, self.ids.fraction(), problem.wait());
            let in_time = Instant::now().checked_add(pause).is_some_and(|then| then < deadline);
            if !problem.is_retryable() || attempts >= self.retries.attempts || !in_time {
                return Err(ProviderError { problem, attempts });
            }
            tracing::warn!(
                provider = self.name, attempt = attempts, pause_ms = pause.as_millis() as u64,
                error = %classify::chain(&problem), "a call of the model failed and is repeated"
            );
            sleep(pause).await;
        }
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("name", &self.name).finish_non_exhaustive()
    }
}
