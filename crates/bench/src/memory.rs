//! Memory of the processes: at this moment, and at the most within a stretch.

use std::fs;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use serde::Serialize;

use crate::processes::{Processes, tree};
use crate::procfs;

/// How often Postgres is looked at. A look at 30 connections takes 15 ms of one core.
const EVERY: Duration = Duration::from_secs(1);

/// Megabytes (of 1,048,576 bytes).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Memory {
    /// Resident.
    pub(crate) ours: f64,
    /// Resident.
    pub(crate) nats: f64,
    /// Of all its processes, with the pages that they share counted once (PSS).
    pub(crate) postgres: f64,
}

impl Memory {
    /// What is used at this moment.
    pub(crate) fn now(of: Processes) -> Result<Self> {
        Ok(Self {
            ours: status(of.ours, "VmRSS")?,
            nats: status(of.nats, "VmRSS")?,
            postgres: shared_once(of.postgres)?,
        })
    }
}

/// Watches a stretch for the most that it takes: the kernel keeps the peak of ours and of NATS, and Postgres,
/// whose processes come and go, is looked at once a second.
pub(crate) struct Watch {
    of: Processes,
    stop: Sender<()>,
    postgres: JoinHandle<Result<f64>>,
}

impl Watch {
    pub(crate) fn start(of: Processes) -> Result<Self> {
        for pid in [of.ours, of.nats] {
            // From here on the kernel's peak is that of the stretch.
            fs::write(format!("/proc/{pid}/clear_refs"), "5")
                .with_context(|| format!("the peak of process {pid} cannot be reset"))?;
        }
        let (stop, stopped) = mpsc::channel();
        let mut peak = shared_once(of.postgres)?;
        let postgres = thread::spawn(move || {
            while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                peak = peak.max(shared_once(of.postgres)?);
            }
            Ok(peak)
        });
        Ok(Self { of, stop, postgres })
    }

    /// The most that each took since the start.
    pub(crate) fn finish(self) -> Result<Memory> {
        drop(self.stop);
        let seen = self.postgres.join().map_err(|_| anyhow!("the watch over Postgres panicked"))??;
        Ok(Memory {
            ours: status(self.of.ours, "VmHWM")?,
            nats: status(self.of.nats, "VmHWM")?,
            postgres: seen.max(shared_once(self.of.postgres)?),
        })
    }
}

fn status(pid: u32, field: &str) -> Result<f64> {
    let path = format!("/proc/{pid}/status");
    let text = fs::read_to_string(&path).with_context(|| format!("process {pid} is gone"))?;
    procfs::megabytes(&text, field).with_context(|| format!("{path} has no {field}"))
}

/// Every page is divided by the number of processes that map it, so that the sum counts it once.
fn shared_once(pid: u32) -> Result<f64> {
    let of = |pid: &u32| {
        let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
        procfs::megabytes(&text, "Pss")
    };
    // A connection's process may end while we look; the first one does not.
    of(&pid).with_context(|| format!("the memory of process {pid} cannot be read"))?;
    Ok(tree(pid).iter().filter_map(of).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_sees_what_was_given_back_before_its_end() {
        let own = std::process::id();
        let of = Processes { ours: own, nats: own, postgres: own };
        let before = Memory::now(of).unwrap();
        let watch = Watch::start(of).unwrap();
        drop(std::hint::black_box(vec![1u8; 64 << 20]));
        let peak = watch.finish().unwrap();
        assert!(peak.ours > before.ours + 60.0, "{before:?} {peak:?}");
        assert!(peak.postgres > 0.1);
    }
}
