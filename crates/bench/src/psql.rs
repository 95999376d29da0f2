//! Questions to a Postgres that is measured, by a process beside it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

use anyhow::{Context, Result};
use ids::Secret;

/// The program `psql`.
pub(crate) struct Psql(PathBuf);

impl Psql {
    pub(crate) fn new(program: &Path) -> Self {
        Self(program.to_owned())
    }

    /// The one number that the query answers.
    pub(crate) fn number<T: FromStr>(&self, url: &Secret, query: &str) -> Result<T> {
        let output = Command::new(&self.0).arg(url.expose()).args(["-Atqc", query]).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let number = text.trim().parse().ok();
        number.with_context(|| format!("psql said: {text}{}", String::from_utf8_lossy(&output.stderr)))
    }
}
