//! What is printed of calls of models.

use std::io::Write;

use anyhow::Result;

use super::{Call, Measured};
use crate::latency::Percentiles;
use crate::sources::Built;
use crate::spread::spread;

pub(super) fn print(
    call: &Call,
    built: &Built,
    litellm: Option<String>,
    measured: &[Measured],
) -> Result<()> {
    Ok(std::io::stdout().write_all(text(call, built, litellm, measured).as_bytes())?)
}

fn text(call: &Call, built: &Built, litellm: Option<String>, measured: &[Measured]) -> String {
    let mut lines = vec![format!(
        "{} of {} ({}), {} s per figure, {} run(s): median (least–most). Ours is the gateway and the model worker in one process, with API key, budget and ledger on Postgres (fsync on).",
        built.version, built.built, built.commit, call.seconds, call.runs
    )];
    lines.extend(litellm);
    for delay_ms in &call.delays {
        let here: Vec<&Measured> = measured.iter().filter(|one| one.delay_ms == *delay_ms).collect();
        lines.extend([String::new(), format!("### the provider takes {delay_ms} ms"), String::new()]);
        lines.push("| load | who | answered/s | p50 ms | p99 ms | added p50 | added p99 | CPU µs per call | refused, missed |".to_owned());
        lines.push("|---|---|---|---|---|---|---|---|---|".to_owned());
        for (what, target) in rows(&here) {
            let of = |name: &str| {
                here.iter()
                    .filter(|one| one.stretch.what == what && one.target == name)
                    .copied()
                    .collect::<Vec<_>>()
            };
            lines.push(row(&what, target, &of(target), &of("provider")));
        }
        lines.extend(ratios(&here));
    }
    lines.join("\n") + "\n"
}

/// Loads and targets in the order they were measured in.
fn rows(here: &[&Measured]) -> Vec<(String, &'static str)> {
    let mut rows: Vec<(String, &'static str)> = Vec::new();
    for one in here {
        let row = (one.stretch.what.clone(), one.target);
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    rows
}

fn row(what: &str, target: &str, own: &[&Measured], bare: &[&Measured]) -> String {
    let ms =
        |of: fn(&Percentiles) -> f64| spread(own.iter().filter_map(|one| one.stretch.ms.as_ref().map(of)), 2);
    let added = |of: fn(&Percentiles) -> f64| {
        let pairs = own.iter().filter_map(|one| {
            let bare = bare.iter().find(|bare| bare.run == one.run)?;
            Some(of(one.stretch.ms.as_ref()?) - of(bare.stretch.ms.as_ref()?))
        });
        if target == "provider" { "–".to_owned() } else { spread(pairs, 2) }
    };
    let cpu = if target == "provider" {
        "–".to_owned()
    } else {
        spread(own.iter().map(|one| one.stretch.cpu_us), 0)
    };
    let wrong: (u64, u64) = own
        .iter()
        .fold((0, 0), |(refused, missed), one| (refused + one.stretch.refused, missed + one.stretch.missed));
    format!(
        "| {what} | {target} | {} | {} | {} | {} | {} | {cpu} | {}, {} |",
        spread(own.iter().map(|one| one.stretch.per_second), 0),
        ms(|ms| ms.p50),
        ms(|ms| ms.p99),
        added(|ms| ms.p50),
        added(|ms| ms.p99),
        wrong.0,
        wrong.1
    )
}

/// Ours over LiteLLM, run by run.
fn ratios(here: &[&Measured]) -> Vec<String> {
    let mut lines = Vec::new();
    for (what, target) in rows(here) {
        if target != "litellm" {
            continue;
        }
        let pairs: Vec<(&Measured, &Measured)> = here
            .iter()
            .filter(|one| one.stretch.what == what && one.target == "litellm")
            .filter_map(|theirs| {
                let ours = here.iter().find(|ours| {
                    ours.run == theirs.run && ours.target == "dragoman" && ours.stretch.what == what
                });
                Some((*ours?, *theirs))
            })
            .collect();
        let per_second =
            pairs.iter().map(|(ours, theirs)| ours.stretch.per_second / theirs.stretch.per_second);
        let cpu = pairs.iter().map(|(ours, theirs)| theirs.stretch.cpu_us / ours.stretch.cpu_us);
        let is_saturated = what.starts_with("saturated");
        let rate = if is_saturated {
            format!("{} times the calls a second, ", spread(per_second, 1))
        } else {
            String::new()
        };
        lines.push(format!(
            "\n{what}: {rate}LiteLLM takes {} times the CPU per call of ours with Postgres.",
            spread(cpu, 1)
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::load::Stretch;

    fn measured(run: u32, target: &'static str, per_second: f64, ms: f64) -> Measured {
        let ms = Percentiles { p50: ms, p90: ms, p99: ms * 2.0, p999: ms, max: ms };
        let stretch = Stretch {
            what: "saturated, 64 in flight".to_owned(),
            answered: 10,
            refused: 0,
            missed: 1,
            per_second,
            ms: Some(ms),
            cpu_us: 1e6 / per_second,
        };
        Measured { run, target, delay_ms: 0, stretch }
    }

    #[test]
    fn what_is_added_and_the_ratio_are_of_the_same_run() {
        let all = [
            measured(1, "provider", 9_000.0, 1.0),
            measured(1, "dragoman", 4_000.0, 3.0),
            measured(1, "litellm", 200.0, 50.0),
            measured(2, "provider", 9_000.0, 2.0),
            measured(2, "dragoman", 2_000.0, 4.0),
            measured(2, "litellm", 100.0, 60.0),
        ];
        let here: Vec<&Measured> = all.iter().collect();
        let of = |name: &str| here.iter().filter(|one| one.target == name).copied().collect::<Vec<_>>();
        let line = row("saturated", "dragoman", &of("dragoman"), &of("provider"));
        assert!(line.contains("| 3.50 (3.00–4.00) | 7.00 (6.00–8.00) | 2.00 | 4.00 |"), "{line}");
        assert!(line.ends_with("| 0, 2 |"), "{line}");
        let ratios = ratios(&here);
        assert!(ratios.len() == 1 && ratios[0].contains("20.0 times the calls a second"), "{ratios:?}");
    }
}
