//! The runs: run 1 of everything, then run 2, so that a noisy neighbour hits all figures alike.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::figures::{Figures, Run};
use crate::people::{CHATS, ONCE, People};
use crate::stack::Stack;
use crate::{Call, Mode, report, sources, stretches};

/// Measures and prints; the number of acknowledged updates that stayed unanswered.
pub(crate) async fn run(call: &Call) -> Result<u64> {
    let root = std::env::current_dir()?;
    let mut figures = Figures::new(call, sources::checked(&root)?);
    let outcome = every_run(call, &root, &mut figures).await;
    // What was measured before an error is worth its time.
    report::print(&figures, call)?;
    outcome?;
    Ok(figures.lost())
}

async fn every_run(call: &Call, root: &Path, figures: &mut Figures) -> Result<()> {
    let runs = call.runs();
    for number in 1..=runs {
        for mode in call.modes() {
            report::progress(&format!("run {number} of {runs}, {}", mode.name()));
            let mut run = Run::new(number, mode);
            let outcome = Box::pin(one(call, root, &figures.program.path, mode, &mut run)).await;
            figures.runs.push(run);
            if let Some(file) = &call.json {
                fs::write(file, serde_json::to_string_pretty(&figures)?)
                    .with_context(|| format!("{} cannot be written", file.display()))?;
            }
            outcome.with_context(|| format!("run {number}, {}", mode.name()))?;
        }
    }
    Ok(())
}

/// One mode in one run, with servers of its own, so that no run finds the tables that another has filled.
async fn one(call: &Call, root: &Path, program: &Path, mode: Mode, run: &mut Run) -> Result<()> {
    // A number that no earlier run used: consumers remember what they have seen.
    let first = (ids::Ids::system().fraction() * 1e12) as i64;
    let people = People::new(CHATS, ONCE, first);
    let mut stack = Stack::start(root, program, mode.sync(), &people).await?;
    let measured = stretches::all(call, root, &mut stack, &people, run).await;
    run.errors = stack.program.errors();
    let said = stack.program.said();
    let stopped = stack.stop().await;
    measured.with_context(|| format!("the program's last words: {said}"))?;
    stopped
}
