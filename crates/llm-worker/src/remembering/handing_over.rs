//! A brief for whoever takes a conversation over from the bot: written by a model from what was said, or, where none
//! can, the end of the talk as it is. Whatever becomes of the model, there is a brief.

use std::sync::Arc;

use async_trait::async_trait;
use bot_folder::{Lang, PromptContext};
use bus::outbox::Outbox;
use classify::{Class, Failure};
use events::message::llm::HandoffPrepared;
use events::{Envelope, Key};
use ids::{Ids, Pii};
use jobs::{Job, JobError, JobHandler, QueueSpec};
use pg::{AfterCommit, PgConnection, PgError, Pool};
use serde::{Deserialize, Serialize};

use super::noting::{Notes, Wanted};
use super::recall;
use crate::domain::question::Turn;
use crate::domain::{brief, context};
use crate::knowledge::Bots;
use crate::store::erased;

/// The queue of [`ToHandOver`].
pub(crate) const HANDOVER: &str = "llm.handover";
/// What fails so often is told without a model.
const MOST_ATTEMPTS: u32 = 3;

/// A conversation that a human takes over. It holds what was said, for as long as the brief takes.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ToHandOver {
    /// The event that called the human, by which the brief is known.
    pub(crate) handoff_id: String,
    /// The chat's, under which the brief is published.
    pub(crate) key: String,
    pub(crate) conversation_id: String,
    pub(crate) bot: String,
    pub(crate) folder: String,
    pub(crate) version: String,
    pub(crate) reason: String,
    pub(crate) follow_up: bool,
    pub(crate) language: String,
    /// Whether the person said it, and what; oldest first.
    pub(crate) turns: Vec<(bool, String)>,
}

/// Prepares briefs.
pub(crate) struct HandOver {
    pub(crate) pool: Pool,
    pub(crate) bots: Arc<Bots>,
    pub(crate) notes: Notes,
    pub(crate) ids: Ids,
    pub(crate) outbox: Outbox,
}

/// A brief. `None` where there is nobody left to tell of.
pub(crate) struct Prepared(Option<(ToHandOver, Brief)>);

struct Brief {
    text: String,
    language: Lang,
    /// Which template it was written by; empty where no model wrote it.
    prompt: String,
}

#[async_trait]
impl JobHandler for HandOver {
    type Done = Prepared;

    fn queue(&self) -> QueueSpec {
        QueueSpec { concurrency: 4, max_attempts: MOST_ATTEMPTS, ..QueueSpec::new(HANDOVER) }
    }

    async fn run(&self, job: &Job) -> Result<Prepared, JobError> {
        let to: ToHandOver = job.json()?;
        if self.is_erased(&to.conversation_id).await.map_err(Failure::from)? {
            return Ok(Prepared(None));
        }
        let turn =
            |(by_person, text): &(bool, String)| Turn { by_person: *by_person, text: Pii::new(text.clone()) };
        let turns: Vec<Turn> = to.turns.iter().map(turn).collect();
        let written = match self.written(&to, &turns).await {
            Ok(written) => written,
            Err(failure) if failure.class().is_retryable() && job.attempt < MOST_ATTEMPTS => {
                return Err(failure.into());
            }
            Err(failure) => {
                tracing::warn!(error = %failure, attempts = job.attempt, "no model wrote a brief; the talk itself is one");
                None
            }
        };
        let brief = written.unwrap_or_else(|| {
            let language = Lang::of_tag(&to.language).unwrap_or_default();
            Brief { text: brief::plain(&turns, language), language, prompt: String::new() }
        });
        Ok(Prepared(Some((to, brief))))
    }

    async fn commit(&self, tx: &mut PgConnection, done: &[(Job, Prepared)]) -> Result<AfterCommit, Failure> {
        let mut events = Vec::with_capacity(done.len());
        for (job, Prepared(prepared)) in done {
            let Some((to, brief)) = prepared else { continue };
            // The person was erased while it was written.
            if erased::hold_off(tx, &to.conversation_id).await? {
                continue;
            }
            let at_ms = self.notes.clock.now_ms();
            let event = HandoffPrepared {
                handoff_id: to.handoff_id.clone(),
                conversation_id: to.conversation_id.clone(),
                bot: to.bot.clone(),
                reason: to.reason.clone(),
                follow_up: to.follow_up,
                language: brief.language.to_string(),
                brief: brief.text.clone(),
                prompt: brief.prompt.clone(),
                at_ms,
            };
            let key = Key::parse(&to.key).map_err(|error| Failure::new(Class::Permanent, error))?;
            events.push(Envelope::new(self.ids.event(), key, job.trail.clone(), at_ms, &event));
        }
        Ok(self.outbox.put(tx, &events).await?)
    }
}

impl HandOver {
    async fn is_erased(&self, conversation_id: &str) -> Result<bool, PgError> {
        let mut connection = self.pool.acquire().await?;
        erased::is_erased(&mut connection, conversation_id).await
    }

    /// What a model makes of the talk. `None` where there is none to ask, no money, or nothing came of it.
    async fn written(&self, to: &ToHandOver, turns: &[Turn]) -> Result<Option<Brief>, Failure> {
        if !self.notes.asker.takes_notes() {
            return Ok(None);
        }
        let folder = if to.folder.is_empty() { &to.bot } else { &to.folder };
        let Some(bot) = self.bots.get(folder, &to.version).await? else { return Ok(None) };
        let spoken = Lang::of_tag(&to.language).filter(|lang| bot.bot.languages.contains(lang));
        let language = spoken.unwrap_or(bot.bot.default_language);
        let composed = bot.compose(PromptContext::Handover, language, &to.conversation_id);
        let memory = recall(&self.pool, &to.conversation_id, Vec::new(), turns).await?;
        let mut mask = memory.mask;
        let mut text = String::new();
        if let Some(summary) = &memory.summary {
            mask.show(&summary.text);
            text = format!("So far: {}\n", summary.text);
        }
        text.push_str(&context::told(turns, &mut mask));
        let wanted = Wanted {
            request_id: format!("handover-{}", to.handoff_id),
            conversation_id: &to.conversation_id,
            bot: &to.bot,
            kind: "handover",
            prompt: &composed.name,
            instruction: &composed.text,
            text: &text,
        };
        let written = self.notes.write(wanted).await?;
        let text = brief::written(&mask.reveal(&written));
        Ok(text.map(|text| Brief { text, language, prompt: composed.name }))
    }
}
