//! What must hold before a change is handed in, apart from the tests. Every step runs, so that one look
//! shows all there is to put right.

use std::time::Instant;

use anyhow::bail;

use crate::shell::{Shell, say};
use crate::workspace::Workspace;
use crate::{deny, generate, tidy};

struct Step {
    name: &'static str,
    run: fn(&Shell) -> anyhow::Result<()>,
}

const STEPS: &[Step] = &[
    Step { name: "format", run: |shell| shell.cargo(["fmt", "--all", "--check"]).must_succeed() },
    Step { name: "tidy", run: |shell| tidy::run(&Workspace::load(shell.root())?) },
    Step { name: "lints", run: clippy },
    Step { name: "generated", run: |shell| generate::run(shell, true) },
    Step { name: "dependencies", run: deny::run },
    Step { name: "deployment", run: deployment },
];

/// Validates what is deployed, as far as that goes without a cluster.
const DEPLOYMENT: &str = "deploy/check.sh";

/// What the steps are called.
pub(crate) fn names() -> Vec<&'static str> {
    STEPS.iter().map(|step| step.name).collect()
}

/// Runs the steps of these names, or all.
pub(crate) fn run(shell: &Shell, names: &[String]) -> anyhow::Result<()> {
    let mut failed = Vec::new();
    let mut lines = Vec::new();
    for step in STEPS.iter().filter(|step| names.is_empty() || names.iter().any(|name| name == step.name)) {
        say(&format!("== {}", step.name));
        let began = Instant::now();
        let outcome = (step.run)(shell);
        let seconds = began.elapsed().as_secs_f32();
        match outcome {
            Ok(()) => lines.push(format!("ok   {:12} {seconds:6.1} s", step.name)),
            Err(error) => {
                say(&format!("{error:#}"));
                lines.push(format!("FAIL {:12} {seconds:6.1} s  {error:#}", step.name));
                failed.push(step.name);
            }
        }
    }
    say(&format!("== check\n{}", lines.join("\n")));
    if !failed.is_empty() {
        bail!("to put right: {}", failed.join(", "));
    }
    Ok(())
}

fn clippy(shell: &Shell) -> anyhow::Result<()> {
    shell.cargo(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]).must_succeed()
}

fn deployment(shell: &Shell) -> anyhow::Result<()> {
    // It has the program judge the configuration files that are deployed.
    let dragoman = shell.build_dragoman()?;
    shell.program("bash").args([DEPLOYMENT]).env("DRAGOMAN_BIN", dragoman).must_succeed()
}
