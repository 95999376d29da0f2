//! A private Postgres with pgvector, on the loopback address and a socket in its own folder.

use std::ffi::OsString;
use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use ids::Secret;
use rustix::process::Signal;

use crate::folder_lock::FolderLock;
use crate::leftover;
use crate::port;
use crate::postgres_data::{self, SUPERUSER};
use crate::process::{Held, Launch, Running};
use crate::run_as::{self, RunAs};
use crate::{PostgresTools, ServerError, private_file};

const SERVER: &str = "postgres";
/// Long enough to replay the log of a busy server that was killed.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// The processes of a killed Postgres notice that it is gone and end; until then its memory is in use.
const ORPHANS_END_WITHIN: Duration = Duration::from_secs(10);
const PORT_TRIES: u32 = 5;
/// What the address of a Unix socket may take, with room for `/.s.PGSQL.65535`.
const SOCKET_FOLDER_MAX: usize = 85;

/// What to start and where.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    /// Holds the data, the superuser's password, the log and the lock; made if it is not there. Started
    /// by root, the data moves to a folder under `/var/tmp` if `nobody` can not reach this one.
    pub folder: PathBuf,
    /// `None`: any free port.
    pub port: Option<u16>,
    /// The name of the setting that moves the port, for the sentence that says it is taken.
    pub port_setting: &'static str,
    pub max_connections: u16,
    /// In megabytes.
    pub shared_buffers_mb: u32,
}

impl PostgresOptions {
    /// Any free port, 200 connections, 128 MB of shared buffers.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        Self { folder, port: None, port_setting: "the port", max_connections: 200, shared_buffers_mb: 128 }
    }
}

/// A Postgres that runs until it is stopped or dropped. Every commit is on disk, as in production.
#[derive(Debug)]
pub struct Postgres {
    held: Held,
    port: u16,
    password: Secret,
    data: PathBuf,
}

impl Postgres {
    /// Starts the server and returns once it takes connections; makes the data folder the first time. A
    /// server that an earlier run left on the folder is stopped first; one that a living process holds
    /// is an error.
    pub fn start(tools: &PostgresTools, options: &PostgresOptions) -> Result<Self, ServerError> {
        let run_as = RunAs::instead_of_root();
        let home = run_as::reachable(&options.folder, run_as)?;
        let lock = FolderLock::take(&home)?;
        let log = home.join("log");
        // The last run's log is kept, so that the reason of a bad end is found in this one.
        let _ = fs::rename(&log, home.join("log.before"));
        let password = private_file::password(&home.join("password"))?;
        let data = postgres_data::ensure(tools, &home, run_as, &password, &log)?;
        leftover::stop(SERVER, &data.join("postmaster.pid"), &data, Signal::INT)?;

        let began = Instant::now();
        let mut tries = 0;
        loop {
            let port = port::choose(options.port, options.port_setting)?;
            let error = match start_on(tools, options, &data, port, run_as, &log) {
                Ok(running) => {
                    return Ok(Self { held: Held { running, _lock: lock }, port, password, data });
                }
                Err(error) => error,
            };
            tries += 1;
            match Refusal::of(&log) {
                Some(Refusal::PortTaken) if options.port.is_none() && tries < PORT_TRIES => {}
                Some(Refusal::PortTaken) => {
                    return Err(ServerError::PortTaken { port, setting: options.port_setting });
                }
                Some(Refusal::OrphansLive) if began.elapsed() < ORPHANS_END_WITHIN => {
                    thread::sleep(Duration::from_millis(100));
                }
                _ => return Err(error),
            }
            let _ = fs::remove_file(&log);
        }
    }

    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The superuser's address: `postgres://postgres:<password>@127.0.0.1:<port>/postgres`.
    #[must_use]
    pub fn url(&self) -> Secret {
        Secret::new(format!(
            "postgres://{SUPERUSER}:{}@127.0.0.1:{}/postgres",
            self.password.expose(),
            self.port
        ))
    }

    /// Where the data is, which is not always where it was asked for.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    #[must_use]
    pub const fn process(&self) -> &Running {
        &self.held.running
    }

    /// False once the server ended by itself.
    pub fn is_running(&mut self) -> bool {
        self.held.running.ended().is_none()
    }

    /// Ends every connection and stops the server (a fast shutdown); waits for its end.
    pub fn stop(mut self) -> Result<(), ServerError> {
        self.held.running.stop()
    }

    /// Ends the server as a power cut would; the next start recovers what was committed.
    pub fn kill(mut self) {
        self.held.running.kill();
    }
}

/// A reason not to start that passes, or that is better said in our words.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    PortTaken,
    OrphansLive,
}

impl Refusal {
    fn of(log: &Path) -> Option<Self> {
        let said = fs::read_to_string(log).unwrap_or_default();
        match () {
            () if said.contains("Address already in use") => Some(Self::PortTaken),
            () if said.contains("pre-existing shared memory block") => Some(Self::OrphansLive),
            () => None,
        }
    }
}

fn start_on(
    tools: &PostgresTools,
    options: &PostgresOptions,
    data: &Path,
    port: u16,
    run_as: Option<RunAs>,
    log: &Path,
) -> Result<Running, ServerError> {
    let mut args = vec![OsString::from("-D"), data.as_os_str().to_owned()];
    for setting in settings(options, data, port) {
        args.extend([OsString::from("-c"), setting.into()]);
    }
    let program = tools.program("postgres");
    let stop = (Signal::INT, "INT");
    let launch = Launch { server: SERVER, program: &program, args, log: log.to_owned(), run_as, stop };
    let mut running = Running::launch(launch)?;
    running.until(READY_WITHIN, |pid| {
        says_ready(data, pid) && TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
    })?;
    Ok(running)
}

/// On the command line at each start rather than in a file, so that a data folder made by an older
/// version of this code runs like a new one.
fn settings(options: &PostgresOptions, data: &Path, port: u16) -> Vec<String> {
    let sockets =
        if data.as_os_str().len() <= SOCKET_FOLDER_MAX { data.display().to_string() } else { String::new() };
    vec![
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        format!("unix_socket_directories={sockets}"),
        format!("max_connections={}", options.max_connections),
        format!("shared_buffers={}MB", options.shared_buffers_mb),
        "fsync=on".to_owned(),
        "full_page_writes=on".to_owned(),
        "synchronous_commit=on".to_owned(),
        "timezone=UTC".to_owned(),
        "log_timezone=UTC".to_owned(),
    ]
}

/// The server writes its state to the eighth line of its pid file; `pg_ctl` waits for the same word.
fn says_ready(data: &Path, pid: u32) -> bool {
    let Ok(text) = fs::read_to_string(data.join("postmaster.pid")) else { return false };
    let mut lines = text.lines().map(str::trim);
    lines.next() == Some(pid.to_string().as_str()) && lines.nth(6) == Some("ready")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pid_file_tells_when_the_server_is_ready() {
        let folder = tempfile::tempdir().unwrap();
        let write = |text: &str| fs::write(folder.path().join("postmaster.pid"), text).unwrap();
        assert!(!says_ready(folder.path(), 12));
        write("12\n/data\n1700000000\n5432\n/data\n127.0.0.1\n  1234 5\nstarting\n");
        assert!(!says_ready(folder.path(), 12));
        write("12\n/data\n1700000000\n5432\n/data\n127.0.0.1\n  1234 5\nready   \n");
        assert!(says_ready(folder.path(), 12));
        assert!(!says_ready(folder.path(), 13), "another server's file");
    }

    #[test]
    fn a_long_path_does_without_the_socket() {
        let options = PostgresOptions::new("/x");
        let long = "/d".repeat(60);
        assert!(settings(&options, Path::new(&long), 1).contains(&"unix_socket_directories=".to_owned()));
        assert!(settings(&options, Path::new("/d"), 1).contains(&"unix_socket_directories=/d".to_owned()));
    }

    #[test]
    fn commits_are_on_disk() {
        let set = settings(&PostgresOptions::new("/x"), Path::new("/x"), 1);
        for wanted in ["fsync=on", "full_page_writes=on", "synchronous_commit=on"] {
            assert!(set.iter().any(|s| s == wanted), "{wanted}");
        }
    }
}
