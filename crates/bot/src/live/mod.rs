//! Answers before the person's eyes while a model writes them: drafts in private chats, a message that grows in groups.
//!
//! What comes from the model worker may be lost, late or twice; each piece holds the whole text so far, so the newest is
//! all that is needed. Any replica takes any piece: the row of the question (`store/draft.rs`) says under its lock
//! whether it may still be shown. It needs not be, so it waits in no line and takes only what is free.

mod newest;
mod show;

use std::sync::Arc;
use std::time::Duration;

use bus::Bus;
use classify::{Class, Failure};
use events::DRAFTED;
use events::message::llm::AnswerDraft;
use futures::StreamExt;
use ids::RequestId;
use pg::{PgError, Pool};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::bots::Bots;
use crate::config::BotServiceConfig;
use crate::store::draft;

use newest::{Newest, Piece};

pub(crate) use show::own_limit;

/// Replicas share the pieces: each is for one of them.
const GROUP: &str = "bot-drafts";
/// UTF-16 units of one message.
const MOST: usize = 4096;
/// Between two looks at what accidents have left behind.
const SWEEP: Duration = Duration::from_secs(10 * 60);

/// Shows parts of answers.
#[derive(Clone)]
pub(crate) struct Live {
    bots: Arc<Bots>,
    pool: Pool,
    bus: Bus,
    config: BotServiceConfig,
    newest: Arc<Newest>,
    room: Arc<Semaphore>,
}

impl Live {
    pub(crate) fn new(bots: Arc<Bots>, pool: Pool, bus: Bus, config: BotServiceConfig) -> Self {
        let room = Arc::new(Semaphore::new(config.draft_concurrency));
        Self { bots, pool, bus, config, newest: Arc::default(), room }
    }

    /// Until `stop`; returns when no call is under way any more.
    pub(crate) async fn run(self, stop: CancellationToken) -> Result<(), Failure> {
        let mut heard = self.bus.core_subscribe_one(DRAFTED, GROUP).await?;
        let mut sweep = tokio::time::interval(SWEEP);
        let calls = TaskTracker::new();
        let ended = loop {
            tokio::select! {
                () = stop.cancelled() => break Ok(()),
                _ = sweep.tick() => self.sweep().await,
                piece = heard.next() => match piece {
                    Some(bytes) => self.hear(&bytes, &calls, &stop),
                    None => break Err(Failure::new(Class::Transient, "nothing more is heard of answers under way")),
                },
            }
        };
        calls.close();
        calls.wait().await;
        ended
    }

    fn hear(&self, bytes: &[u8], calls: &TaskTracker, stop: &CancellationToken) {
        let Some((request, piece)) = AnswerDraft::read(bytes).and_then(read) else {
            return count("none", "unreadable");
        };
        if !self.newest.put(request, piece) {
            // Whoever works on the question finds it.
            return;
        }
        let Ok(room) = self.room.clone().try_acquire_owned() else {
            self.newest.drop_all(request);
            return count("none", "no_room");
        };
        let (live, stop) = (self.clone(), stop.clone());
        calls.spawn(async move {
            live.show_all(request, &stop).await;
            drop(room);
        });
    }

    async fn sweep(&self) {
        let swept = async {
            let mut connection = self.pool.acquire().await.map_err(PgError::from)?;
            draft::sweep(&mut connection).await
        };
        if let Err(error) = pg::in_time(swept).await {
            tracing::warn!(error = %classify::chain(&error), "parts of old answers could not be taken away");
        }
    }
}

fn read(draft: AnswerDraft) -> Option<(RequestId, Piece)> {
    let request = draft.request_id.parse().ok()?;
    let is_text = !draft.text.trim().is_empty() && draft.text.encode_utf16().count() <= MOST;
    let (bot, chat_id) = (draft.bot, draft.chat_id);
    let turn = (i64::from(draft.generation), i64::from(draft.number));
    is_text.then(|| (request, Piece { bot, chat_id, turn, text: ids::Pii::new(draft.text) }))
}

fn count(kind: &'static str, outcome: &'static str) {
    metrics::counter!("dragoman_drafts_total", "kind" => kind, "outcome" => outcome).increment(1);
}
