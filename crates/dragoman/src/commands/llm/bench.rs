use anyhow::{Result, bail};
use llm_worker::{Benched, Spread, Trial};
use serde_json::json;

use super::{NOBODY, table};
use crate::commands::print;

pub(super) struct What<'a> {
    pub(super) prompt: &'a str,
    pub(super) max_tokens: u32,
    pub(super) runs: u16,
    pub(super) at_once: u16,
}

pub(super) async fn bench(trial: &Trial, models: &[String], what: &What<'_>, json: bool) -> Result<()> {
    let known = trial.models();
    let models = if models.is_empty() { &known } else { models };
    if models.is_empty() {
        return if json { Ok(()) } else { print(NOBODY) };
    }
    // Before the first of them costs anything.
    if let Some(unknown) = models.iter().find(|model| !known.contains(model)) {
        bail!("there is no model {unknown} in the settings; there are {}", known.join(", "));
    }
    let mut benched = Vec::new();
    for model in models {
        let (runs, at_once) = (what.runs.into(), what.at_once.into());
        let Some(one) = trial.bench(model, what.prompt, what.max_tokens, runs, at_once).await else {
            continue;
        };
        if json {
            print(&as_json(&one))?;
        }
        benched.push(one);
    }
    if !json {
        for line in text(&benched) {
            print(&line)?;
        }
    }
    if benched.iter().all(|one| one.failed == one.runs) {
        bail!("no answer came");
    }
    Ok(())
}

fn as_json(one: &Benched) -> String {
    let spread = |spread: Spread| json!({ "p50_ms": spread.p50_ms, "p95_ms": spread.p95_ms });
    json!({
        "model": one.model, "runs": one.runs, "failed": one.failed, "first": spread(one.first),
        "total": spread(one.total), "tokens_per_second": one.tokens_per_second,
        "cost_micros": one.cost_micros, "error": one.error,
    })
    .to_string()
}

fn text(benched: &[Benched]) -> Vec<String> {
    let head = ["model", "runs", "failed", "first p50", "p95", "total p50", "p95", "tokens/s", "cost"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(benched.iter().map(|one| {
        let ms = |ms: f64| if one.failed < one.runs { format!("{ms:.0} ms") } else { "-".to_owned() };
        vec![
            one.model.clone(),
            one.runs.to_string(),
            one.failed.to_string(),
            ms(one.first.p50_ms),
            ms(one.first.p95_ms),
            ms(one.total.p50_ms),
            ms(one.total.p95_ms),
            if one.tokens_per_second > 0.0 {
                format!("{:.1}", one.tokens_per_second)
            } else {
                "-".to_owned()
            },
            format!("${:.6}", one.cost_micros as f64 / 1_000_000.0),
        ]
    }));
    let reasons = benched.iter().filter_map(|one| Some(format!("{}: {}", one.model, one.error.as_ref()?)));
    table(&rows).into_iter().chain(reasons).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_stand_side_by_side() {
        let good = Benched {
            model: "deepseek/deepseek-v4-flash".to_owned(),
            runs: 10,
            failed: 1,
            first: Spread { p50_ms: 411.6, p95_ms: 902.0 },
            total: Spread { p50_ms: 2_000.0, p95_ms: 3_100.4 },
            tokens_per_second: 71.25,
            cost_micros: 1_234,
            error: Some("it took too long".to_owned()),
        };
        let silent = Benched {
            model: "ollama/qwen3".to_owned(),
            failed: 10,
            first: Spread::default(),
            total: Spread::default(),
            tokens_per_second: 0.0,
            cost_micros: 0,
            error: Some("it can not be reached".to_owned()),
            ..good
        };
        let wanted = [
            "model                       runs  failed  first p50  p95     total p50  p95      tokens/s  cost",
            "deepseek/deepseek-v4-flash  10    1       412 ms     902 ms  2000 ms    3100 ms  71.2      $0.001234",
            "ollama/qwen3                10    10      -          -       -          -        -         $0.000000",
            "deepseek/deepseek-v4-flash: it took too long",
            "ollama/qwen3: it can not be reached",
        ];
        assert_eq!(text(&[good, silent]), wanted);
    }
}
