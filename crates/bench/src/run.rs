//! What is measured, in its order.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use local_servers::Sync;

use crate::Call;
use crate::generator::{self, People, Seen, Webhook};
use crate::stack::{Cpu, SECRET, Stack};
use crate::{limits, report};

/// Chats that people write in.
const CHATS: usize = 2048;

/// Chats that are written to once each, before and while the program is killed.
const ONCE: usize = 200_000;

pub(crate) async fn run(call: &Call) -> Result<()> {
    let root = std::env::current_dir()?;
    report::line(&format!("fdatasync of 8 kB: {:.0} µs\n", limits::fsync_us(&root)?))?;
    for (name, sync) in [("synced", Sync::Always), ("unsynced", Sync::Default)] {
        if call.only.as_deref().is_none_or(|only| only == name) {
            mode(call, &root, name, sync).await?;
        }
    }
    Ok(())
}

async fn mode(call: &Call, root: &Path, name: &str, sync: Sync) -> Result<()> {
    // A number that no earlier run used: consumers remember what they have seen.
    let first = (ids::Ids::system().fraction() * 1e12) as i64;
    let people = People::new(CHATS, ONCE, first);
    let mut stack = Stack::start(root, sync, &people).await?;
    report::line(&format!("### {name}\n"))?;
    let measured = measure_all(call, root, &people, &mut stack).await;
    let said = stack.said();
    stack.stop().await?;
    measured.with_context(|| format!("the program's last words: {said}"))
}

async fn measure_all(call: &Call, root: &Path, people: &Arc<People>, stack: &mut Stack) -> Result<()> {
    let length = Duration::from_secs(call.seconds);
    let at_rest = stack.memory_mb().0;
    if call.kill_only {
        kill(stack, people, call.in_flight).await?;
        return Ok(());
    }
    let mut limit = f64::NAN;
    if !call.saturate_only {
        limit = limits::publishes(stack, 64, length / 2).await?;
        let transactions = limits::transactions(root, stack, length / 2)?;
        report::line(&format!(
            "Limits in this run: {limit:.0} acknowledged publishes/s (64 in flight), {transactions:.0} transactions/s (8 clients).\n"
        ))?;
    }
    // Every chat begins, so that what is measured is a conversation's middle and not its first words.
    generator::saturate(people, stack.address, SECRET, call.in_flight, Duration::from_secs(2), false).await?;
    report::head()?;
    if !call.saturate_only {
        measure(stack, "50/s", async { generator::steady(people, stack.address, SECRET, 50, length).await })
            .await?;
    }
    let rate = measure(stack, &format!("saturated, {} in flight", call.in_flight), async {
        generator::saturate(people, stack.address, SECRET, call.in_flight, length, false).await
    })
    .await?;
    if call.saturate_only {
        return Ok(());
    }
    stack.delay(Duration::from_millis(80)).await?;
    measure(stack, "50/s, Telegram takes 80 ms", async {
        generator::steady(people, stack.address, SECRET, 50, length).await
    })
    .await?;
    measure(stack, "saturated, 512 in flight, Telegram takes 80 ms", async {
        generator::saturate(people, stack.address, SECRET, 512, length, false).await
    })
    .await?;
    stack.delay(Duration::ZERO).await?;
    settle(people).await;
    measure(stack, "acknowledged only, 64 in flight, while the rest works it off", async {
        generator::saturate(people, stack.address, SECRET, call.in_flight, length, true).await
    })
    .await?;
    settle(people).await;
    let lost = kill(stack, people, call.in_flight).await?;
    let peak = stack.memory_mb().1;
    report::line(&format!(
        "\nEnd to end at saturation: {:.2} of the bare publishes. Memory of the program: {at_rest:.0} MB at rest, {peak:.0} MB at the peak after the kill. Acknowledged and unanswered after SIGKILL: {lost}.\n",
        rate / limit
    ))
}

/// Runs one stretch between two readings of the CPU clocks; its rate.
async fn measure(stack: &Stack, what: &str, stretch: impl Future<Output = Result<Seen>>) -> Result<f64> {
    let before = stack.cpu()?;
    let mut seen = stretch.await.with_context(|| what.to_owned())?;
    let after = stack.cpu()?;
    let cpu = Cpu {
        ours: after.ours - before.ours,
        nats: after.nats - before.nats,
        postgres: after.postgres - before.postgres,
        commits: after.commits - before.commits,
    };
    report::row(what, &mut seen, cpu)
}

/// Waits until no answers have come for a second.
async fn settle(people: &People) {
    let mut last = people.answers();
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = people.answers();
        if now == last {
            return;
        }
        last = now;
    }
}

/// Kills the program under load, starts it again, and counts the updates that were acknowledged and never
/// answered. Every chat is written to once, so that an answer that came twice, or one to an update whose 200
/// was cut off, makes up for no missing one.
async fn kill(stack: &mut Stack, people: &Arc<People>, in_flight: usize) -> Result<u64> {
    let address = stack.address;
    let workers: Vec<_> = (0..in_flight)
        .map(|worker| {
            let people = people.clone();
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                let Ok(mut webhook) = Webhook::connect(address, SECRET).await else { return acknowledged };
                for chat in (people.chats() + worker..people.all_chats()).step_by(in_flight) {
                    match generator::post(&people, &mut webhook, chat).await {
                        Ok(200) => acknowledged.push(chat),
                        _ => break,
                    }
                }
                acknowledged
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(2)).await;
    stack.kill_program()?;
    let mut acknowledged = Vec::new();
    for worker in workers {
        acknowledged.append(&mut worker.await?);
    }
    stack.start_program().await?;
    // A head that the dead process held is delivered again after its wait, a lease after its own.
    let patience = Instant::now() + Duration::from_secs(90);
    let unanswered = || acknowledged.iter().filter(|&&chat| people.heard(chat) == 0).count();
    while unanswered() > 0 && Instant::now() < patience {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let twice = acknowledged.iter().filter(|&&chat| people.heard(chat) > 1).count();
    report::line(&format!(
        "\nSIGKILL under load: {} acknowledged, {} of them unanswered after the restart, {twice} answered more than once.",
        acknowledged.len(),
        unanswered()
    ))?;
    Ok(unanswered() as u64)
}
