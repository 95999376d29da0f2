//! What is printed of deliveries.

use std::io::Write;

use anyhow::Result;

use super::{Call, Measured, Stretch};
use crate::sources::Built;
use crate::spread::spread;

pub(super) fn print(call: &Call, built: &Built, measured: &[Measured]) -> Result<()> {
    Ok(std::io::stdout().write_all(text(call, built, measured).as_bytes())?)
}

fn text(call: &Call, built: &Built, measured: &[Measured]) -> String {
    let of = |figure: fn(&Measured) -> f64, decimals| spread(measured.iter().map(figure), decimals);
    let wrong: u64 = measured.iter().map(|one| one.wrong).sum();
    let mut lines = vec![
        format!(
            "{} of {} ({}), {} s per figure, {} run(s): median (least–most). One process with the role crm; every attempt is noted in Postgres (fsync on) before it is made and after.",
            built.version, built.built, built.commit, call.seconds, call.runs
        ),
        String::new(),
        format!(
            "bare transactions, 8 clients: {}/s; deliveries at saturation, of them: {}",
            of(|one| one.transactions_per_second, 0),
            of(|one| one.saturated.per_second / one.transactions_per_second, 2)
        ),
        String::new(),
        "| load | deliveries/s | event→first attempt p50 ms | p99 ms | CPU µs per delivery, all in |"
            .to_owned(),
        "|---|---|---|---|---|".to_owned(),
    ];
    let mut row = |name: String, stretch: fn(&Measured) -> &Stretch| {
        let ms = |of: fn(&crate::latency::Percentiles) -> f64| {
            spread(measured.iter().filter_map(|one| stretch(one).ms.as_ref().map(of)), 1)
        };
        lines.push(format!(
            "| {name} | {} | {} | {} | {} |",
            spread(measured.iter().map(|one| stretch(one).per_second), 0),
            ms(|ms| ms.p50),
            ms(|ms| ms.p99),
            spread(measured.iter().map(|one| stretch(one).cpu_us), 0)
        ));
    };
    row(format!("{}/s", call.rate), |one| &one.steady);
    row("saturated".to_owned(), |one| &one.saturated);
    lines.push(String::new());
    lines.push(format!("{wrong} leads did not arrive, arrived twice or are not noted as delivered."));
    lines.join("\n") + "\n"
}
