//! `dragoman llm eval`.

mod progress;
mod text;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use bot_folder::{BotFolder, Category, ModelBaseline, ModelBaselines};
use futures::{StreamExt, TryStreamExt, stream};
use ids::{Clock, Ids};
use llm_worker::{
    Evaluation, LlmConfig, Margins, Only, Ran, Regression, SCRIPTS, Try, baseline_of, regressions,
};
use serde_json::json;

use crate::cli::ModelEval;
use crate::commands::print;
use crate::{environment, roles};
use progress::Progress;

const BASELINE: &str = "eval/model/baseline.json";

/// What came of the cases with one of those who were to answer.
struct Column {
    /// `scripts`, or `provider/model`.
    by: String,
    ran: Vec<Ran>,
    now: ModelBaseline,
    worse: Vec<Regression>,
}

/// Tries the cases and says what got worse.
pub(super) async fn eval(wanted: &ModelEval) -> Result<()> {
    let settings = environment::settings(wanted.source.config.as_deref())?;
    let config: LlmConfig = settings.section("llm-worker")?;
    let folder = folder(&wanted.suite, &config.bots_dir)?;
    let files = BotFolder::files(&folder).with_context(|| format!("{} can not be read", folder.display()))?;
    let pool = service_kit::pool(roles::one("llm-worker")?, &settings).await?;
    let parts = (Clock::system(), Ids::system());
    let evaluation = Evaluation::new(config, pool, parts, &BotFolder::name_of(&folder), files)?;
    let (only, by) = (Only(wanted.only.clone()), answering(wanted, &evaluation)?);
    if evaluation.cases(&only).is_empty() {
        bail!("there is no such case; write one in {}/eval/model/", folder.display());
    }
    evaluation.prepare().await?;
    let mut columns = Vec::new();
    for by in by {
        let column = column(wanted, &evaluation, &only, by).await?;
        if wanted.json {
            as_json(&column)?;
        }
        columns.push(column);
    }
    if !wanted.json {
        for line in text::text(&columns) {
            print(&line)?;
        }
    }
    if wanted.save_baseline {
        return save(&folder, evaluation.bot().model_baselines.clone(), &columns, only.0.is_some());
    }
    match columns.iter().map(|column| column.worse.len()).sum() {
        0 => Ok(()),
        1 => bail!("one thing is worse than the baseline"),
        many => bail!("{many} things are worse than the baseline"),
    }
}

/// The folder of a bot that is named, or that lies there.
fn folder(suite: &Path, bots: &Path) -> Result<PathBuf> {
    let folder = if suite.is_dir() { suite.to_owned() } else { bots.join(suite) };
    folder.canonicalize().with_context(|| format!("there is no folder {}", folder.display()))
}

/// Who is to answer, before the first of them costs anything.
fn answering(wanted: &ModelEval, evaluation: &Evaluation) -> Result<Vec<String>> {
    if wanted.models.is_empty() {
        return Ok(vec![SCRIPTS.to_owned()]);
    }
    if let Some(unknown) = wanted.models.iter().find(|model| !evaluation.has_model(model)) {
        bail!("there is no model {unknown} in the settings; see [llm-worker.providers]");
    }
    Ok(wanted.models.clone())
}

async fn column(wanted: &ModelEval, evaluation: &Evaluation, only: &Only, by: String) -> Result<Column> {
    let is_scripts = by == SCRIPTS;
    let tries = if is_scripts { evaluation.scripts(only) } else { evaluation.cases(only) };
    // What is written down is the same each time.
    let runs: u32 = if is_scripts { 1 } else { wanted.runs.into() };
    let mut progress = Progress::new(&by, tries.len() * runs as usize);
    let all = (0..runs).flat_map(|_| &tries);
    let ran = stream::iter(all)
        .map(|one| tried(evaluation, &by, one))
        .buffered(wanted.at_once.into())
        .inspect_ok(|ran| progress.goes_on(&ran.name));
    let ran: Vec<Ran> = ran.try_collect().await?;
    progress.ends();
    let now = baseline_of(&ran, runs);
    let before = evaluation.bot().model_baselines.get(&by);
    // Cases that were not asked for are not gone.
    let before = before.map(|before| match only.0 {
        None => before.clone(),
        Some(_) => {
            let asked = before.cases.iter().filter(|(name, _)| now.cases.contains_key(*name));
            ModelBaseline {
                runs: before.runs,
                cases: asked.map(|(name, case)| (name.clone(), *case)).collect(),
            }
        }
    });
    let category = |name: &str| tries.iter().find(|one| one.name == name).map(|one| one.category);
    let margins = Margins { cost: wanted.cost_margin, latency: wanted.latency_margin, ..Margins::default() };
    let worse = regressions(before.as_ref(), &now, category, margins);
    Ok(Column { by, ran, now, worse })
}

async fn tried(evaluation: &Evaluation, by: &str, one: &Try) -> Result<Ran> {
    let ran = if by == SCRIPTS {
        Box::pin(evaluation.with_script(one)).await
    } else {
        Box::pin(evaluation.with_model(by, one)).await
    };
    ran.with_context(|| format!("the case `{}` can not be tried", one.name))
}

/// Writes the baseline; of a part of the cases only that part.
fn save(folder: &Path, mut all: ModelBaselines, columns: &[Column], is_part: bool) -> Result<()> {
    for column in columns {
        let known = all.entry(column.by.clone()).or_default();
        if is_part && known.runs == column.now.runs {
            known.cases.extend(column.now.cases.clone());
        } else if is_part && known.runs > 0 {
            bail!("the baseline of {} is of {} runs; take as many, or all cases", column.by, known.runs);
        } else {
            *known = column.now.clone();
        }
    }
    let path = folder.join(BASELINE);
    let text = format!("{}\n", serde_json::to_string_pretty(&all)?);
    fs::write(&path, text).with_context(|| format!("{} can not be written", path.display()))?;
    print(&format!("wrote {}", path.display()))
}

fn as_json(column: &Column) -> Result<()> {
    for ran in &column.ran {
        let one = json!({
            "by": column.by, "name": ran.name, "category": ran.category.as_str(), "faults": ran.faults,
            "outcome": ran.outcome, "reason": ran.reason, "text": ran.text.as_ref().map(|text| text.expose()),
            "citations": ran.citations, "cost_micros": ran.cost_micros, "took_ms": ran.took_ms,
        });
        print(&one.to_string())?;
    }
    for worse in &column.worse {
        print(&json!({ "by": column.by, "regression": worse.name, "why": worse.why }).to_string())?;
    }
    Ok(())
}

/// The categories that were tried, in their order.
fn categories(columns: &[Column]) -> Vec<Category> {
    let mut categories: Vec<Category> =
        columns.iter().flat_map(|column| &column.ran).map(|ran| ran.category).collect();
    categories.sort();
    categories.dedup();
    categories
}
