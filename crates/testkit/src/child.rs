//! Programs of ours as a test runs them: each a process of its own, that ends with the test.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::OrPanic;

/// A shell that leaves a watchdog behind and becomes the program: so its pid is the program's own, and where
/// the test dies without a word the program is ended too.
const LEASH: &str = r#"
exec 3<&0
( ( read -r word <&3 || kill -s TERM $$ ) >/dev/null 2>&1 & )
exec "$@" </dev/null 3<&-
"#;

/// Longer than any program of ours takes to finish what it is at.
const END_WITHIN: Duration = Duration::from_secs(40);

/// A process of a test. Dropped, it is killed and waited for.
#[derive(Debug)]
pub struct Child {
    name: String,
    process: std::process::Child,
    leash: Option<ChildStdin>,
    log: PathBuf,
}

impl Child {
    /// Starts a program in a folder. What it says on either output is appended to `log`.
    pub fn start(
        program: &Path,
        args: &[&str],
        folder: &Path,
        variables: &[(&str, &str)],
        log: PathBuf,
    ) -> Self {
        let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
        let open = || File::options().create(true).append(true).open(&log).or_panic("open a log");
        let mut process = Command::new("sh")
            .args(["-c", LEASH, "sh"])
            .arg(program)
            .args(args)
            .current_dir(folder)
            .env_clear()
            .envs(environment())
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(open())
            .stderr(open())
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", program.display()));
        let leash = process.stdin.take();
        Self { name, process, leash, log }
    }

    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw);
        let told = pid.is_some_and(|pid| kill_process(pid, signal).is_ok());
        assert!(told, "{} gets no signal", self.name);
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().or_panic("look for the end of a process")
    }

    /// All that it has said.
    #[must_use]
    pub fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Asks until there is an answer, as long as the process runs.
    pub async fn until<T>(&mut self, what: &str, mut ask: impl AsyncFnMut(&Self) -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(answer) = ask(self).await {
                return answer;
            }
            if let Some(status) = self.ended() {
                panic!("{} ended ({status}) before {what}:\n{}", self.name, self.said());
            }
            assert!(began.elapsed() < END_WITHIN, "waited in vain until {what}:\n{}", self.said());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until it ends by itself, or after a signal.
    pub async fn end(mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.ended() {
                self.unleash();
                return status;
            }
            assert!(began.elapsed() < END_WITHIN, "{} does not end:\n{}", self.name, self.said());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Stops it as an operator does; it has to end in order.
    pub async fn stop(self) {
        self.signal(Signal::TERM);
        let (name, log) = (self.name.clone(), self.log.clone());
        let status = self.end().await;
        assert!(status.success(), "{name} ended badly ({status}); it said\n{}", tail(&log));
    }

    /// The watchdog is told that there is nothing left to watch.
    fn unleash(&mut self) {
        if let Some(mut leash) = self.leash.take() {
            // It may be gone already.
            let _ = std::io::Write::write_all(&mut leash, b"ended\n");
        }
    }
}

/// What a program of ours gets of the environment: nothing that could be one of its settings.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    const PASSED_ON: [&str; 7] =
        ["PATH", "HOME", "USER", "LANG", "TMPDIR", "LLVM_PROFILE_FILE", "RUST_BACKTRACE"];
    env::vars().filter(|(name, _)| PASSED_ON.contains(&name.as_str()))
}

impl Drop for Child {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
        self.unleash();
    }
}

/// The last lines of a log.
#[must_use]
pub fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}
