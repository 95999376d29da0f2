//! What processes cost, from `/proc`: CPU time of a process or of a whole tree of them, resident memory.

use std::fs;

use anyhow::{Context, Result};

/// Kernel ticks per second, as on every Linux there is.
const TICKS: f64 = 100.0;

/// Processes by their command lines.
pub(crate) fn find(all_of: &[&str]) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line);
            // The shell that watches over a server names it too.
            !line.starts_with("sh\0") && all_of.iter().all(|word| line.contains(word))
        })
        .collect()
}

/// Seconds of CPU that the process, its waited-for children and its living children have used.
pub(crate) fn seconds(pid: u32) -> Result<f64> {
    let mut ticks = 0.0;
    for one in tree(pid) {
        // A process may end while we look.
        let Ok(stat) = fs::read_to_string(format!("/proc/{one}/stat")) else { continue };
        let after_name = stat.rsplit_once(')').context("/proc/<pid>/stat has no name")?.1;
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        // utime, stime, and of the one asked for also cutime and cstime.
        let last = if one == pid { 14 } else { 12 };
        ticks += fields
            .get(11..=last.min(14))
            .unwrap_or_default()
            .iter()
            .filter_map(|f| f.parse::<f64>().ok())
            .sum::<f64>();
    }
    Ok(ticks / TICKS)
}

/// Resident megabytes of the process alone: now, and at the most since its start.
pub(crate) fn memory_mb(pid: u32) -> (f64, f64) {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let field = |name: &str| {
        status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok())
            .unwrap_or_default()
            / 1024.0
    };
    (field("VmRSS:"), field("VmHWM:"))
}

fn tree(pid: u32) -> Vec<u32> {
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
