//! Long polling: for each bot without a webhook, one replica fetches the updates.

use std::time::Duration;

use classify::Failure;
use pg::Pool;
use serde_json::value::RawValue;
use telegram::client::GetUpdates;
use telegram::{BotApi, Mode, UpdateKind};
use tokio_util::sync::CancellationToken;

use crate::ingest::Ingest;
use crate::store::bot_link;
use crate::store::leader::Leader;

/// How long Telegram holds the question open when there is nothing to tell. Seconds.
const WAIT: u16 = 25;

/// How soon another replica notices that the one that polled is gone.
const RETRY_LEAD: Duration = Duration::from_secs(2);

#[derive(Clone)]
pub(crate) struct Poller {
    pub(crate) bot: String,
    pub(crate) api: BotApi,
    pub(crate) ingest: Ingest,
    pub(crate) pool: Pool,
}

impl Poller {
    pub(crate) async fn run(self, stop: CancellationToken) -> Result<(), Failure> {
        while !stop.is_cancelled() {
            match Leader::try_take(&self.pool, &format!("poll {}", self.bot)).await? {
                Some(leader) => tokio::select! {
                    ended = self.lead(leader) => ended?,
                    () = stop.cancelled() => {}
                },
                None => tokio::select! {
                    () = tokio::time::sleep(RETRY_LEAD) => {}
                    () = stop.cancelled() => {}
                },
            }
        }
        Ok(())
    }

    async fn lead(&self, mut leader: Leader) -> Result<(), Failure> {
        // A webhook that somebody set would make every question fail; what waits there stays.
        self.tell(self.api.delete_webhook(false).await.map_err(Failure::from)).await?;
        tracing::info!(bot = %self.bot, "fetching updates by long polling");
        // Telegram itself remembers what was not confirmed: the first question needs no offset.
        let mut offset = None;
        loop {
            leader.still().await?;
            let question = GetUpdates {
                offset,
                limit: Some(100),
                timeout: WAIT,
                allowed_updates: UpdateKind::NAMES.iter().map(|&name| name.to_owned()).collect(),
            };
            let updates = self.tell(self.api.get_updates(&question).await.map_err(Failure::from)).await?;
            if let Some(next) = self.take(&updates).await? {
                offset = Some(next);
            }
        }
    }

    /// Stores the updates; returns the offset that confirms them, never past one that was not stored.
    async fn take(&self, updates: &[Box<RawValue>]) -> Result<Option<i64>, Failure> {
        let mut read = Vec::with_capacity(updates.len());
        for update in updates {
            let raw = update.get().as_bytes();
            match telegram::peek(raw) {
                Ok(peek) => read.push((peek.update_id, raw)),
                Err(error) => tracing::error!(bot = %self.bot, %error, "telegram sent an update without an id"),
            }
        }
        let mut next = None;
        for ((update_id, _), stored) in read.iter().zip(self.ingest.take_all(&self.bot, &read).await) {
            if let Err(error) = stored {
                tracing::warn!(bot = %self.bot, error = %classify::chain(&error), "an update was not stored; it is fetched again");
                // Those before it are confirmed; it and those behind it come again, and who was stored all
                // the same is recognised.
                return next.map_or_else(|| Err(Failure::from(error)), |next| Ok(Some(next)));
            }
            next = Some(update_id + 1);
        }
        Ok(next)
    }

    /// Notes for the operator whether Telegram answers, and passes the answer on.
    async fn tell<T>(&self, answer: Result<T, Failure>) -> Result<T, Failure> {
        let trouble = answer.as_ref().err().map(ToString::to_string).unwrap_or_default();
        bot_link::note(&self.pool, &self.bot, Mode::Poll, &trouble).await?;
        answer
    }
}
