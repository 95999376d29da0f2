//! A private NATS server with JetStream on disk.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ids::Secret;
use rustix::process::Signal;
use serde_json::json;

use crate::folder_lock::FolderLock;
use crate::leftover;
use crate::nats_info::greeting;
use crate::port;
use crate::process::{Held, Launch, Running};
use crate::{NatsTools, ServerError, private_file};

const SERVER: &str = "nats-server";
const READY_WITHIN: Duration = Duration::from_secs(30);
const MAX_PAYLOAD: u64 = 8 * 1024 * 1024;
const USER: &str = "dragoman";
/// What streams may promise to take, all together. Without it the server promises three quarters of what the disk
/// has left at its start, and refuses the streams of an installation on a disk that is nearly full.
const MAX_FILE_STORE: u64 = 64 * 1024 * 1024 * 1024;
/// Tries with another port when a free one was taken before the server could use it.
const PORT_TRIES: u32 = 5;

/// When JetStream writes to the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sync {
    /// Before it acknowledges: what was acknowledged survives a power cut.
    #[default]
    Always,
    /// Every two minutes, the server's own default: survives the end of the process only.
    Default,
}

/// What to start and where.
#[derive(Clone, Debug)]
pub struct NatsOptions {
    /// Holds the store, the password, the configuration, the log and the lock; made if it is not there.
    pub folder: PathBuf,
    /// `None`: any free port.
    pub port: Option<u16>,
    /// The name of the setting that moves the port, for the sentence that says it is taken.
    pub port_setting: &'static str,
    pub sync: Sync,
    /// Where the monitoring pages are served, if anywhere.
    pub monitor_port: Option<u16>,
}

impl NatsOptions {
    /// Any free port, every acknowledged message on disk, no monitoring.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        Self { folder, port: None, port_setting: "the port", sync: Sync::Always, monitor_port: None }
    }
}

/// A NATS server that runs until it is stopped or dropped. It serves only those who have its password: every
/// user of the machine reaches the loopback address.
#[derive(Debug)]
pub struct Nats {
    held: Held,
    port: u16,
    password: Secret,
    version: String,
}

impl Nats {
    /// Starts the server and returns once it serves JetStream. A server that an earlier run left on the
    /// folder is stopped first; one that a living process holds is an error.
    pub fn start(tools: &NatsTools, options: &NatsOptions) -> Result<Self, ServerError> {
        let folder = &options.folder;
        fs::create_dir_all(folder).map_err(ServerError::io("make the folder", folder))?;
        let folder = folder.canonicalize().map_err(ServerError::io("find the folder", folder))?;
        let lock = FolderLock::take(&folder)?;
        let config = folder.join("nats.conf");
        leftover::stop(SERVER, &folder.join("pid"), &config, Signal::TERM)?;
        let password = private_file::password(&folder.join("password"))?;
        let mut tries = 0;
        loop {
            tries += 1;
            let port = port::choose(options.port, options.port_setting)?;
            match start_on(tools, options, &folder, port, &password) {
                Ok((running, version)) => {
                    return Ok(Self { held: Held { running, _lock: lock }, port, password, version });
                }
                Err(ServerError::DidNotStart { said, .. })
                    if options.port.is_none()
                        && tries < PORT_TRIES
                        && said.contains("address already in use") => {}
                Err(error) => return Err(error),
            }
        }
    }

    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// `nats://dragoman:<password>@127.0.0.1:<port>`
    #[must_use]
    pub fn url(&self) -> Secret {
        Secret::new(format!("nats://{USER}:{}@{}", self.password.expose(), self.address()))
    }

    /// Where it is, without what opens it: `127.0.0.1:<port>`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The user and the password that the address carries, for a client that takes them apart from it.
    #[must_use]
    pub fn login(&self) -> (&'static str, Secret) {
        (USER, self.password.clone())
    }

    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    #[must_use]
    pub const fn process(&self) -> &Running {
        &self.held.running
    }

    /// False once the server ended by itself.
    pub fn is_running(&mut self) -> bool {
        self.held.running.ended().is_none()
    }

    /// Freezes the server: its connections stay open and nothing is answered.
    pub fn pause(&mut self) {
        self.held.running.pause();
    }

    pub fn resume(&mut self) {
        self.held.running.signal(Signal::CONT);
    }

    /// Stops the server and waits for its end.
    pub fn stop(mut self) -> Result<(), ServerError> {
        self.held.running.stop()
    }

    /// Ends the server as a power cut would; the store stays and can be started again.
    pub fn kill(mut self) {
        self.held.running.kill();
    }
}

fn start_on(
    tools: &NatsTools,
    options: &NatsOptions,
    folder: &Path,
    port: u16,
    password: &Secret,
) -> Result<(Running, String), ServerError> {
    let config = folder.join("nats.conf");
    // The password is in the file; on the command line every user could read it.
    private_file::write(&config, &configuration(options, folder, port, password))?;
    let log = folder.join("log");
    // The last run's log is kept, so that the reason of a bad end is found in this one.
    let _ = fs::rename(&log, folder.join("log.before"));
    let args = vec![OsString::from("-c"), config.into_os_string()];
    let stop = (Signal::TERM, "TERM");
    let launch = Launch { server: SERVER, program: &tools.server, args, log, run_as: None, stop };
    let mut running = Running::launch(launch)?;
    let address = format!("127.0.0.1:{port}");
    let pid_file = folder.join("pid");
    let mut greeted = None;
    running.until(READY_WITHIN, |pid| {
        // Who answers on the port must be the process we started.
        if fs::read_to_string(&pid_file).is_ok_and(|text| text.trim() == pid.to_string()) {
            greeted = greeting(&address, READY_WITHIN);
        }
        greeted.is_some()
    })?;
    Ok((running, greeted.map(|info| info.version).unwrap_or_default()))
}

/// NATS reads JSON as its own language, which spares us its rules of quoting.
fn configuration(options: &NatsOptions, folder: &Path, port: u16, password: &Secret) -> String {
    let mut jetstream = json!({ "store_dir": folder.join("store"), "max_file_store": MAX_FILE_STORE });
    if options.sync == Sync::Always {
        jetstream["sync_interval"] = json!("always");
    }
    let mut config = json!({
        "listen": format!("127.0.0.1:{port}"),
        "server_name": "dragoman",
        "pid_file": folder.join("pid"),
        "authorization": { "user": USER, "password": password.expose() },
        "max_payload": MAX_PAYLOAD,
        "jetstream": jetstream,
    });
    if let Some(monitor) = options.monitor_port {
        config["http"] = json!(format!("127.0.0.1:{monitor}"));
    }
    format!("{config:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ack_is_on_disk_unless_told_otherwise() {
        let mut options = NatsOptions::new("/x");
        let written = |options: &NatsOptions| configuration(options, Path::new("/x"), 1, &Secret::new("p"));
        assert!(written(&options).contains(r#""sync_interval": "always""#));
        options.sync = Sync::Default;
        assert!(!written(&options).contains("sync_interval"));
    }
}
