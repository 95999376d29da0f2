//! The table.

use std::io::Write;

use anyhow::Result;

use crate::generator::Seen;
use crate::stack::Cpu;

/// One line of the table.
pub(crate) fn line(text: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

pub(crate) fn head() -> Result<()> {
    line(
        "| what | updates/s | webhook→answer p50 / p99 ms | webhook→200 p50 / p99 ms | CPU µs per update: ours + NATS + Postgres = all |",
    )?;
    line("|---|---|---|---|---|")
}

/// One measured stretch.
pub(crate) fn row(what: &str, seen: &mut Seen, cpu: Cpu) -> Result<f64> {
    let rate = seen.acknowledged as f64 / seen.took.as_secs_f64();
    let each = |seconds: f64| seconds * 1e6 / seen.acknowledged.max(1) as f64;
    let (ours, nats, postgres) = (each(cpu.ours), each(cpu.nats), each(cpu.postgres));
    let answers = if seen.to_answer.len() == 0 {
        "–".to_owned()
    } else {
        format!("{:.1} / {:.1}", seen.to_answer.percentile_ms(0.5), seen.to_answer.percentile_ms(0.99))
    };
    line(&format!(
        "| {what} | {rate:.0} | {answers} | {:.1} / {:.1} | {ours:.0} + {nats:.0} + {postgres:.0} = {:.0} | {:.2} |{}",
        seen.to_ack.percentile_ms(0.5),
        seen.to_ack.percentile_ms(0.99),
        ours + nats + postgres,
        cpu.commits / seen.acknowledged.max(1) as f64,
        if seen.refused > 0 { format!(" {} refused", seen.refused) } else { String::new() },
    ))?;
    Ok(rate)
}
