//! Gives every text its vector, in the background.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use classify::{Class, Failure};
use jobs::{Chore, Queue, periodic};
use tokio::time::{Instant, timeout};

use super::wire::{Missed, estimated};
use super::{Books, Embeddings, is_ahead};
use crate::money::Spent;
use crate::store::vectors::Missing;

/// How soon a new document is found by its meaning; by its words it is at once.
const EVERY: Duration = Duration::from_secs(15);
/// How often it is looked through all vectors for those that belong to nothing. They are in nobody's way.
const LET_GO_EVERY: Duration = Duration::from_secs(600);

/// How long nobody asks an endpoint that refuses: a key, an address or a setting is wrong, and somebody has to put it
/// right.
const REFUSED_REST: Duration = Duration::from_secs(300);
/// The same where it has read the texts and gave nothing that can be used.
const PAID_REST: Duration = Duration::from_secs(60);

/// A text, by what it is kept by, and its vector; `None` where the model does not take it.
type Computed = (Vec<u8>, Option<Vec<f32>>);

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
        if is_ahead(&self.fills_from) {
            return Ok(computed);
        }
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
            let before = self.used.load(Ordering::Relaxed);
            let mut vectors = Vec::with_capacity(missing.len());
            let done = self.of_passages(missing, &mut vectors).await;
            let was_read = self.used.load(Ordering::Relaxed) > before;
            // What came before it broke off is paid for, so it is kept; where nothing was read, nothing is booked.
            let kept = self.vectors.put(&vectors).await;
            match held {
                Some((books, reservation)) if was_read => self.book_as(books, reservation).await?,
                Some((_, mut reservation)) => reservation.spends(Spent::default()),
                None => {}
            }
            kept?;
            if let Err(failure) = done {
                self.fills_later(&failure, was_read);
                return Err(failure);
            }
            computed += vectors.len();
        }
        if computed > 0 {
            tracing::info!(computed, "the vectors of the knowledge are complete");
        }
        Ok(computed)
    }

    /// What is refused today is refused in a quarter of a minute as well, and what is read for nothing is paid for.
    fn fills_later(&self, failure: &Failure, was_read: bool) {
        let rest = match failure.class().is_retryable() {
            false => REFUSED_REST,
            true if was_read => PAID_REST,
            true => return,
        };
        *self.fills_from.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + rest);
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
    async fn of_passages(&self, missing: Vec<Missing>, vectors: &mut Vec<Computed>) -> Result<(), Failure> {
        let mut batches = vec![missing];
        while let Some(mut batch) = batches.pop() {
            let prefix = &self.config.passage_prefix;
            let texts: Vec<String> = batch.iter().map(|one| format!("{prefix}{}", one.text)).collect();
            let within = Duration::from_millis(self.config.timeout_ms);
            let answered = timeout(within, self.endpoint.embed(&texts)).await;
            let slow = || Failure::new(Class::Transient, "the embeddings endpoint took too long");
            let answered =
                answered.unwrap_or_else(|_| Err(Missed { failure: slow(), read: estimated(&texts) }));
            let answered = answered.map_err(|Missed { failure, read }| {
                self.used.fetch_add(read, Ordering::Relaxed);
                failure
            });
            match answered {
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
        Ok(())
    }
}
