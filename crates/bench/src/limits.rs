//! What the machine itself can do, measured in each run: acknowledged publishes, transactions, syncs of the disk.

use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bus::{Bus, BusSettings};
use events::message::gateway::UpdateReceived;
use events::{Envelope, Trail};
use ids::{EventId, Ids, Secret};
use local_servers::Tools;

use crate::figures::Limits;
use crate::stack::Stack;

/// Publishes that wait for their acknowledgement at once.
const IN_FLIGHT: usize = 64;

/// Connections of `pgbench`.
const CLIENTS: &str = "8";

/// All three, one after the other: `length` for the first two, at most a second for the last.
pub(crate) async fn measure(root: &Path, stack: &Stack, length: Duration) -> Result<Limits> {
    Ok(Limits {
        publishes_per_second: publishes(stack, IN_FLIGHT, length).await.context("the bare publishes")?,
        transactions_per_second: transactions(root, &stack.postgres.url(), length)?,
        fdatasyncs_per_second: syncs(stack.folder(), length.min(Duration::from_secs(1)))
            .context("the bare syncs")?,
    })
}

/// Acknowledged publishes per second of an update's size, `in_flight` at a time.
async fn publishes(stack: &Stack, in_flight: usize, length: Duration) -> Result<f64> {
    let bus = Bus::connect(&BusSettings::at(&stack.nats.url()), "bench").await?;
    bus.ensure_stream("bench").await?;
    let ids = Ids::system();
    let end = Instant::now() + length;
    let begin = Instant::now();
    let mut workers = Vec::with_capacity(in_flight);
    for worker in 0..in_flight {
        let (bus, ids) = (bus.clone(), ids.clone());
        workers.push(tokio::spawn(async move {
            let mut count = 0u64;
            while Instant::now() < end {
                let event = UpdateReceived {
                    bot: "limit".to_owned(),
                    update_id: i64::try_from(count).unwrap_or(0),
                    kind: "message".to_owned(),
                    chat_id: i64::try_from(worker).unwrap_or(0),
                    raw: vec![b'x'; 260],
                    received_at_ms: 0,
                };
                let id = EventId(ids.uuid().to_string());
                let mut envelope =
                    Envelope::new(id.clone(), event.key(), Trail::start(ids.trace(), id), 0, &event);
                envelope.subject = events::Subject::stored(format!("ev.bench.limit.publish.00.{worker}"));
                bus.publish(envelope).await?;
                count += 1;
            }
            Ok::<u64, bus::BusError>(count)
        }));
    }
    let mut sum = 0;
    for worker in workers {
        sum += worker.await??;
    }
    Ok(sum as f64 / begin.elapsed().as_secs_f64())
}

/// Transactions per second of an upsert and an insert, by 8 clients: `pgbench` of the same server.
pub(crate) fn transactions(root: &Path, url: &Secret, length: Duration) -> Result<f64> {
    let pgbench = Tools::below(root)?.postgres()?.program("pgbench");
    let folder = tempfile::tempdir()?;
    let (setup, script) = (folder.path().join("setup.sql"), folder.path().join("script.sql"));
    std::fs::write(
        &setup,
        "create table if not exists bench_c (id int primary key, n int); create table if not exists bench_m (id bigserial primary key, t text);",
    )?;
    std::fs::write(
        &script,
        "\\set id random(1, 1000)\nbegin;\ninsert into bench_c values (:id, 1) on conflict (id) do update set n = bench_c.n + 1;\ninsert into bench_m (t) values ('some words of a message');\ncommit;\n",
    )?;
    let psql = Tools::below(root)?.postgres()?.program("psql");
    Command::new(psql).arg(url.expose()).arg("-qf").arg(&setup).output()?;
    let output = Command::new(pgbench)
        .args([
            "-n",
            "-M",
            "prepared",
            "-c",
            CLIENTS,
            "-j",
            "1",
            "-T",
            &length.as_secs().max(1).to_string(),
            "-f",
        ])
        .arg(&script)
        .arg(url.expose())
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines()
        .find_map(|line| line.strip_prefix("tps = ")?.split_whitespace().next()?.parse().ok())
        .with_context(|| {
            format!("the bare transactions: pgbench said: {text}{}", String::from_utf8_lossy(&output.stderr))
        })
}

/// How often a second 8 kB reach the disk below `folder`, each written and synced alone (`fdatasync`).
fn syncs(folder: &Path, length: Duration) -> Result<f64> {
    let mut file = tempfile::tempfile_in(folder)?;
    let page = [b'x'; 8192];
    // Blocks that exist already, as in a log that is written anew: only data has to be synced.
    file.write_all(&page)?;
    file.sync_all()?;
    let begin = Instant::now();
    let mut count = 0u32;
    while begin.elapsed() < length {
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&page)?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / begin.elapsed().as_secs_f64())
}
