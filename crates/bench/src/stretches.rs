//! What one run measures of one installation, in its order.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use crate::Call;
use crate::figures::Run;
use crate::generator::{begin_briefs, saturate, steady};
use crate::kill::kill;
use crate::measure::measure;
use crate::memory::Memory;
use crate::people::People;
use crate::settings::{SECRET, SendLimits};
use crate::stack::Stack;
use crate::{limits, report};

/// Acknowledged and nothing else: what the webhook takes while the rest waits.
pub(crate) const ACKNOWLEDGED: &str = "acknowledged by the webhook, while the rest is worked off";

/// In flight where Telegram takes 80 ms.
const MANY: usize = 512;

/// A rate that leaves the machine mostly idle, updates per second.
const CALM: u32 = 50;

/// People who are left in the middle of the brief, for what their conversations take.
pub(crate) const BRIEFS: usize = 10_000;

const WARM_UP: Duration = Duration::from_secs(2);

/// How long after the start, and after the last answer, the memory is looked at.
const REST: Duration = Duration::from_secs(5);

/// The name of the stretch that is compared with the limits.
pub(crate) fn saturated(in_flight: usize) -> String {
    format!("saturated, {in_flight} in flight")
}

/// Measures everything that the call asks for, into `run`: what was measured before an error stays there.
pub(crate) async fn all(
    call: &Call,
    root: &Path,
    stack: &mut Stack,
    people: &Arc<People>,
    run: &mut Run,
) -> Result<()> {
    let length = Duration::from_secs(call.seconds);
    if !call.kill_only {
        tokio::time::sleep(REST).await;
        run.at_rest = Some(Memory::now(stack.processes()?)?);
        if !call.saturate_only {
            report::progress("limits of the machine");
            run.limits = Some(limits::measure(root, stack, length / 2).await?);
        }
        unlimited(call, stack, people, length, run).await?;
        settle(people).await;
        tokio::time::sleep(REST).await;
        run.after_load = Some(Memory::now(stack.processes()?)?);
        if !call.saturate_only {
            let briefs = begin_briefs(people, stack.address, SECRET, call.in_flight, BRIEFS);
            run.stretches.push(measure(stack, people, "10,000 people begin the brief", briefs).await?);
            settle(people).await;
            tokio::time::sleep(REST).await;
            run.in_progress = Some(Memory::now(stack.processes()?)?);
        }
    }
    if !call.kill_only && !call.saturate_only {
        stack.restart(SendLimits::Paid).await?;
        limited(call, stack, people, length, run).await?;
        settle(people).await;
        stack.restart(SendLimits::Off).await?;
    }
    if !call.saturate_only {
        run.kill = Some(kill(stack, people, call.in_flight).await?);
    }
    Ok(())
}

/// With the send limits off.
async fn unlimited(
    call: &Call,
    stack: &Stack,
    people: &Arc<People>,
    length: Duration,
    run: &mut Run,
) -> Result<()> {
    let address = stack.address;
    let calm = || steady(people, address, SECRET, CALM, length);
    let full = |in_flight, ack_only| saturate(people, address, SECRET, in_flight, length, ack_only);
    // Every chat begins, so that what is measured is a conversation's middle and not its first words.
    saturate(people, address, SECRET, call.in_flight, WARM_UP, false).await?;
    if call.saturate_only {
        report::progress(&format!("the program is process {}", stack.program.pid()?));
    } else {
        run.stretches.push(measure(stack, people, &format!("{CALM}/s"), calm()).await?);
    }
    let what = saturated(call.in_flight);
    run.stretches.push(measure(stack, people, &what, full(call.in_flight, false)).await?);
    if call.saturate_only {
        return Ok(());
    }
    stack.delay(Duration::from_millis(80)).await?;
    let what = format!("{CALM}/s, Telegram takes 80 ms");
    run.stretches.push(measure(stack, people, &what, calm()).await?);
    let what = format!("{}, Telegram takes 80 ms", saturated(MANY));
    run.stretches.push(measure(stack, people, &what, full(MANY, false)).await?);
    stack.delay(Duration::ZERO).await?;
    settle(people).await;
    run.stretches.push(measure(stack, people, ACKNOWLEDGED, full(call.in_flight, true)).await?);
    Ok(())
}

/// With the send limits on.
async fn limited(
    call: &Call,
    stack: &Stack,
    people: &Arc<People>,
    length: Duration,
    run: &mut Run,
) -> Result<()> {
    let address = stack.address;
    // Saturation comes first: after a calm stretch the bot might send a second's worth at once.
    saturate(people, address, SECRET, call.in_flight, WARM_UP, false).await?;
    let what = format!("{}, send limits on (1,000/s per bot)", saturated(call.in_flight));
    let full = saturate(people, address, SECRET, call.in_flight, length, false);
    run.stretches.push(measure(stack, people, &what, full).await?);
    let what = format!("{CALM}/s, send limits on (1,000/s per bot)");
    let calm = steady(people, address, SECRET, CALM, length);
    run.stretches.push(measure(stack, people, &what, calm).await?);
    Ok(())
}

/// Waits until no answers have come for a second.
pub(crate) async fn settle(people: &People) {
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
