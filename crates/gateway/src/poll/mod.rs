//! Long polling: for each bot without a webhook, one replica fetches the updates.

mod error;
mod offset;

use std::time::Duration;

use classify::Failure;
use ids::Ids;
use pg::Pool;
use serde_json::value::RawValue;
use telegram::client::GetUpdates;
use telegram::{BotApi, Mode, UpdateKind};
use tokio_util::sync::CancellationToken;

use crate::ingest::Ingest;
use crate::store::bot_link::BotLink;
use crate::store::leader::{self, Leader};
use error::PollError;
use offset::Offset;

/// How long Telegram holds the question open when there is nothing to tell. Seconds.
const WAIT: u16 = 25;

/// How soon another replica notices that the one that polled is gone.
const RETRY_LEAD: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub(crate) struct Poller {
    pub(crate) bot: String,
    pub(crate) api: BotApi,
    pub(crate) ingest: Ingest,
    pub(crate) pool: Pool,
    pub(crate) ids: Ids,
}

impl Poller {
    /// Polls whenever it is this replica's turn, until told to stop. What is cut off in the middle was not
    /// confirmed and comes again.
    pub(crate) async fn run(self, stop: CancellationToken) -> Result<(), Failure> {
        let what = format!("poll {}", self.bot);
        let pause = || RETRY_LEAD.mul_f64(0.9 + 0.2 * self.ids.fraction());
        let turns = leader::take_turns(&self.pool, &what, pause, |leader| self.lead(leader));
        stop.run_until_cancelled(turns).await;
        Ok(())
    }

    /// Polls until the lead is lost with its connection. Trouble with Telegram or the bus is waited out.
    async fn lead(&self, mut leader: Leader) {
        let mut link = BotLink::new(&self.pool, &self.bot, Mode::Poll);
        let mut offset = Offset::default();
        let (mut webhook_may_be_set, mut failures) = (true, 0);
        tracing::info!(bot = %self.bot, "fetching updates by long polling");
        loop {
            if let Err(error) = leader.still().await {
                tracing::warn!(bot = %self.bot, error = %classify::chain(&error), "another replica may poll now");
                return;
            }
            let Err(error) = self.round(&mut webhook_may_be_set, &mut offset).await else {
                failures = 0;
                link.note("").await;
                continue;
            };
            failures += 1;
            // Somebody may have set a webhook meanwhile, which makes every question a conflict.
            webhook_may_be_set |= error.is_conflict();
            let pause = error.pause(failures).mul_f64(1.0 + 0.2 * self.ids.fraction());
            let text = classify::chain(&error);
            let after_ms = pause.as_millis() as u64;
            tracing::warn!(bot = %self.bot, failures, after_ms, error = text, "polling goes on after a pause");
            link.note(&text).await;
            tokio::time::sleep(pause).await;
        }
    }

    /// One question and the storing of its answer.
    async fn round(&self, webhook_may_be_set: &mut bool, offset: &mut Offset) -> Result<(), PollError> {
        if *webhook_may_be_set {
            // What waits there stays, and is fetched here.
            self.api.delete_webhook(false).await?;
            *webhook_may_be_set = false;
        }
        let question = GetUpdates {
            offset: offset.to_ask(),
            limit: Some(100),
            timeout: WAIT,
            allowed_updates: UpdateKind::NAMES.iter().map(|&name| name.to_owned()).collect(),
        };
        let updates = self.api.get_updates(&question).await?;
        offset.asked(updates.is_empty());
        self.store(&updates, offset).await
    }

    /// Stores the updates; moves the offset behind those that are stored and never past one that is not.
    async fn store(&self, updates: &[Box<RawValue>], offset: &mut Offset) -> Result<(), PollError> {
        let mut read = Vec::with_capacity(updates.len());
        let mut unreadable = None;
        for update in updates {
            let raw = update.get().as_bytes();
            match telegram::peek(raw) {
                Ok(peek) => read.push((peek, raw)),
                Err(error) => unreadable = Some(error),
            }
        }
        // The offset confirms everything below it, so it goes up in this order only.
        read.sort_by_key(|(peek, _)| peek.update_id);
        for ((peek, _), stored) in read.iter().zip(self.ingest.take_all(&self.bot, &read).await) {
            // This one and those behind it come again; who was stored all the same is recognised.
            stored.map_err(PollError::NotStored)?;
            offset.stored(peek.update_id);
        }
        // It can not be kept under any id, and is confirmed with the next that has one.
        unreadable.map_or(Ok(()), |error| Err(PollError::Unreadable(error)))
    }
}
