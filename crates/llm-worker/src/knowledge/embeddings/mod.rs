//! Texts as vectors: those of the passages are computed in the background and kept by their content, that of a
//! question while it is being answered, within a short time or not at all.

mod books;
mod fill;
#[cfg(test)]
mod tests;
mod wire;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pg::Pool;
use tokio::time::{Instant, timeout};

pub(crate) use self::books::Books;
pub(crate) use self::fill::fill;
use self::wire::{Endpoint, estimated};
use super::relevance::{SURE, WORTH_SHOWING};
use crate::config::EmbeddingsConfig;
use crate::domain::mask::Mask;
use crate::error::LlmError;
use crate::store::vectors::Vectors;

/// How long nobody asks an endpoint that has just failed: an outage costs a question its wait once, not each.
const REST: Duration = Duration::from_secs(5);
/// More of a question says nothing more about what is asked.
const MOST_CHARS: usize = 2_000;

/// The search by meaning.
pub(crate) struct Embeddings {
    endpoint: Endpoint,
    vectors: Vectors,
    config: EmbeddingsConfig,
    rests_until: Mutex<Option<Instant>>,
    /// The same for the texts of the knowledge.
    fills_from: Mutex<Option<Instant>>,
    /// Tokens that were read and are not booked yet.
    used: AtomicU64,
}

impl std::fmt::Debug for Embeddings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Embeddings").field("space", &self.config.space()).finish_non_exhaustive()
    }
}

impl Embeddings {
    /// `None` where nobody is configured, or the database does not know vectors; that is said once.
    pub(crate) async fn build(config: &EmbeddingsConfig, pool: &Pool) -> Result<Option<Arc<Self>>, LlmError> {
        let Some(endpoint) = Endpoint::build(config)? else { return Ok(None) };
        let Some(vectors) = Vectors::open(pool, config.space()).await? else {
            tracing::warn!(
                "the database does not know vectors, so the knowledge is searched by its words alone; run `create extension vector` in it as a superuser (dragoman migrate --admin-url does)"
            );
            return Ok(None);
        };
        Ok(Some(Arc::new(Self {
            endpoint,
            vectors,
            config: config.clone(),
            rests_until: Mutex::default(),
            fills_from: Mutex::default(),
            used: AtomicU64::new(0),
        })))
    }

    pub(crate) const fn vectors(&self) -> &Vectors {
        &self.vectors
    }

    /// The vector of what is asked, if it comes in time. What says who asks stays here.
    pub(super) async fn of_question(&self, asked: &str, mask: &Mask) -> Option<Vec<f32>> {
        if is_ahead(&self.rests_until) {
            return None;
        }
        let masked = mask.clone().hide(asked);
        let prefix = &self.config.question_prefix;
        let text: String = prefix.chars().chain(masked.chars()).take(MOST_CHARS).collect();
        let within = Duration::from_millis(self.config.question_timeout_ms);
        let asked = [text];
        let why = match timeout(within, self.endpoint.embed(&asked)).await {
            Ok(Ok((mut vectors, tokens))) => {
                self.used.fetch_add(tokens, Ordering::Relaxed);
                return vectors.pop();
            }
            Ok(Err(missed)) => {
                self.used.fetch_add(missed.read, Ordering::Relaxed);
                missed.failure.to_string()
            }
            Err(_) => {
                self.used.fetch_add(estimated(&asked), Ordering::Relaxed);
                "it took too long".to_owned()
            }
        };
        metrics::counter!("dragoman_embedding_missed_total").increment(1);
        tracing::warn!(why, "a question has no vector and is searched by its words alone");
        *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + REST);
        None
    }

    /// How surely a passage of this cosine is about what is asked; 0 where it is not worth showing.
    pub(super) fn confidence(&self, similarity: f32) -> f32 {
        let (worth, sure) = (self.config.worth_similarity, self.config.sure_similarity);
        let between = |low: f32, high: f32, from: f32, to: f32| {
            from + (to - from) * ((similarity - low) / (high - low)).clamp(0.0, 1.0)
        };
        match similarity {
            s if s.is_nan() || s < worth => 0.0,
            s if s < sure => between(worth, sure, WORTH_SHOWING, SURE).min(SURE.next_down()),
            _ if sure >= 1.0 => 1.0,
            _ => between(sure, 1.0, SURE, 1.0),
        }
    }
}

fn is_ahead(at: &Mutex<Option<Instant>>) -> bool {
    let at = *at.lock().unwrap_or_else(PoisonError::into_inner);
    at.is_some_and(|at| Instant::now() < at)
}
