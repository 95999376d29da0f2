use std::path::Path;
use std::time::Duration;

use tokio::process::Command;

use crate::programs::program;
use testkit::environment;

/// No command of ours takes longer, on whatever machine.
const LIMIT: Duration = Duration::from_secs(60);

/// What a command said, and how it ended.
#[derive(Debug)]
pub struct Said {
    pub ok: bool,
    pub out: String,
    pub err: String,
}

/// Runs `dragoman` to its end, in a folder.
pub async fn command(folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> Said {
    let running = Command::new(program("dragoman"))
        .args(args)
        .current_dir(folder)
        .env_clear()
        .envs(environment())
        .envs(variables.iter().copied())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(LIMIT, running).await;
    let output = output.unwrap_or_else(|_| panic!("dragoman {} does not end", args.join(" "))).unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Said { ok: output.status.success(), out: text(&output.stdout), err: text(&output.stderr) }
}

impl Said {
    /// What it printed, where it had to succeed.
    #[track_caller]
    #[must_use]
    pub fn fine(self) -> String {
        assert!(self.ok, "the command failed: {}{}", self.out, self.err);
        self.out
    }

    /// The one sentence by which it failed, beside what it logged.
    #[track_caller]
    #[must_use]
    pub fn sentence(self) -> String {
        assert!(!self.ok, "the command did not fail: {}", self.out);
        let mut lines = self.err.lines().filter(|line| !line.is_empty() && !line.starts_with('{'));
        let sentence = lines.next().unwrap_or_default().to_owned();
        assert_eq!(lines.next(), None, "more than a sentence: {}", self.err);
        sentence
    }
}
