//! Gives every text its vector, in the background.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use classify::{Class, Failure};
use jobs::{Chore, Queue, periodic};
use tokio::time::{Instant, timeout};

use super::{Books, Embeddings};
use crate::store::vectors::Missing;

/// How soon a new document is found by its meaning; by its words it is at once.
const EVERY: Duration = Duration::from_secs(15);
/// How often it is looked through all vectors for those that belong to nothing. They are in nobody's way.
const LET_GO_EVERY: Duration = Duration::from_secs(600);

/// A queue that keeps the vectors complete. `books`: `None` where they cost nothing.
pub(crate) fn fill(embeddings: Arc<Embeddings>, books: Option<Books>) -> Queue {
    periodic("llm.embed", EVERY, Arc::new(Fill { embeddings, books, let_go_at: Mutex::default() }))
}

struct Fill {
    embeddings: Arc<Embeddings>,
    books: Option<Books>,
    let_go_at: Mutex<Option<Instant>>,
}

#[async_trait]
impl Chore for Fill {
    async fn run(&self) -> Result<(), Failure> {
        if let Some(books) = &self.books {
            self.embeddings.book(books).await?;
        }
        self.embeddings.complete(self.books.as_ref()).await?;
        let let_go_at = *self.let_go_at.lock().unwrap_or_else(PoisonError::into_inner);
        if let_go_at.is_none_or(|at| at.elapsed() >= LET_GO_EVERY) {
            self.embeddings.let_go().await?;
            *self.let_go_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
        Ok(())
    }
}

impl Embeddings {
    /// Computes what is missing, a batch after the other, each kept before the next, as far as there is money for it.
    /// How many were computed.
    pub(crate) async fn complete(&self, books: Option<&Books>) -> Result<usize, Failure> {
        let mut computed = 0;
        loop {
            let missing = self.vectors.missing(i64::from(self.config.batch)).await?;
            if missing.is_empty() {
                break;
            }
            let mut held = None;
            if let Some(books) = books {
                let Some(reservation) = books.hold(&missing).await? else { break };
                held = Some((books, reservation));
            }
            computed += missing.len();
            let vectors = self.of_passages(missing).await?;
            self.vectors.put(&vectors).await?;
            if let Some((books, reservation)) = held {
                self.book_as(books, reservation).await?;
            }
        }
        if computed > 0 {
            tracing::info!(computed, "the vectors of the knowledge are complete");
        }
        Ok(computed)
    }

    /// Lets go what belongs to nothing any more.
    pub(crate) async fn let_go(&self) -> Result<(), Failure> {
        let count = self.vectors.sweep().await?;
        if count > 0 {
            tracing::info!(count, "vectors that belong to nothing any more are gone");
        }
        Ok(())
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
                Ok((values, tokens)) => {
                    self.used.fetch_add(tokens, Ordering::Relaxed);
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
