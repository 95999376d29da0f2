//! One stretch of load between two readings of every clock.

use anyhow::{Context, Result};

use crate::figures::{Cores, Cpu, Stretch};
use crate::generator::Seen;
use crate::memory::Watch;
use crate::people::People;
use crate::processes::Clocks;
use crate::report;
use crate::stack::Stack;

/// Runs the load and says what it saw and what it took.
pub(crate) async fn measure(
    stack: &Stack,
    people: &People,
    what: &str,
    load: impl Future<Output = Result<Seen>>,
) -> Result<Stretch> {
    report::progress(what);
    let processes = stack.processes()?;
    let watch = Watch::start(processes)?;
    // The question for the commits costs Postgres some time itself: it is asked outside of the clocks.
    let commits = stack.commits()?;
    let (before, messages) = (processes.clocks()?, people.answers());
    let seen = load.await.with_context(|| what.to_owned())?;
    let (after, messages) = (processes.clocks()?, people.answers() - messages);
    let commits = stack.commits()? - commits;
    let updates = seen.acknowledged.max(1) as f64;
    let seconds = seen.took.as_secs_f64();
    Ok(Stretch {
        what: what.to_owned(),
        seconds,
        acknowledged: seen.acknowledged,
        refused: seen.refused,
        messages,
        updates_per_second: seen.acknowledged as f64 / seconds,
        to_answer_ms: seen.to_answer.percentiles(),
        to_ack_ms: seen.to_ack.percentiles(),
        cpu_us_per_update: cpu(before, after, updates),
        commits_per_update: commits / updates,
        cores: cores(before, after),
        peak_mb: watch.finish()?,
    })
}

fn cpu(before: Clocks, after: Clocks, updates: f64) -> Cpu {
    let each = |before: f64, after: f64| (after - before) * 1e6 / updates;
    let ours = each(before.ours, after.ours);
    let nats = each(before.nats, after.nats);
    let postgres = each(before.postgres, after.postgres);
    Cpu { ours, nats, postgres, all: ours + nats + postgres }
}

fn cores(before: Clocks, after: Clocks) -> Cores {
    let busy = after.machine.busy - before.machine.busy;
    let idle = after.machine.idle - before.machine.idle;
    let stolen = after.machine.stolen - before.machine.stolen;
    let ours = after.ours - before.ours;
    let nats = after.nats - before.nats;
    let postgres = after.postgres - before.postgres;
    let bench = after.bench - before.bench;
    // The kernel counts a process and a core at different moments: a tick more or less.
    let others = (busy - ours - nats - postgres - bench).max(0.0);
    let all = ours + nats + postgres + bench + others + stolen + idle;
    let share = |seconds: f64| seconds / all;
    Cores {
        ours: share(ours),
        nats: share(nats),
        postgres: share(postgres),
        bench: share(bench),
        others: share(others),
        stolen: share(stolen),
        idle: share(idle),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::procfs::Machine;

    const BEFORE: Clocks = Clocks {
        ours: 1.0,
        nats: 2.0,
        postgres: 3.0,
        bench: 4.0,
        machine: Machine { busy: 100.0, idle: 50.0, stolen: 1.0 },
    };

    #[test]
    fn the_shares_of_the_cores_make_up_the_machine() {
        let after = Clocks {
            ours: 5.0,
            nats: 5.0,
            postgres: 8.0,
            bench: 6.0,
            machine: Machine { busy: 116.0, idle: 53.0, stolen: 2.0 },
        };
        let all = cores(BEFORE, after);
        let wanted = Cores {
            ours: 0.2,
            nats: 0.15,
            postgres: 0.25,
            bench: 0.1,
            others: 0.1,
            stolen: 0.05,
            idle: 0.15,
        };
        assert_eq!(all, wanted);
    }

    #[test]
    fn what_the_clocks_disagree_about_is_nobodys() {
        let after = Clocks { ours: 2.01, machine: Machine { busy: 101.0, ..BEFORE.machine }, ..BEFORE };
        let all = cores(BEFORE, after);
        assert_eq!((all.others, all.ours), (0.0, 1.0));
    }

    #[test]
    fn the_time_is_shared_among_the_updates() {
        let after = Clocks { ours: 2.0, nats: 2.5, postgres: 3.5, ..BEFORE };
        let cpu = cpu(BEFORE, after, 2000.0);
        assert_eq!((cpu.ours, cpu.nats, cpu.postgres, cpu.all), (500.0, 250.0, 250.0, 1000.0));
    }
}
