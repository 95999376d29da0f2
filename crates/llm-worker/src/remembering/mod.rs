//! What a question is asked with beside its words: the masks of its conversation, its summary, and what the bot
//! knows of the person. New masks are kept before anything goes out: the same value is the same mask in every call,
//! whichever worker makes it.

mod handing_over;
mod noting;
mod summarising;

use std::time::Duration;

use async_trait::async_trait;
use classify::Failure;
use jobs::{Chore, Queue, periodic};
use pg::{PgError, Pool};

use crate::domain::context::{self, Fact};
use crate::domain::mask::{Known, Mask};
use crate::domain::question::{Memory, Turn};
use crate::store::memory;

pub(crate) use handing_over::{HANDOVER, HandOver, ToHandOver};
pub(crate) use noting::Notes;
pub(crate) use summarising::{SUMMARY, Summarise, ToSummarise};

/// As long as the bot keeps what was said.
const DAYS: i32 = 90;
const FORGET_EVERY: Duration = Duration::from_secs(60 * 60);

/// The memory of a conversation, for a question that these turns end with. An empty `conversation_id` has none, and
/// nothing is kept.
pub(crate) async fn recall(
    pool: &Pool,
    conversation_id: &str,
    facts: Vec<Fact>,
    turns: &[Turn],
) -> Result<Memory, PgError> {
    if conversation_id.is_empty() {
        return Ok(Memory { facts, ..Memory::default() });
    }
    let (known, summary) = memory::load(pool, conversation_id).await?;
    let mut mask = Mask::of(known.clone());
    meet(&mut mask, &facts, turns);
    count(&mask);
    let mask = match mask.new_ones() {
        [] => Mask::of(known),
        _ => keep(pool, conversation_id, &facts, turns).await?,
    };
    Ok(Memory { facts, summary, mask })
}

/// Hides all that may go out, so that every value has its mask.
fn meet(mask: &mut Mask, facts: &[Fact], turns: &[Turn]) {
    context::hide_facts(facts, mask);
    for turn in turns {
        context::outgoing(turn, mask);
    }
}

/// Gives new values their masks while nobody else does.
async fn keep(pool: &Pool, conversation_id: &str, facts: &[Fact], turns: &[Turn]) -> Result<Mask, PgError> {
    let mut tx = pool.begin().await?;
    let known: Option<Vec<Known>> = memory::lock(&mut tx, conversation_id).await?;
    let is_erased = known.is_none();
    let mut mask = Mask::of(known.unwrap_or_default());
    meet(&mut mask, facts, turns);
    if !is_erased && !mask.new_ones().is_empty() {
        memory::add(&mut tx, conversation_id, mask.new_ones()).await?;
    }
    tx.commit().await?;
    Ok(mask.for_next_call())
}

/// What kinds of things were hidden, and how many of each; never what they are.
fn count(mask: &Mask) {
    let mut kinds = Vec::new();
    for (kind, many) in mask.tally() {
        metrics::counter!("dragoman_masked_total", "kind" => kind).increment(many);
        kinds.push(format!("{kind}: {many}"));
    }
    if !kinds.is_empty() {
        tracing::debug!(hidden = %kinds.join(", "), "personal data of a question is hidden");
    }
}

/// Forgets conversations that have long been silent.
struct Forget(Pool);

#[async_trait]
impl Chore for Forget {
    async fn run(&self) -> Result<(), Failure> {
        while memory::forget(&self.0, DAYS).await? {}
        Ok(())
    }
}

/// The chore that does so.
pub(crate) fn forgetting(pool: Pool) -> Queue {
    periodic("llm.forget", FORGET_EVERY, std::sync::Arc::new(Forget(pool)))
}
