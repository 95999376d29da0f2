//! `getUpdates`: long polling.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use serde_json::Value;

use crate::bot_api::params::Params;
use crate::bot_api::reply::{Answer, ApiError, Success};
use crate::state::{AllowedUpdates, Bot, Pending, Sim};
use crate::sync::lock;

const ACTIVE_WEBHOOK: &str = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
const OTHER_POLL: &str =
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";
const NEW_WEBHOOK: &str = "Conflict: terminated by setWebhook request";

pub(super) fn get_updates(sim: Arc<Sim>, bot: Arc<Bot>, params: &Params) -> BoxFuture<'_, Answer> {
    Box::pin(async move {
        if lock(&bot.webhook).is_some() {
            return Err(ApiError::conflict(ACTIVE_WEBHOOK));
        }
        let offset = params.clamped("offset", 0, i64::MIN, i64::MAX);
        let limit = usize::try_from(params.clamped("limit", 100, 1, 100)).unwrap_or(100);
        let timeout = u64::try_from(params.clamped("timeout", 0, 0, 50)).unwrap_or(0);
        if let Some(allowed) = allowed(params) {
            lock(&bot.updates).allowed = allowed;
        }
        poll(&sim, &bot, offset, limit, Instant::now() + Duration::from_secs(timeout)).await
    })
}

/// The `allowed_updates` of a call; absent leaves what was set before.
pub(super) fn allowed(params: &Params) -> Option<AllowedUpdates> {
    let list = params.json("allowed_updates").ok()??;
    let kinds = list.as_array()?.iter().filter_map(Value::as_str).map(str::to_ascii_lowercase);
    Some(AllowedUpdates(kinds.collect()))
}

async fn poll(sim: &Sim, bot: &Bot, offset: i64, limit: usize, until: Instant) -> Answer {
    let mut ticket = None;
    loop {
        // Registered before looking, so that nothing is missed in between.
        let woken = bot.poll_wake.notified();
        tokio::pin!(woken);
        woken.as_mut().enable();
        {
            let mut updates = lock(&bot.updates);
            if updates.has_webhook() {
                return Err(ApiError::conflict(NEW_WEBHOOK));
            }
            if ticket.is_some_and(|ticket| ticket != updates.poll) {
                return Err(ApiError::conflict(OTHER_POLL));
            }
            // The offset confirms once; while waiting only new updates are looked for.
            let found = updates.poll(offset, limit);
            if !found.is_empty() || Instant::now() >= until {
                return Ok(list(&found));
            }
            if ticket.is_none() {
                updates.poll += 1;
                ticket = Some(updates.poll);
                bot.poll_wake.notify_waiters();
                woken.set(bot.poll_wake.notified());
                woken.as_mut().enable();
            }
        }
        tokio::select! {
            () = woken => {}
            () = tokio::time::sleep_until(until.into()) => {}
            () = sim.shutdown.cancelled() => return Ok(list(&[])),
        }
    }
}

fn list(updates: &[Pending]) -> Success {
    let mut body = b"{\"ok\":true,\"result\":[".to_vec();
    for (at, update) in updates.iter().enumerate() {
        if at > 0 {
            body.push(b',');
        }
        body.extend_from_slice(&update.body);
    }
    body.extend_from_slice(b"]}");
    Success { body: body.into(), message_id: None }
}
