//! What nobody could answer: gathered by what is asked, with a draft of an answer for an administrator to approve.

mod approval;
pub(crate) mod asked;
mod draft;
mod likeness;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use bot_folder::BotFolder;
use classify::{Class, Failure};
use ids::{Timestamp, Uuid};
use pg::PgError;
use serde::Serialize;

pub use self::approval::Approved;
use self::likeness::{ALIKE, Shape, cosine};
use super::given::KnowledgeBase;
use super::search::Scope;
use crate::config::{EmbeddingsConfig, LlmConfig};
use crate::store::gaps::{self, Asked};
use crate::store::vectors::Vectors;

/// What stands in a draft for what a person has to fill in.
pub(super) const BLANK: &str = "____";

/// Questions that ask the same and that nobody could answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Gap {
    pub id: Uuid,
    /// The name of the bot's folder.
    pub bot: String,
    /// "open", "approved" or "dismissed".
    pub state: String,
    /// How many.
    pub questions: i64,
    pub languages: Vec<String>,
    /// The one that most of them are in.
    pub language: String,
    pub last_asked_at: Timestamp,
    /// All of them, oldest first, masked.
    pub examples: Vec<String>,
    pub draft: Option<String>,
    /// Why there is no draft, or what is to be looked at in it.
    pub draft_problem: Option<String>,
    /// The document that answers it. Of an open one, none of the questions found it.
    pub given_id: Option<Uuid>,
}

impl KnowledgeBase {
    /// The open gaps, the greatest first; of one bot where it is named. Gathers first what was asked since.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn gaps(&self, bot: Option<&str>, embeddings: &EmbeddingsConfig) -> Result<Vec<Gap>, PgError> {
        self.gather(embeddings).await?;
        gaps::list(&self.pool, bot, None).await
    }

    /// One gap.
    ///
    /// # Errors
    /// There is none, or what the database refuses.
    pub async fn gap(&self, id: Uuid) -> Result<Gap, Failure> {
        gaps::list(&self.pool, None, Some(id)).await?.pop().ok_or_else(|| none(id))
    }

    /// Puts each new question to the gap that it is most like, or opens one.
    async fn gather(&self, embeddings: &EmbeddingsConfig) -> Result<(), PgError> {
        let vectors = match embeddings.base_url.trim() {
            "" => None,
            _ => Vectors::open(&self.pool, embeddings.space()).await?,
        };
        let mut tx = self.pool.begin().await?;
        let loose = gaps::loose_in_tx(&mut tx).await?;
        if loose.is_empty() {
            return Ok(());
        }
        let leaders = gaps::leaders_in_tx(&mut tx).await?;
        let hashes: Vec<Vec<u8>> = loose.iter().chain(&leaders).map(|asked| asked.hash.clone()).collect();
        let known: HashMap<Vec<u8>, Vec<f32>> = match &vectors {
            Some(vectors) => vectors.of(&hashes).await?.into_iter().collect(),
            None => HashMap::new(),
        };
        let mut leading: Vec<Leader> =
            leaders.into_iter().filter_map(|asked| Leader::of(asked, &known)).collect();
        for asked in loose {
            let (shape, vector) = (Shape::of(&asked.question), known.get(&asked.hash));
            let of_its_bot = leading.iter().filter(|leader| leader.bot == asked.bot);
            let near = of_its_bot
                .map(|leader| (leader.nearness(&shape, vector, embeddings.sure_similarity), leader.gap));
            let best = near.max_by(|(a, _), (b, _)| a.total_cmp(b)).filter(|(nearness, _)| *nearness >= 1.0);
            let gap = match best {
                Some((_, gap)) => gap,
                None => {
                    let gap = self.ids.uuid();
                    gaps::open_in_tx(&mut tx, gap, &asked.bot, self.clock.now()).await?;
                    let (bot, vector) = (asked.bot.clone(), vector.cloned());
                    leading.push(Leader { gap, bot, shape, vector });
                    gap
                }
            };
            gaps::join_in_tx(&mut tx, &asked.request_id, gap).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Nobody needs an answer to that. Questions like it are not shown any more.
    ///
    /// # Errors
    /// There is no such gap open, or what the database refuses.
    pub async fn dismiss(&self, id: Uuid) -> Result<Gap, Failure> {
        let gap = self.gap(id).await?;
        let mut tx = self.pool.begin().await.map_err(PgError::from)?;
        if !gaps::close_in_tx(&mut tx, id, "dismissed", None, self.clock.now()).await? {
            return Err(closed(&gap));
        }
        tx.commit().await.map_err(PgError::from)?;
        self.gap(id).await
    }
}

/// What a bot knows, here: its folder as far as it can be read, and what was given.
fn scope(config: &LlmConfig, bot: &str) -> Scope {
    // Its folder may be elsewhere; what was given is in the database.
    BotFolder::load(&config.bots_dir.join(bot))
        .map_or_else(|_| Scope::of_given(bot), |folder| Scope::of(&folder))
}

/// The question that stands for a gap.
struct Leader {
    gap: Uuid,
    bot: String,
    shape: Shape,
    vector: Option<Vec<f32>>,
}

impl Leader {
    fn of(asked: Asked, vectors: &HashMap<Vec<u8>, Vec<f32>>) -> Option<Self> {
        let vector = vectors.get(&asked.hash).cloned();
        Some(Self { gap: asked.gap?, bot: asked.bot, shape: Shape::of(&asked.question), vector })
    }

    /// From 1 on they ask the same: by their words, or by their meaning.
    fn nearness(&self, shape: &Shape, vector: Option<&Vec<f32>>, sure: f32) -> f32 {
        let by_words = self.shape.likeness(shape) / ALIKE;
        match (&self.vector, vector) {
            (Some(a), Some(b)) => by_words.max(cosine(a, b) / sure),
            _ => by_words,
        }
    }
}

fn none(id: Uuid) -> Failure {
    Failure::new(Class::NotFound, format!("there is no gap {id}; see dragoman knowledge gaps"))
}

fn closed(gap: &Gap) -> Failure {
    Failure::new(Class::Conflict, format!("the gap {} is {} already", gap.id, gap.state))
}
