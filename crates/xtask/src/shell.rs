//! Running other programs from the root of the workspace, and saying what is being done.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

/// Where chores work.
#[derive(Debug)]
pub(crate) struct Shell {
    root: PathBuf,
}

/// A program about to run.
#[derive(Debug)]
pub(crate) struct Program {
    command: Command,
}

impl Shell {
    pub(crate) fn at_root() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self { root: here.ancestors().nth(2).unwrap_or(here).to_owned() }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where cargo puts what it builds.
    pub(crate) fn target(&self) -> anyhow::Result<PathBuf> {
        let said = self.cargo(["metadata", "--offline", "--no-deps", "--format-version", "1"]).output()?;
        let said: serde_json::Value = serde_json::from_str(&said)?;
        let target = said["target_directory"].as_str().context("cargo metadata names no target folder")?;
        Ok(PathBuf::from(target))
    }

    /// Builds the operator's program and returns where it is.
    pub(crate) fn build_dragoman(&self) -> anyhow::Result<PathBuf> {
        self.cargo(["build", "--quiet", "--package", "dragoman", "--bin", "dragoman"]).must_succeed()?;
        Ok(self.target()?.join("debug/dragoman"))
    }

    pub(crate) fn program(&self, program: impl AsRef<OsStr>) -> Program {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        for (name, _) in std::env::vars_os() {
            if is_of_outer_cargo(&name.to_string_lossy()) {
                command.env_remove(name);
            }
        }
        Program { command }
    }

    /// The cargo of the workspace's toolchain.
    pub(crate) fn cargo<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Program {
        self.program("cargo").args(args)
    }
}

impl Program {
    pub(crate) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it with our terminal. An end other than success is an error that repeats the command.
    pub(crate) fn must_succeed(mut self) -> anyhow::Result<()> {
        let shown = self.shown();
        say(&format!("+ {shown}"));
        let status = self.command.status().with_context(|| format!("could not run {shown}"))?;
        if !status.success() {
            bail!("failed ({status}): {shown}");
        }
        Ok(())
    }

    /// What it prints, if it succeeds; its complaints go to our terminal.
    pub(crate) fn output(mut self) -> anyhow::Result<String> {
        let shown = self.shown();
        let output = self.command.stderr(Stdio::inherit()).output();
        let output = output.with_context(|| format!("could not run {shown}"))?;
        if !output.status.success() {
            bail!("failed ({}): {shown}", output.status);
        }
        String::from_utf8(output.stdout).with_context(|| format!("not text: the output of {shown}"))
    }

    /// Whether it can be run and succeeds, without showing what it says.
    pub(crate) fn succeeds(mut self) -> bool {
        let quiet = self.command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        quiet.status().is_ok_and(|status| status.success())
    }

    fn shown(&self) -> String {
        let words = std::iter::once(self.command.get_program()).chain(self.command.get_args());
        words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
    }
}

/// What the cargo that runs us tells *us*. Build scripts look at it, so an inner cargo that saw it would
/// build again what a cargo started by hand has built, and the other way round.
fn is_of_outer_cargo(name: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| name.starts_with(prefix))
}

/// A line for the person who waits, on standard error so that it stands between what programs say.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
