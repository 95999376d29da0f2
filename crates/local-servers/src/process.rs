//! A server process on a leash.
//!
//! The server is started by a shell that first leaves a watchdog behind and then becomes the server, so
//! the pid we know is the server's own. The watchdog holds the other end of a pipe from us: a word on
//! it means that the server ended in order; the end of the pipe without a word means that we died, and
//! then it stops the server. It is adopted by init and so never the server's child, which Postgres
//! would take for a crashed backend. `PR_SET_PDEATHSIG` was not used: it fires when the *thread* that
//! started the server ends, and exists on Linux only.

use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

use crate::ServerError;
use crate::folder_lock::FolderLock;
use crate::run_as::RunAs;

const STOP_WITHIN: Duration = Duration::from_secs(20);
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(5);

const LEASH: &str = r#"
exec 3<&0
signal=$1; shift
( ( read -r word <&3 || { kill -s "$signal" $$; kill -s CONT $$; } ) & )
exec "$@" </dev/null 3<&-
"#;

/// How to start one server.
pub(crate) struct Launch<'a> {
    pub(crate) server: &'static str,
    pub(crate) program: &'a Path,
    pub(crate) args: Vec<OsString>,
    /// Where its output is appended.
    pub(crate) log: PathBuf,
    pub(crate) run_as: Option<RunAs>,
    /// What makes it stop in order and at once, and the shell's name for that.
    pub(crate) stop: (Signal, &'static str),
}

/// A server that this process started and answers for.
#[derive(Debug)]
pub struct Running {
    server: &'static str,
    child: Child,
    leash: Option<ChildStdin>,
    stop: Signal,
    log: PathBuf,
}

impl Running {
    pub(crate) fn launch(how: Launch<'_>) -> Result<Self, ServerError> {
        let open = |path: &Path| File::options().create(true).append(true).open(path);
        let log = open(&how.log).map_err(ServerError::io("open", &how.log))?;
        let also = log.try_clone().map_err(ServerError::io("open", &how.log))?;
        let mut command = Command::new("sh");
        command.args(["-c", LEASH, "sh", how.stop.1]).arg(how.program).args(how.args);
        command.stdin(Stdio::piped()).stdout(log).stderr(also).current_dir("/");
        // A group of its own: Ctrl-C in a terminal reaches us alone, and we stop the servers last.
        command.process_group(0);
        if let Some(user) = how.run_as {
            command.uid(user.uid).gid(user.gid);
        }
        let mut child = command.spawn().map_err(ServerError::io("run", how.program))?;
        let leash = child.stdin.take();
        Ok(Self { server: how.server, child, leash, stop: how.stop.0, log: how.log })
    }

    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where the server writes what it has to say.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// How the server ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits until `ready` says so. An end of the server meanwhile, or too long a wait, is an error.
    pub(crate) fn until(
        &mut self,
        within: Duration,
        mut ready: impl FnMut(u32) -> bool,
    ) -> Result<(), ServerError> {
        let began = Instant::now();
        while !ready(self.child.id()) {
            if let Some(status) = self.ended() {
                let said = last_complaint(&self.log).unwrap_or_else(|| status.to_string());
                return Err(ServerError::DidNotStart { server: self.server, said, log: self.log.clone() });
            }
            if began.elapsed() > within {
                let (server, log) = (self.server, self.log.clone());
                return Err(ServerError::NotReady { server, seconds: within.as_secs(), log });
            }
            thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    /// Stops the server in order and waits for its end.
    pub fn stop(&mut self) -> Result<(), ServerError> {
        self.signal(self.stop);
        // A frozen server would not hear the other.
        self.signal(Signal::CONT);
        let asked = Instant::now();
        while self.ended().is_none() {
            if asked.elapsed() > STOP_WITHIN {
                let error = ServerError::DidNotStop {
                    server: self.server,
                    pid: self.pid(),
                    seconds: STOP_WITHIN.as_secs(),
                };
                self.kill();
                return Err(error);
            }
            thread::sleep(LOOK_EVERY);
        }
        self.release();
        Ok(())
    }

    /// Ends the server at once, as a power cut would: for tests of what survives it.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        // Only fails when there is nothing left to wait for.
        let _ = self.child.wait();
        self.release();
    }

    /// Freezes the server, and returns once each of its threads stands still.
    pub(crate) fn pause(&mut self) {
        self.signal(Signal::STOP);
        if let Some(pid) = self.raw_pid() {
            let stopped = WaitIdOptions::STOPPED | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            // Fails only if there is no such process, and then nothing moves either.
            let _ = waitid(WaitId::Pid(pid), stopped);
        }
    }

    fn raw_pid(&self) -> Option<Pid> {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
    }

    /// Does nothing once the server has ended: its pid may be another's by then.
    pub(crate) fn signal(&mut self, signal: Signal) {
        if self.ended().is_none()
            && let Some(pid) = self.raw_pid()
        {
            // Fails only if it ended just now, which the caller finds out by waiting.
            let _ = kill_process(pid, signal);
        }
    }

    /// Tells the watchdog that the server ended in order.
    fn release(&mut self) {
        if let Some(mut leash) = self.leash.take() {
            let _ = leash.write_all(b"done\n");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Too late to tell anyone; a server that stays was killed.
        let _ = self.stop();
    }
}

/// What the server's log gives as the reason of its end.
pub(crate) fn last_complaint(log: &Path) -> Option<String> {
    let text = std::fs::read(log).ok()?;
    let text = String::from_utf8_lossy(&text[text.len().saturating_sub(16 * 1024)..]).into_owned();
    let complaint = text.lines().rev().find_map(|line| {
        ["FATAL:", "[FTL]", "PANIC:", "ERROR:", "[ERR]", "nats-server:"]
            .iter()
            .find_map(|mark| line.split_once(mark).map(|(_, said)| said.trim().to_owned()))
    });
    complaint.or_else(|| text.lines().rev().find(|line| !line.trim().is_empty()).map(str::to_owned))
}

/// The lock of a server's folder, let go after the server ended.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) running: Running,
    pub(crate) _lock: FolderLock,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn launch(folder: &Path, script: &str) -> Running {
        let args = ["-c", script].map(OsString::from).to_vec();
        let log = folder.join("log");
        let stop = (Signal::TERM, "TERM");
        Running::launch(Launch {
            server: "a script",
            program: Path::new("/bin/sh"),
            args,
            log,
            run_as: None,
            stop,
        })
        .unwrap()
    }

    #[test]
    fn a_server_that_ends_while_starting_is_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let mut running = launch(folder.path(), "echo 'x FATAL:  no room' ; exit 3");
        let error = running.until(Duration::from_secs(10), |_| false).unwrap_err().to_string();
        assert!(error.starts_with("a script did not start: no room; its log is /"), "{error}");
    }

    #[test]
    fn the_pid_is_the_servers_own_and_stopping_waits_for_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let script = "trap 'echo bye; exit 0' TERM; echo $$; while :; do sleep 0.01; done";
        let mut running = launch(folder.path(), script);
        let log = folder.path().join("log");
        running.until(Duration::from_secs(10), |_| std::fs::read_to_string(&log).unwrap() != "").unwrap();
        running.stop().unwrap();
        assert_eq!(std::fs::read_to_string(&log).unwrap(), format!("{}\nbye\n", running.pid()));
    }

    #[test]
    fn the_end_of_the_leash_stops_even_a_frozen_server() {
        let folder = tempfile::tempdir().unwrap();
        let mut running = launch(folder.path(), "echo up; exec sleep 600");
        let log = folder.path().join("log");
        running.until(Duration::from_secs(10), |_| std::fs::read_to_string(&log).unwrap() != "").unwrap();
        running.pause();
        // What the operating system does when our process dies.
        drop(running.leash.take());
        let began = Instant::now();
        while running.ended().is_none() {
            assert!(began.elapsed() < Duration::from_secs(10), "still running");
            thread::sleep(LOOK_EVERY);
        }
    }
}
