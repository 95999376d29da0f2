//! What is printed: progress while it runs, and at the end for each mode its tables and what to be wary of.

use std::io::Write;

use anyhow::Result;

use crate::figures::{Figures, Run, Stretch};
use crate::spread::{number, spread};
use crate::stretches::{ACKNOWLEDGED, saturated};
use crate::{Call, tables};

/// A share of the cores that others may have without being mentioned.
const QUIET: f64 = 0.1;

/// Says on standard error what is going on.
pub(crate) fn progress(text: &str) {
    // Nobody to read it is no reason to stop.
    let _ = writeln!(std::io::stderr(), "bench: {text}");
}

/// Prints everything.
pub(crate) fn print(figures: &Figures, call: &Call) -> Result<()> {
    Ok(std::io::stdout().write_all(text(figures, call).as_bytes())?)
}

fn text(figures: &Figures, call: &Call) -> String {
    let program = &figures.program;
    let mut lines = vec![format!(
        "{} of {} ({}), {} cores, {} s per figure, {} chats. Median (least–most) of the runs.",
        program.version,
        program.built,
        program.commit,
        figures.cores,
        figures.seconds_per_figure,
        figures.chats
    )];
    for mode in call.modes() {
        let runs: Vec<&Run> = figures.runs.iter().filter(|run| run.mode == mode.name()).collect();
        if runs.is_empty() {
            continue;
        }
        lines.extend([String::new(), format!("### {}, {} run(s)", mode.name(), runs.len())]);
        tables::limits(&runs, &saturated(call.in_flight), &mut lines);
        tables::stretches(&runs, &mut lines);
        tables::cores(&runs, &mut lines);
        tables::memory(&runs, &mut lines);
        tables::kills(&runs, &mut lines);
        notes(&runs, &mut lines);
    }
    lines.join("\n") + "\n"
}

/// What a reader of the figures has to know.
fn notes(runs: &[&Run], lines: &mut Vec<String>) {
    let every = || runs.iter().flat_map(|run| &run.stretches);
    let answered = every().filter(|stretch| stretch.what == ACKNOWLEDGED).map(Stretch::answered_percent);
    let answered: Vec<f64> = answered.collect();
    if !answered.is_empty() {
        lines.push(format!(
            "\nOf the updates that the webhook was only asked to acknowledge, {} % were also answered within the stretch: its CPU and commits are for what was done by its end.",
            spread(answered, 0)
        ));
    }
    if runs.iter().any(|run| run.limits.is_some()) {
        lines.push(
            "\nThe peaks of NATS include what the bare publishes before them left in its heap.".to_owned(),
        );
    }
    let foreign = every().map(|stretch| stretch.cores.others + stretch.cores.stolen).fold(0.0, f64::max);
    if foreign > QUIET {
        lines.push(format!(
            "\n**The machine was not ours alone**: others had up to {} % of the cores in a stretch. Rates and times are too bad by that; CPU per update is the steadiest figure.",
            number(foreign * 100.0, 0)
        ));
    }
    for run in runs.iter().filter(|run| !run.errors.is_empty()) {
        let last: String = run.errors.last().map(|line| line.chars().take(400).collect()).unwrap_or_default();
        lines.push(format!(
            "\n**The program logged {} error(s) in run {}**, the last: `{last}`",
            run.errors.len(),
            run.run
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::{Cores, Cpu, Kill, Limits};
    use crate::latency::Percentiles;
    use crate::memory::Memory;
    use crate::sources::Built;
    use clap::Parser;

    const MEMORY: Memory = Memory { ours: 29.0, nats: 22.0, postgres: 76.0 };

    fn stretch(what: &str, rate: f64) -> Stretch {
        let ms = Percentiles { p50: rate / 10.0, p90: 0.0, p99: rate / 5.0, p999: 0.0, max: 0.0 };
        Stretch {
            what: what.to_owned(),
            seconds: 1.0,
            acknowledged: 1000,
            refused: 0,
            messages: 600,
            updates_per_second: rate,
            to_answer_ms: (what != ACKNOWLEDGED).then_some(ms),
            to_ack_ms: Some(ms),
            cpu_us_per_update: Cpu { ours: 1.0, nats: 2.0, postgres: 3.0, all: 6.0 },
            commits_per_update: 0.25,
            cores: Cores {
                ours: 0.2,
                nats: 0.1,
                postgres: 0.2,
                bench: 0.1,
                others: 0.3,
                stolen: 0.0,
                idle: 0.1,
            },
            peak_mb: MEMORY,
        }
    }

    fn run(number: u32, rate: f64, limit: f64) -> Run {
        Run {
            at_rest: Some(MEMORY),
            limits: Some(Limits {
                publishes_per_second: limit,
                transactions_per_second: limit,
                fdatasyncs_per_second: limit,
            }),
            stretches: vec![stretch("saturated, 64 in flight", rate), stretch(ACKNOWLEDGED, 2.0 * rate)],
            kill: Some(Kill {
                acknowledged: 6829,
                unanswered: 0,
                twice: 1,
                ready_after_seconds: 0.5,
                answered_after_seconds: 9.0,
            }),
            errors: vec!["{\"level\":\"ERROR\"}".to_owned()],
            ..Run::new(number, crate::Mode::Synced)
        }
    }

    #[test]
    fn every_figure_has_its_heading_and_its_range() {
        let built =
            Built { path: "/x".into(), version: "d 1".into(), built: "now".into(), commit: "c".into() };
        let call = Call::parse_from(["bench"]);
        let mut figures = Figures::new(&call, built);
        figures.runs = vec![run(1, 1000.0, 4000.0), run(2, 2000.0, 4000.0), run(3, 1500.0, 1500.0)];
        let text = text(&figures, &call);
        // Shares are those of each run: the third, on a slow machine, reached all of its limit.
        assert!(text.contains("| 4,000 (1,500–4,000) | 0.50 (0.25–1.00) |"), "{text}");
        assert!(
            text.contains("| 1,500 (1,000–2,000) | 150.0 (100.0–200.0) | 300.0 (200.0–400.0) |"),
            "{text}"
        );
        assert!(text.contains("| run 2 | 6,829 | 0 | 1 | 0.5 | 9.0 |"), "{text}");
        assert!(text.contains("others had up to 30 % of the cores"), "{text}");
        assert!(text.contains("logged 1 error(s) in run 3"), "{text}");
        let mut columns = 0;
        for line in text.lines() {
            let cells = line.matches('|').count();
            assert!(cells == 0 || columns == 0 || cells == columns, "a column without a heading: {line}");
            columns = cells;
        }
        assert_eq!(figures.lost(), 0);
        assert!(serde_json::to_string(&figures).unwrap().contains("\"p999\""));
    }
}
