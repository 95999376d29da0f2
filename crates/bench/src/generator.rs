//! Load: as many updates as are wanted in flight, or a steady rate of them, and what was seen of each.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::latency::Latencies;
use crate::people::People;
use crate::webhook::Webhook;

/// What a measured stretch saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// From the first byte of the webhook call to the message at Telegram; at a steady rate from when the call
    /// was due, if it had to wait for a connection.
    pub(crate) to_answer: Latencies,
    /// Likewise to the 200.
    pub(crate) to_ack: Latencies,
    pub(crate) acknowledged: u64,
    pub(crate) refused: u64,
    pub(crate) took: Duration,
}

/// As many people as `in_flight`, each of whom writes again as soon as the answer has come (or, with
/// `ack_only`, as soon as Telegram's 200 has).
pub(crate) async fn saturate(
    people: &Arc<People>,
    address: SocketAddr,
    secret: &str,
    in_flight: usize,
    length: Duration,
    ack_only: bool,
) -> Result<Seen> {
    let begin = Instant::now();
    let end = begin + length;
    let mut workers = Vec::with_capacity(in_flight);
    let share = people.chats() / in_flight.max(1);
    for worker in 0..in_flight {
        let (people, secret) = (people.clone(), secret.to_owned());
        workers.push(tokio::spawn(async move {
            let mut webhook = Webhook::connect(address, &secret).await?;
            let mut seen = Seen::default();
            let mut turn = 0;
            while Instant::now() < end {
                // Each worker has chats of its own and goes round them.
                let chat = worker * share + turn % share.max(1);
                turn += 1;
                one(&people, &mut webhook, chat, Instant::now(), ack_only, &mut seen).await?;
            }
            Ok::<_, anyhow::Error>(seen)
        }));
    }
    gather(workers, begin).await
}

/// `rate` people a second, whatever the answers take; each connection carries one call at a time.
pub(crate) async fn steady(
    people: &Arc<People>,
    address: SocketAddr,
    secret: &str,
    rate: u32,
    length: Duration,
) -> Result<Seen> {
    let begin = Instant::now();
    let count = (length.as_secs_f64() * f64::from(rate)) as usize;
    let connections = 16.min(count.max(1));
    let mut workers = Vec::with_capacity(connections);
    for worker in 0..connections {
        let (people, secret) = (people.clone(), secret.to_owned());
        workers.push(tokio::spawn(async move {
            let mut webhook = Webhook::connect(address, &secret).await?;
            let mut seen = Seen::default();
            for nth in (worker..count).step_by(connections) {
                let due = begin + Duration::from_secs_f64(nth as f64 / f64::from(rate));
                // Time in which all connections were held up counts, or slow answers would hide themselves.
                let since = if Instant::now() > due {
                    due
                } else {
                    tokio::time::sleep_until(due.into()).await;
                    Instant::now()
                };
                one(&people, &mut webhook, nth % people.chats(), since, false, &mut seen).await?;
            }
            Ok::<_, anyhow::Error>(seen)
        }));
    }
    gather(workers, begin).await
}

async fn one(
    people: &People,
    webhook: &mut Webhook,
    chat: usize,
    since: Instant,
    ack_only: bool,
    seen: &mut Seen,
) -> Result<()> {
    let answer = people.expect(chat);
    let body = people.update(chat);
    if webhook.post(&body).await? != 200 {
        seen.refused += 1;
        return Ok(());
    }
    seen.acknowledged += 1;
    seen.to_ack.add(since.elapsed());
    if !ack_only {
        let at = tokio::time::timeout(Duration::from_secs(30), answer)
            .await
            .context("an acknowledged update was not answered within 30 s")?
            .context("the generator lost an answer")?;
        seen.to_answer.add(at.saturating_duration_since(since));
    }
    Ok(())
}

/// The last `count` of the chats that are written to once begin the brief and leave its first question open. They do not
/// wait for each other's answers.
pub(crate) async fn begin_briefs(
    people: &Arc<People>,
    address: SocketAddr,
    secret: &str,
    in_flight: usize,
    count: usize,
) -> Result<Seen> {
    let begin = Instant::now();
    let mut workers = Vec::with_capacity(in_flight);
    for worker in 0..in_flight {
        let (people, secret) = (people.clone(), secret.to_owned());
        workers.push(tokio::spawn(async move {
            let mut webhook = Webhook::connect(address, &secret).await?;
            let mut seen = Seen::default();
            let first = people.all_chats().saturating_sub(count);
            for chat in (first + worker..people.all_chats()).step_by(in_flight) {
                let since = Instant::now();
                if webhook.post(&people.says(chat, "/project")).await? == 200 {
                    seen.acknowledged += 1;
                    seen.to_ack.add(since.elapsed());
                } else {
                    seen.refused += 1;
                }
            }
            Ok::<_, anyhow::Error>(seen)
        }));
    }
    gather(workers, begin).await
}

async fn gather(workers: Vec<tokio::task::JoinHandle<Result<Seen>>>, begin: Instant) -> Result<Seen> {
    let mut all = Seen::default();
    for worker in workers {
        let seen = worker.await??;
        all.acknowledged += seen.acknowledged;
        all.refused += seen.refused;
        all.to_ack.append(seen.to_ack);
        all.to_answer.append(seen.to_answer);
    }
    all.took = begin.elapsed();
    Ok(all)
}
