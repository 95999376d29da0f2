//! `dragoman llm`.

mod bench;
mod check;
mod eval;

use anyhow::Result;
use ids::{Clock, Ids};
use llm_worker::{LlmConfig, Trial};

use crate::cli::{Llm, Source};
use crate::environment;

pub(super) async fn llm(command: &Llm) -> Result<()> {
    match command {
        Llm::Check { provider, json, source } => {
            check::check(&trial(source)?, provider.as_deref(), *json).await
        }
        Llm::Bench { models, runs, at_once, prompt, max_tokens, json, source } => {
            let trial = trial(source)?;
            // All of a list would be hundreds: whoever wants one of them names it.
            if !models.is_empty() {
                trial.discover().await;
            }
            let what = bench::What { prompt, max_tokens: *max_tokens, runs: *runs, at_once: *at_once };
            bench::bench(&trial, models, &what, *json).await
        }
        Llm::Eval(wanted) => eval::eval(wanted).await,
    }
}

/// Every provider of the settings.
fn trial(source: &Source) -> Result<Trial> {
    let settings = environment::settings(source.config.as_deref())?;
    let config: LlmConfig = settings.section("llm-worker")?;
    Ok(Trial::new(&config, Clock::system(), Ids::system())?)
}

/// What to do where there is nobody to ask.
const NOBODY: &str = "no provider is configured: questions are answered from the bots' own words; \
                      set [llm-worker.providers.<name>] to ask a model";

/// A table without lines: each column as wide as its widest cell.
fn table(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    rows.iter()
        .map(|row| {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        })
        .collect()
}
