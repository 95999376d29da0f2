//! The processes of an installation: which they are, and the CPU time that each has used.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::procfs::{self, Machine};

/// The process of each part; of Postgres the one that starts the others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Processes {
    pub(crate) ours: u32,
    pub(crate) nats: u32,
    pub(crate) postgres: u32,
}

/// Seconds of CPU that each part has used so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clocks {
    pub(crate) ours: f64,
    pub(crate) nats: f64,
    pub(crate) postgres: f64,
    /// The generator and the simulator: this process.
    pub(crate) bench: f64,
    pub(crate) machine: Machine,
}

impl Processes {
    pub(crate) fn clocks(&self) -> Result<Clocks> {
        let own = fs::read_to_string("/proc/self/stat")?;
        let stat = fs::read_to_string("/proc/stat")?;
        Ok(Clocks {
            ours: seconds(self.ours)?,
            nats: seconds(self.nats)?,
            postgres: seconds(self.postgres)?,
            // Without its children, which are the others here.
            bench: procfs::cpu_seconds(&own, false).context("/proc/self/stat cannot be read")?,
            machine: procfs::machine(&stat).context("/proc/stat cannot be read")?,
        })
    }
}

/// The process whose number a server has written to the first line of this file.
pub(crate) fn of(pid_file: &Path) -> Result<u32> {
    let text =
        fs::read_to_string(pid_file).with_context(|| format!("{} cannot be read", pid_file.display()))?;
    let line = text.lines().next().unwrap_or_default().trim();
    line.parse().with_context(|| format!("{} does not begin with a number", pid_file.display()))
}

/// Seconds of CPU that the process, its waited-for children and its living children have used.
pub(crate) fn seconds(pid: u32) -> Result<f64> {
    let mut sum = 0.0;
    for one in tree(pid) {
        // A child may end while we look.
        let Ok(stat) = fs::read_to_string(format!("/proc/{one}/stat")) else { continue };
        sum += procfs::cpu_seconds(&stat, one == pid)
            .with_context(|| format!("/proc/{one}/stat cannot be read"))?;
    }
    Ok(sum)
}

/// The process, its children, theirs, and so on.
pub(crate) fn tree(pid: u32) -> Vec<u32> {
    let mut found = vec![pid];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        let children =
            fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
        found.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
        next += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_holds_the_children_and_theirs() {
        // The shell starts another, which starts `cat`, and all wait for it.
        let mut command = std::process::Command::new("sh");
        let command = command.args(["-c", "sh -c 'cat; true'; true"]).stdin(std::process::Stdio::piped());
        let mut shell = command.spawn().unwrap();
        let patience = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while tree(shell.id()).len() < 3 {
            assert!(std::time::Instant::now() < patience, "{:?}", tree(shell.id()));
            std::thread::yield_now();
        }
        assert_eq!(tree(shell.id()).first(), Some(&shell.id()));
        drop(shell.stdin.take());
        shell.wait().unwrap();
    }

    #[test]
    fn the_number_is_on_the_first_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("postmaster.pid");
        fs::write(&file, "4711\n/data\n1790000000\n").unwrap();
        assert_eq!(of(&file).unwrap(), 4711);
        fs::write(&file, "").unwrap();
        assert!(of(&file).is_err());
    }
}
