//! What nobody could answer: gathered by what is asked, with a draft of an answer for an administrator to approve.

mod draft;
mod likeness;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use bot_folder::Lang;
use classify::{Class, Failure};
use ids::{Timestamp, Uuid};
use pg::PgError;
use serde::Serialize;

use self::likeness::{ALIKE, Shape, cosine};
use super::given::{Given, KnowledgeBase};
use super::search::{Scope, Search};
use crate::config::EmbeddingsConfig;
use crate::domain::mask::has_mask;
use crate::store::gaps::{self, Asked};
use crate::store::vectors::Vectors;

/// What stands in a draft for what a person has to fill in.
pub(super) const BLANK: &str = "____";
/// Questions that are asked again when their answer is approved, at most.
const MOST_ASKED_AGAIN: usize = 50;

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
    /// The document that closes it.
    pub given_id: Option<Uuid>,
}

/// What came of an approval.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Approved {
    pub document: Given,
    /// Questions that were asked again.
    pub asked_again: usize,
    /// Of them, those that now find the answer first.
    pub answered: usize,
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

    /// Makes an answer a part of what the bot knows: the draft, or `text` instead of it, under `title`. Without one
    /// it has a neutral heading: whoever asked has not agreed to be quoted.
    ///
    /// # Errors
    /// There is no such gap open, there is no draft, it has blanks, a mask stands in it or in the title, or what the database refuses.
    pub async fn approve(
        &self,
        id: Uuid,
        text: Option<&str>,
        title: Option<&str>,
    ) -> Result<Approved, Failure> {
        let gap = self.gap(id).await?;
        let Some(answer) = text.or(gap.draft.as_deref()).map(str::trim).filter(|text| !text.is_empty())
        else {
            let why = "there is no draft; let one be drafted first, or give the answer with --text";
            return Err(Failure::new(Class::Invalid, why));
        };
        if answer.contains(BLANK) {
            let why = "the draft has blanks (____); give the answer with --text, with what belongs there";
            return Err(Failure::new(Class::Invalid, why));
        }
        let title = title.map(str::trim).filter(|title| !title.is_empty()).map(str::to_owned);
        let title = title.unwrap_or_else(|| neutral(id));
        if has_mask(&title) || has_mask(answer) {
            let why =
                "a mask such as <NAME_1> stands for somebody's data; give --title and --text without one";
            return Err(Failure::new(Class::Invalid, why));
        }
        let mut tx = self.pool.begin().await.map_err(PgError::from)?;
        let document = self.add_answer_in_tx(&mut tx, &gap.bot, &title, &gap.language, answer).await?;
        let now = self.clock.now();
        if !gaps::close_in_tx(&mut tx, id, "approved", Some(document.id), now).await? {
            return Err(closed(&gap));
        }
        tx.commit().await.map_err(PgError::from)?;
        let (search, scope) = (Search::new(self.pool.clone(), None), Scope::of_given(&gap.bot));
        let language = Lang::of_tag(&gap.language).unwrap_or(Lang::EN);
        let (mut asked_again, mut answered) = (0, 0);
        for example in gap.examples.iter().take(MOST_ASKED_AGAIN) {
            asked_again += 1;
            let found = search.find(&scope, language, example).await?;
            answered += usize::from(found.first().is_some_and(|source| source.title == document.title));
        }
        Ok(Approved { document, asked_again, answered })
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

/// The heading of an answer that was given none: the same in every language, and no other answer's.
fn neutral(id: Uuid) -> String {
    let id = id.simple().to_string();
    format!("FAQ {}", &id[id.len() - 8..])
}

fn none(id: Uuid) -> Failure {
    Failure::new(Class::NotFound, format!("there is no gap {id}; see dragoman knowledge gaps"))
}

fn closed(gap: &Gap) -> Failure {
    Failure::new(Class::Conflict, format!("the gap {} is {} already", gap.id, gap.state))
}
