//! Gives every text its vector, in the background.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use classify::{Class, Failure};
use jobs::{Chore, Queue, periodic};
use tokio::time::timeout;

use super::Embeddings;
use crate::store::vectors::Missing;

/// How soon a new document is found by its meaning; by its words it is at once.
const EVERY: Duration = Duration::from_secs(15);

/// A queue that keeps the vectors complete.
pub(crate) fn fill(embeddings: Arc<Embeddings>) -> Queue {
    periodic("llm.embed", EVERY, Arc::new(Fill(embeddings)))
}

struct Fill(Arc<Embeddings>);

#[async_trait]
impl Chore for Fill {
    async fn run(&self) -> Result<(), Failure> {
        self.0.complete().await?;
        Ok(())
    }
}

impl Embeddings {
    /// Computes what is missing, a batch after the other, each kept before the next; then lets go what belongs to
    /// nothing. How many were computed.
    pub(crate) async fn complete(&self) -> Result<usize, Failure> {
        let mut computed = 0;
        loop {
            let missing = self.vectors.missing(i64::from(self.config.batch)).await?;
            if missing.is_empty() {
                break;
            }
            computed += missing.len();
            self.vectors.put(&self.of_passages(missing).await?).await?;
        }
        let let_go = self.vectors.sweep().await?;
        if computed > 0 || let_go > 0 {
            tracing::info!(computed, let_go, "the vectors of the knowledge are complete");
        }
        Ok(computed)
    }

    /// A batch that the model does not take is halved until the text is found that it does not take: that one is
    /// found by its words alone.
    async fn of_passages(&self, missing: Vec<Missing>) -> Result<Vec<(Vec<u8>, Option<Vec<f32>>)>, Failure> {
        let mut vectors = Vec::with_capacity(missing.len());
        let mut batches = vec![missing];
        while let Some(mut batch) = batches.pop() {
            let prefix = &self.config.passage_prefix;
            let texts: Vec<String> = batch.iter().map(|one| format!("{prefix}{}", one.text)).collect();
            let within = Duration::from_millis(self.config.timeout_ms);
            let answered = timeout(within, self.endpoint.embed(&texts)).await;
            let slow = || Failure::new(Class::Transient, "the embeddings endpoint took too long");
            match answered.unwrap_or_else(|_| Err(slow())) {
                Ok(values) => {
                    vectors.extend(batch.into_iter().zip(values).map(|(one, value)| (one.hash, Some(value))));
                }
                Err(failure) if failure.class() != Class::Invalid => return Err(failure),
                Err(_) if batch.len() > 1 => {
                    let rest = batch.split_off(batch.len() / 2);
                    batches.extend([batch, rest]);
                }
                Err(_) => vectors.extend(batch.into_iter().map(|one| (one.hash, None))),
            }
        }
        Ok(vectors)
    }
}
