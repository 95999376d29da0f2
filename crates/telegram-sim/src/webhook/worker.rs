//! One connection's worth of deliveries: takes the head of a lane, delivers it, says how it went.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use super::client::{Refusal, Target};
use crate::bot_api;
use crate::state::{Bot, Delivery, Sim};
use crate::sync::lock;

pub(super) async fn run(sim: Arc<Sim>, bot: Arc<Bot>, target: Target, stop: CancellationToken) {
    loop {
        let delivery = tokio::select! {
            () = stop.cancelled() => return,
            delivery = next(&bot) => delivery,
        };
        // A delivery under way is finished even when the webhook is replaced meanwhile.
        deliver(&sim, &bot, &target, delivery).await;
        if stop.is_cancelled() {
            return;
        }
    }
}

/// Waits for an update whose turn it is.
async fn next(bot: &Bot) -> Delivery {
    loop {
        let woken = bot.webhook_wake.notified();
        let now = Instant::now();
        let (taken, more) = {
            let mut updates = lock(&bot.updates);
            (updates.take(now), updates.has_ready(now))
        };
        match taken {
            Ok(delivery) => {
                if more {
                    bot.webhook_wake.notify_one();
                }
                return delivery;
            }
            Err(Some(wake)) => tokio::select! {
                () = woken => {}
                () = tokio::time::sleep_until(wake.into()) => {}
            },
            Err(None) => woken.await,
        }
    }
}

async fn deliver(sim: &Arc<Sim>, bot: &Arc<Bot>, target: &Target, delivery: Delivery) {
    let timing = sim.options.webhook;
    let call = sim.webhook_client.deliver(target, delivery.body);
    let mut outcome = tokio::time::timeout(timing.timeout, call)
        .await
        .unwrap_or_else(|_| Err(Refusal::new("Read timeout expired")));
    if outcome.is_ok() && sim.faults.loses_ack() {
        outcome = Err(Refusal::new("Webhook connection closed"));
    }
    match outcome {
        Ok(reply) => {
            sim.counters.webhook_ok.fetch_add(1, Ordering::Relaxed);
            lock(&bot.updates).delivered(delivery.id);
            bot.webhook_wake.notify_one();
            if let Some(reply) = reply {
                bot_api::call_from_webhook(sim, bot, &reply).await;
            }
        }
        Err(refusal) => {
            sim.counters.webhook_failed.fetch_add(1, Ordering::Relaxed);
            tracing::debug!(
                bot = bot.name,
                update_id = delivery.id,
                error = refusal.error,
                "webhook refused an update"
            );
            if let Some(webhook) = lock(&bot.webhook).as_mut() {
                webhook.last_error = Some((sim.now(), refusal.error));
            }
            let cap = timing.cap.mul_f64(1.0 + sim.options.ids.fraction());
            lock(&bot.updates).refused(delivery.id, refusal.retry_after, timing.step, cap, timing.keep);
            bot.webhook_wake.notify_one();
        }
    }
}
