//! Tries the providers outside of any conversation: for an operator who wants to know whether each key works, and
//! which model is how fast.

mod bench;
mod check;

use std::time::Duration;

use futures::StreamExt;
use ids::{Clock, Ids};
use tokio::time::Instant;

pub use bench::{Benched, Spread};
pub use check::Checked;

use crate::config::LlmConfig;
use crate::domain::answer::Usage;
use crate::error::LlmError;
use crate::providers::{By, Call, Catalog, Message, Piece, Pieces, Problem, Tools};

/// Every provider of the settings, ready to be tried.
#[derive(Debug)]
pub struct Trial {
    catalog: Catalog,
}

impl Trial {
    /// # Errors
    /// Settings that can not be worked with.
    pub fn new(config: &LlmConfig, clock: Clock, ids: Ids) -> Result<Self, LlmError> {
        config.check()?;
        Ok(Self { catalog: Catalog::build(config, &Tools { clock, ids })? })
    }

    /// Takes up what the providers list too, where the settings want that.
    pub async fn discover(&self) {
        self.catalog.discover().await;
    }

    /// The models that can be tried, as `provider/model`.
    #[must_use]
    pub fn models(&self) -> Vec<String> {
        let offline = &self.catalog.offline().info.id;
        let models = self.catalog.models();
        models
            .iter()
            .map(|model| &model.info.id)
            .filter(|id| *id != offline)
            .map(ToString::to_string)
            .collect()
    }
}

/// How long one answer took.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Taken {
    first: Duration,
    total: Duration,
    usage: Usage,
}

fn call(words: &str, max_tokens: u32) -> Call {
    Call { messages: vec![Message::new(By::Person, words)], max_tokens, ..Call::default() }
}

/// Reads an answer that was asked for at `started` to its end.
async fn taken(started: Instant, mut pieces: Pieces) -> Result<Taken, Problem> {
    let (mut first, mut usage) = (None, Usage::default());
    while let Some(piece) = pieces.next().await {
        match piece? {
            Piece::Usage(used) => usage = used,
            Piece::Model(_) => {}
            Piece::End(_) => {
                let total = started.elapsed();
                return Ok(Taken { first: first.unwrap_or(total), total, usage });
            }
            Piece::Text(_) | Piece::Thought(_) | Piece::ToolCall { .. } => {
                first.get_or_insert_with(|| started.elapsed());
            }
        }
    }
    Err(Problem::Cut)
}

#[cfg(test)]
mod tests;
