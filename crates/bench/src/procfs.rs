//! The texts of `/proc`, parsed: CPU time of a process and of the machine, and memory.

/// Kernel ticks per second, as on every Linux there is.
const TICKS: f64 = 100.0;

/// Seconds that all cores together have spent since the machine started.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Machine {
    /// At work, whoever's.
    pub(crate) busy: f64,
    /// With nothing to do, or waiting for a disk.
    pub(crate) idle: f64,
    /// Taken by the host for others.
    pub(crate) stolen: f64,
}

/// The first line of `/proc/stat`.
pub(crate) fn machine(stat: &str) -> Option<Machine> {
    let line = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let ticks: Vec<f64> = line.split_whitespace().map_while(|field| field.parse().ok()).collect();
    // Guests' time, which would follow, is part of the first two.
    let &[user, nice, system, idle, wait, irq, softirq, stolen, ..] = ticks.as_slice() else { return None };
    Some(Machine {
        busy: (user + nice + system + irq + softirq) / TICKS,
        idle: (idle + wait) / TICKS,
        stolen: stolen / TICKS,
    })
}

/// Seconds of CPU from `/proc/<pid>/stat`; `and_children`: also of those children that ended and were waited for.
pub(crate) fn cpu_seconds(stat: &str, and_children: bool) -> Option<f64> {
    // The name, in brackets, may hold anything, brackets and spaces too.
    let after_name = stat.rsplit_once(')')?.1;
    let ticks: Vec<f64> =
        after_name.split_whitespace().skip(11).take(4).map_while(|field| field.parse().ok()).collect();
    let &[user, system, children_user, children_system] = ticks.as_slice() else { return None };
    let children = if and_children { children_user + children_system } else { 0.0 };
    Some((user + system + children) / TICKS)
}

/// Megabytes (of 1,048,576 bytes) of a line like `VmRSS:   29444 kB`, in `status` and in `smaps_rollup`.
pub(crate) fn megabytes(text: &str, field: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_time_is_at_work_idle_or_stolen() {
        let stat = "cpu  1000 200 300 4000 500 10 40 50 77 0\ncpu0 1 2 3 4 5 6 7 8 9 0\nintr 5\n";
        assert_eq!(machine(stat), Some(Machine { busy: 15.5, idle: 45.0, stolen: 0.5 }));
        assert_eq!(machine("cpu0 1 2 3 4 5 6 7 8\n"), None);
        assert_eq!(machine("cpu  1 2 3\n"), None);
    }

    #[test]
    fn a_process_has_its_own_time_and_its_childrens() {
        let stat = "812 (a) b (c) S 1 812 812 0 -1 4194560 9 8 7 6 150 50 400 100 20 0 4 0 99 1 2";
        assert_eq!(cpu_seconds(stat, false), Some(2.0));
        assert_eq!(cpu_seconds(stat, true), Some(7.0));
        assert_eq!(cpu_seconds("812 (cut off", true), None);
        assert_eq!(cpu_seconds("812 (cut) S 1 812 812 0 -1 4194560 9 8 7 6 150", false), None);
    }

    #[test]
    fn memory_is_read_by_its_name() {
        let status = "Name:\tdragoman\nVmHWM:\t   51200 kB\nVmRSS:\t   30720 kB\nThreads:\t4\n";
        assert_eq!(megabytes(status, "VmRSS"), Some(30.0));
        assert_eq!(megabytes(status, "VmHWM"), Some(50.0));
        assert_eq!(megabytes(status, "Vm"), None);
        assert_eq!(megabytes(status, "Threads"), None);
        let rollup =
            "55d0-7ffe ---p 00000000 00:00 0  [rollup]\nRss:  9000 kB\nPss:  2048 kB\nPss_Anon:  1 kB\n";
        assert_eq!(megabytes(rollup, "Pss"), Some(2.0));
    }

    #[test]
    fn what_this_machine_says_can_be_read() {
        let read = |path: &str| std::fs::read_to_string(path).unwrap();
        assert!(machine(&read("/proc/stat")).unwrap().busy > 0.0);
        assert!(cpu_seconds(&read("/proc/self/stat"), true).is_some());
        assert!(megabytes(&read("/proc/self/status"), "VmRSS").unwrap() > 0.1);
        assert!(megabytes(&read("/proc/self/smaps_rollup"), "Pss").unwrap() > 0.1);
    }
}
