//! What an earlier run left behind: a server that still runs because its owner was killed.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::ServerError;

const PATIENCE: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Stops the server whose pid is in the first line of `pid_file`, if that process is really the one
/// started for `marker`, a path on its command line. Then removes the file.
pub(crate) fn stop(
    server: &'static str,
    pid_file: &Path,
    marker: &Path,
    signal: Signal,
) -> Result<(), ServerError> {
    let Ok(text) = fs::read_to_string(pid_file) else { return Ok(()) };
    let pid = text.lines().next().and_then(|line| line.trim().parse().ok());
    if let Some(pid) = pid
        && is_ours(pid, marker)
    {
        let waited = Instant::now();
        signal_to(pid, signal);
        signal_to(pid, Signal::CONT); // were it frozen, it would not hear the other
        while is_ours(pid, marker) {
            if waited.elapsed() > PATIENCE {
                let pid = pid.unsigned_abs();
                return Err(ServerError::LeftoverStays { server, pid, seconds: PATIENCE.as_secs() });
            }
            thread::sleep(LOOK_EVERY);
        }
    }
    match fs::remove_file(pid_file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(ServerError::io("remove", pid_file)(error))
        }
        _ => Ok(()),
    }
}

fn signal_to(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        // It may have ended meanwhile; whether it did is looked at, not the answer of this call.
        let _ = kill_process(pid, signal);
    }
}

/// A number alone proves nothing: pids are used again.
fn is_ours(pid: i32, marker: &Path) -> bool {
    let marker = marker.as_os_str().as_encoded_bytes();
    pid > 0 && command_line(pid).windows(marker.len()).any(|part| part == marker)
}

/// Empty for a process that is gone, or dead and not yet reaped.
fn command_line(pid: i32) -> Vec<u8> {
    if Path::new("/proc/self/cmdline").exists() {
        return fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    }
    let asked = Command::new("ps").args(["-ww", "-o", "args=", "-p", &pid.to_string()]).output();
    asked.map(|output| output.stdout).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Stdio;

    fn sleeper(marker: &str) -> std::process::Child {
        let mut command = Command::new("sh");
        command.args(["-c", "read -r line", "sh", marker]).stdin(Stdio::piped()).spawn().unwrap()
    }

    #[test]
    fn only_a_process_of_ours_is_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let pid_file = folder.path().join("pid");
        let mut other = sleeper("/somewhere/else");
        fs::write(&pid_file, format!("{}\n/x\n", other.id())).unwrap();
        stop("sh", &pid_file, folder.path(), Signal::TERM).unwrap();
        assert!(other.try_wait().unwrap().is_none(), "a stranger was stopped");
        assert!(!pid_file.exists());
        other.kill().unwrap();
        other.wait().unwrap();

        let mut ours = sleeper(folder.path().to_str().unwrap());
        fs::write(&pid_file, ours.id().to_string()).unwrap();
        stop("sh", &pid_file, folder.path(), Signal::TERM).unwrap();
        assert!(!ours.wait().unwrap().success());
    }
}
