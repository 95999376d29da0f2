//! The tables of one mode, in Markdown. A figure is the median of the runs with their range.

use crate::figures::{Limits, Run, Stretch};
use crate::memory::Memory;
use crate::spread::{number, spread};
use crate::stretches::ACKNOWLEDGED;

fn table(head: &[&str], lines: &mut Vec<String>) {
    lines.extend([String::new(), format!("| {} |", head.join(" | ")), "|---".repeat(head.len()) + "|"]);
}

fn row(cells: &[String], lines: &mut Vec<String>) {
    lines.push(format!("| {} |", cells.join(" | ")));
}

/// What the machine does without us, and how much of it we reach: the share is computed run by run.
pub(crate) fn limits(runs: &[&Run], end_to_end: &str, lines: &mut Vec<String>) {
    let measured: Vec<_> = runs.iter().filter_map(|run| Some((*run, run.limits?))).collect();
    if measured.is_empty() {
        return;
    }
    let head =
        ["limit of the machine", "per second", "end to end, of it", "acknowledged by the webhook, of it"];
    table(&head, lines);
    let mut limit = |name: &str, of: fn(&Limits) -> f64| {
        let share = |what: &str| {
            spread(
                measured
                    .iter()
                    .filter_map(|(run, limits)| Some(run.stretch(what)?.updates_per_second / of(limits))),
                2,
            )
        };
        let bare = spread(measured.iter().map(|(_, limits)| of(limits)), 0);
        row(&[name.to_owned(), bare, share(end_to_end), share(ACKNOWLEDGED)], lines);
    };
    limit("acknowledged publishes, 64 in flight", |limits| limits.publishes_per_second);
    limit("transactions, 8 clients", |limits| limits.transactions_per_second);
    limit("`fdatasync` of 8 kB, one by one", |limits| limits.fdatasyncs_per_second);
}

/// Each stretch with what the runs measured of it, in the order of the first run.
pub(crate) fn by_stretch<'a>(runs: &[&'a Run]) -> Vec<(&'a str, Vec<&'a Stretch>)> {
    let names =
        runs.first().map_or(&[][..], |run| &run.stretches).iter().map(|stretch| stretch.what.as_str());
    names.map(|what| (what, runs.iter().filter_map(|run| run.stretch(what)).collect())).collect()
}

/// Rates, times, and what an update costs.
pub(crate) fn stretches(runs: &[&Run], lines: &mut Vec<String>) {
    let by_stretch = by_stretch(runs);
    if by_stretch.is_empty() {
        return;
    }
    table(
        &[
            "what",
            "updates/s",
            "webhook→answer p50 ms",
            "p99 ms",
            "webhook→200 p50 ms",
            "p99 ms",
            "CPU µs per update, all in",
            "ours",
            "NATS",
            "Postgres",
            "commits per update",
            "refused",
        ],
        lines,
    );
    for (what, measured) in by_stretch {
        let of = |figure: fn(&Stretch) -> f64, decimals| spread(measured.iter().map(|s| figure(s)), decimals);
        row(
            &[
                what.to_owned(),
                of(|s| s.updates_per_second, 0),
                of(|s| s.to_answer_ms.map_or(f64::NAN, |ms| ms.p50), 1),
                of(|s| s.to_answer_ms.map_or(f64::NAN, |ms| ms.p99), 1),
                of(|s| s.to_ack_ms.map_or(f64::NAN, |ms| ms.p50), 1),
                of(|s| s.to_ack_ms.map_or(f64::NAN, |ms| ms.p99), 1),
                of(|s| s.cpu_us_per_update.all, 0),
                of(|s| s.cpu_us_per_update.ours, 0),
                of(|s| s.cpu_us_per_update.nats, 0),
                of(|s| s.cpu_us_per_update.postgres, 0),
                of(|s| s.commits_per_update, 2),
                of(|s| s.refused as f64, 0),
            ],
            lines,
        );
    }
}

/// Who had the cores.
pub(crate) fn cores(runs: &[&Run], lines: &mut Vec<String>) {
    let by_stretch = by_stretch(runs);
    if by_stretch.is_empty() {
        return;
    }
    let head =
        ["% of all cores", "ours", "NATS", "Postgres", "generator + simulator", "others", "stolen", "idle"];
    table(&head, lines);
    for (what, measured) in by_stretch {
        let of = |share: fn(&Stretch) -> f64| spread(measured.iter().map(|s| share(s) * 100.0), 0);
        row(
            &[
                what.to_owned(),
                of(|s| s.cores.ours),
                of(|s| s.cores.nats),
                of(|s| s.cores.postgres),
                of(|s| s.cores.bench),
                of(|s| s.cores.others),
                of(|s| s.cores.stolen),
                of(|s| s.cores.idle),
            ],
            lines,
        );
    }
}

/// Before, in and after the load.
pub(crate) fn memory(runs: &[&Run], lines: &mut Vec<String>) {
    if runs.iter().all(|run| run.at_rest.is_none()) {
        return;
    }
    table(&["memory, MB", "ours", "NATS", "Postgres (PSS)"], lines);
    let mut of = |what: &str, measured: Vec<Memory>| {
        let part = |part: fn(&Memory) -> f64| spread(measured.iter().map(part), 0);
        row(&[what.to_owned(), part(|m| m.ours), part(|m| m.nats), part(|m| m.postgres)], lines);
    };
    of("at rest, before any load", runs.iter().filter_map(|run| run.at_rest).collect());
    of("5 s after the load has gone", runs.iter().filter_map(|run| run.after_load).collect());
    of("with 10,000 briefs begun", runs.iter().filter_map(|run| run.in_progress).collect());
    for (what, measured) in by_stretch(runs) {
        of(&format!("peak: {what}"), measured.iter().map(|stretch| stretch.peak_mb).collect());
    }
}

/// Run by run, because one that is lost is not made up for by others that are not.
pub(crate) fn kills(runs: &[&Run], lines: &mut Vec<String>) {
    if runs.iter().all(|run| run.kill.is_none()) {
        return;
    }
    let head = [
        "SIGKILL",
        "acknowledged",
        "unanswered",
        "answered twice",
        "ready again after s",
        "all answered after s",
    ];
    table(&head, lines);
    for (run, kill) in runs.iter().filter_map(|run| Some((run.run, run.kill?))) {
        let count = |count: u64| number(count as f64, 0);
        row(
            &[
                format!("run {run}"),
                count(kill.acknowledged),
                count(kill.unanswered),
                count(kill.twice),
                number(kill.ready_after_seconds, 1),
                number(kill.answered_after_seconds, 1),
            ],
            lines,
        );
    }
}
