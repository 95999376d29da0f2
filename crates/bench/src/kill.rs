//! The promise of an acknowledgement: the program is killed under load and started again, and whoever was
//! acknowledged must be answered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::figures::Kill;
use crate::people::People;
use crate::report;
use crate::settings::SECRET;
use crate::stack::Stack;
use crate::stretches::settle;
use crate::webhook::Webhook;

/// How long the load lasts before the blow.
const LOAD: Duration = Duration::from_secs(2);

/// A head that the dead process held is delivered again after its wait, a lease after its own.
const PATIENCE: Duration = Duration::from_secs(90);

/// Every chat is written to once, so that an answer that came twice, or one to an update whose 200 was cut off,
/// makes up for no missing one.
pub(crate) async fn kill(stack: &mut Stack, people: &Arc<People>, in_flight: usize) -> Result<Kill> {
    report::progress("SIGKILL under load");
    let address = stack.address;
    let workers: Vec<_> = (0..in_flight)
        .map(|worker| {
            let people = people.clone();
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                let Ok(mut webhook) = Webhook::connect(address, SECRET).await else { return acknowledged };
                for chat in (people.chats() + worker..people.all_chats()).step_by(in_flight) {
                    match webhook.post(&people.update(chat)).await {
                        Ok(200) => acknowledged.push(chat),
                        _ => break,
                    }
                }
                acknowledged
            })
        })
        .collect();
    tokio::time::sleep(LOAD).await;
    stack.program.kill()?;
    let mut acknowledged = Vec::new();
    for worker in workers {
        acknowledged.append(&mut worker.await?);
    }
    let started = Instant::now();
    stack.program.start().await?;
    let ready_after_seconds = started.elapsed().as_secs_f64();
    let unanswered = || acknowledged.iter().filter(|&&chat| people.heard(chat) == 0).count();
    while unanswered() > 0 && started.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let answered_after_seconds = started.elapsed().as_secs_f64();
    // A second answer may come after everybody has had the first.
    settle(people).await;
    let twice = acknowledged.iter().filter(|&&chat| people.heard(chat) > 1).count();
    Ok(Kill {
        acknowledged: acknowledged.len() as u64,
        unanswered: unanswered() as u64,
        twice: twice as u64,
        ready_after_seconds,
        answered_after_seconds,
    })
}
