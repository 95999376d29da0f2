//! Delivers updates to a bot's webhook: each chat in order, the next one only after a 2xx, with the
//! real server's retries.

mod client;
mod worker;

pub(crate) use client::WebhookClient;

use std::sync::Arc;

use ids::Secret;
use tokio_util::sync::CancellationToken;

use crate::state::{Bot, Sim};
use crate::sync::lock;

/// A webhook that is set.
#[derive(Debug)]
pub(crate) struct Webhook {
    pub(crate) url: String,
    pub(crate) secret: Secret,
    pub(crate) max_connections: usize,
    /// Unix seconds and the text of the newest failure.
    pub(crate) last_error: Option<(i64, String)>,
    stop: CancellationToken,
}

/// What `setWebhook` asks for.
#[derive(Debug)]
pub(crate) struct NewWebhook {
    pub(crate) url: String,
    pub(crate) secret: String,
    pub(crate) max_connections: usize,
}

/// Sets the webhook and starts delivering, in place of an earlier one.
pub(crate) fn set(sim: &Arc<Sim>, bot: &Arc<Bot>, new: NewWebhook) {
    remove(bot);
    let webhook = Webhook {
        url: new.url,
        secret: Secret::new(new.secret),
        max_connections: new.max_connections,
        last_error: None,
        stop: sim.shutdown.child_token(),
    };
    let stop = webhook.stop.clone();
    let target = client::Target::new(&webhook.url, &webhook.secret);
    lock(&bot.updates).open_lanes();
    *lock(&bot.webhook) = Some(webhook);
    // A long poll that waits is told that its time is over.
    bot.poll_wake.notify_waiters();
    for _ in 0..new.max_connections {
        tokio::spawn(worker::run(sim.clone(), bot.clone(), target.clone(), stop.clone()));
    }
}

/// Stops delivering. Updates stay.
pub(crate) fn remove(bot: &Bot) -> bool {
    lock(&bot.updates).close_lanes();
    let old = lock(&bot.webhook).take();
    if let Some(old) = &old {
        old.stop.cancel();
    }
    old.is_some()
}
