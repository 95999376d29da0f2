//! A person's words go to a model: the answer, the ledger's row and the event that carries the answer back.

mod written;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bus::outbox::Outbox;
use bus::{Bus, Delivery, WorkHandler};
use classify::Failure;
use events::message::bot::{ModelRequested, PersonFact, turn::Speaker};
use ids::{Clock, Ids, Pii, Timestamp};
use jobs::Jobs;
use pg::{AfterCommit, PgConnection, PgError};
use tokio::time::Instant;

use crate::answering::{Answering, Asked, End, Outcome, Paid};
use crate::asking::{self, Prepared, Told};
use crate::domain::context::{self, Due, Fact};
use crate::domain::mask::Mask;
use crate::domain::question::{Question, Turn};
use crate::knowledge::{Bots, Search};
use crate::live::Viewer;
use crate::money::{Money, Who};
use crate::remembering;
use crate::routing::Wish;
use crate::store::sample::Sample;
use crate::store::{erased, gaps};
use crate::superseded::Superseded;

/// What is left of the time for writing the answer and carrying it back.
const TO_CARRY_BACK: Duration = Duration::from_millis(300);
/// No question is worked on for longer, whatever it asks for.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// Characters of a question that nobody could answer, as it is kept.
const MOST_REMEMBERED: usize = 500;

pub(crate) struct ModelRequestedHandler {
    pub(crate) search: Search,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) outbox: Outbox,
    /// Where drafts of answers go.
    pub(crate) bus: Bus,
    pub(crate) jobs: Jobs,
    pub(crate) bots: Arc<Bots>,
    pub(crate) answering: Answering,
    pub(crate) superseded: Arc<Superseded>,
    pub(crate) money: Money,
    /// For a question without a deadline of its own.
    pub(crate) answer_timeout: Duration,
}

/// A question that has ended, and is still to be written.
pub(crate) struct Ended {
    request: ModelRequested,
    language: String,
    /// `system@3+consultation@1`; empty where none was used.
    prompt: String,
    /// Why these: `consultation (sources)`.
    context: String,
    paid: Paid,
    sample: Option<Sample>,
    /// The conversation's, for what is kept of the question.
    mask: Mask,
    /// What is to be summarised for the next question.
    due: Option<Due>,
    took_ms: i64,
}

#[async_trait]
impl WorkHandler for ModelRequestedHandler {
    type Done = Ended;

    /// Fails only where our own database or our own bot service does: everything else is an answer.
    async fn work(&self, event: &Delivery) -> Result<Ended, Failure> {
        let request: ModelRequested = event.decode()?;
        let started = Instant::now();
        // Nobody is told what was asked there, and whoever asked is not known anew.
        if self.is_erased(&request.conversation_id).await? {
            return Ok(Ended::of(request, "erased"));
        }
        let mut ended = Ended::of(request, "deadline");
        let Some(deadline) = self.deadline(&ended.request, started) else { return Ok(ended) };
        match self.bots.get(folder(&ended.request), &ended.request.version).await? {
            None => {
                let (bot, folder) = (&ended.request.bot, folder(&ended.request));
                tracing::error!(%bot, %folder, "a question came for a bot that has no folder here");
                ended.paid = Paid::free(End::failed("unknown_bot"));
            }
            Some(bot) => {
                let turns = turns(&ended.request);
                let facts = facts(&ended.request);
                let memory =
                    remembering::recall(self.search.pool(), &ended.request.conversation_id, facts, &turns)
                        .await?;
                let ModelRequested { language, context, conversation_id, .. } = &ended.request;
                let told = Told { language, context, conversation_id };
                let prepared = asking::question(&self.search, &bot, turns, told, memory).await?;
                let Prepared { question, prompt, context } = prepared;
                (ended.prompt, ended.context) = (prompt, context);
                ended.language = question.language.to_string();
                ended.mask = question.memory.mask.clone();
                if self.answering.asker.takes_notes() && !ended.request.conversation_id.is_empty() {
                    let memory = &question.memory;
                    ended.due =
                        context::due(memory.summary.as_ref(), &question.turns, &mut memory.mask.clone());
                }
                ended.paid = match question.turns.last() {
                    Some(turn) if turn.by_person => {
                        let work = self.superseded.work_on(&ended.request.request_id);
                        let (who, id) = (who(&ended.request), ended.request.request_id.as_str());
                        let wish = wish(&ended.request);
                        let live =
                            ended.request.live.then(|| Viewer::of(&self.bus, &ended.request, event.attempt));
                        let viewer = live.as_ref();
                        let asked =
                            Asked { question: &question, request_id: id, who: &who, wish, deadline, viewer };
                        self.answering.answer(asked, work.superseded()).await?
                    }
                    _ => Paid::free(End::failed("nothing_asked")),
                };
                if let Outcome::Answered { text, .. } = &ended.paid.end.outcome {
                    ended.sample = self.sample(&question, text);
                }
            }
        }
        ended.took_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        Ok(ended)
    }

    async fn commit(
        &self,
        tx: &mut PgConnection,
        event: &Delivery,
        done: &mut Ended,
    ) -> Result<AfterCommit, Failure> {
        self.write_in_tx(tx, event, done).await
    }

    /// The person is told that there is no answer, whatever the reason was.
    async fn give_up(
        &self,
        tx: &mut PgConnection,
        event: &Delivery,
        failure: &Failure,
    ) -> Result<AfterCommit, Failure> {
        let Ok(request) = event.decode::<ModelRequested>() else {
            // Nobody knows whom to answer; the bot's own deadline tells the person.
            tracing::error!(id = %event.id, error = %failure, "a question that can not be read gets no answer");
            return Ok(AfterCommit::nothing());
        };
        self.write_in_tx(tx, event, &mut Ended::of(request, "gave_up")).await
    }
}

/// The folder of the bot that asks. Bots are known here by their folders; where it is not said, it is called as
/// the bot.
fn folder(request: &ModelRequested) -> &str {
    if request.folder.is_empty() { &request.bot } else { &request.folder }
}

/// Keeps what nobody could answer, masked, for whoever fills the gaps of the knowledge.
async fn remember(
    tx: &mut PgConnection,
    request: &ModelRequested,
    mask: &mut Mask,
    (language, reason): (&str, Option<&str>),
    now: Timestamp,
) -> Result<(), PgError> {
    let asked = request.turns.iter().rev().find(|turn| turn.speaker() == Speaker::Person);
    let Some(asked) = asked.filter(|asked| !asked.text.starts_with('/')) else { return Ok(()) };
    let question: String = mask.hide(asked.text.trim()).chars().take(MOST_REMEMBERED).collect();
    if !question.chars().any(char::is_alphabetic) {
        return Ok(());
    }
    let question = gaps::Question {
        request_id: &request.request_id,
        conversation_id: &request.conversation_id,
        bot: folder(request),
        language,
        question: &question.replace('\0', ""),
        reason,
    };
    gaps::record_in_tx(tx, &question, now).await
}

/// What was said, without what has no words.
fn turns(request: &ModelRequested) -> Vec<Turn> {
    request
        .turns
        .iter()
        .filter(|turn| !turn.text.trim().is_empty())
        .map(|turn| Turn { by_person: turn.speaker() == Speaker::Person, text: Pii::new(turn.text.clone()) })
        .collect()
}

/// Which model the person has chosen.
fn wish(request: &ModelRequested) -> Wish<'_> {
    if request.model.is_empty() { Wish::None } else { Wish::Person(&request.model) }
}

/// Who the question is asked for.
fn who(request: &ModelRequested) -> Who {
    Who {
        bot: request.bot.clone(),
        chat_id: Some(request.chat_id),
        conversation_id: request.conversation_id.clone(),
        api_key: String::new(),
        key_budget: None,
        mode: String::new(),
    }
}

/// What the bot knows of the person.
fn facts(request: &ModelRequested) -> Vec<Fact> {
    let fact = |fact: &PersonFact| Fact { kind: fact.kind.clone(), value: Pii::new(fact.value.clone()) };
    request.facts.iter().map(fact).collect()
}

impl Ended {
    /// An end that nobody had a part in.
    fn of(request: ModelRequested, reason: &str) -> Self {
        Self {
            language: request.language.clone(),
            prompt: String::new(),
            context: String::new(),
            paid: Paid::free(End::failed(reason)),
            sample: None,
            mask: Mask::default(),
            due: None,
            took_ms: 0,
            request,
        }
    }
}

impl ModelRequestedHandler {
    /// The words of the question and its answer, masked, where they are of those that are kept.
    fn sample(&self, question: &Question, answer: &str) -> Option<Sample> {
        let percent = self.money.config().sample_text_percent;
        if percent <= 0.0 || self.ids.fraction() * 100.0 >= percent {
            return None;
        }
        let mut mask = question.memory.mask.clone();
        let asked = mask.hide(question.words_of_person().last().unwrap_or_default());
        Some(Sample { asked, answered: mask.hide(answer) })
    }

    async fn is_erased(&self, conversation_id: &str) -> Result<bool, PgError> {
        if conversation_id.is_empty() {
            return Ok(false);
        }
        let mut connection = self.search.pool().acquire().await?;
        erased::is_erased(&mut connection, conversation_id).await
    }

    /// When an answer must be there, or `None` where that is past.
    fn deadline(&self, request: &ModelRequested, now: Instant) -> Option<Instant> {
        if request.deadline_ms <= 0 {
            return Some(now + self.answer_timeout.min(LONGEST));
        }
        let left = u64::try_from(request.deadline_ms.saturating_sub(self.clock.now_ms())).ok()?;
        let left = Duration::from_millis(left).checked_sub(TO_CARRY_BACK).filter(|left| !left.is_zero())?;
        Some(now + left.min(LONGEST))
    }
}
