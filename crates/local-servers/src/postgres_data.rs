//! The data folder of the private Postgres: made once, owned by the user that the server runs as.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ids::Secret;

use crate::run_as::RunAs;
use crate::{PostgresTools, ServerError, private_file};

/// The version whose data this server reads.
pub(crate) const MAJOR: &str = "18";
pub(crate) const SUPERUSER: &str = "postgres";

/// Makes the data folder `<home>/data` unless it is there, with a superuser whose password is
/// `password`. `initdb` works in a folder of another name, so one with the final name is always whole.
pub(crate) fn ensure(
    tools: &PostgresTools,
    home: &Path,
    run_as: Option<RunAs>,
    password: &Secret,
    log: &Path,
) -> Result<PathBuf, ServerError> {
    let data = home.join("data");
    match fs::read_to_string(data.join("PG_VERSION")) {
        Ok(version) if version.trim() == MAJOR => return Ok(data),
        Ok(version) => {
            let found = version.trim().to_owned();
            return Err(ServerError::DataVersion { folder: data, found, wanted: MAJOR });
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(ServerError::io("read", &data)(error)),
    }
    let (making, password_file) = (home.join("data.making"), home.join("password.initdb"));
    for leftover in [&making, &data] {
        match fs::remove_dir_all(leftover) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(ServerError::io("remove", leftover)(error));
            }
            _ => {}
        }
    }
    DirBuilder::new().mode(0o700).create(&making).map_err(ServerError::io("make the folder", &making))?;
    private_file::write(&password_file, password.expose())?;
    if let Some(user) = run_as {
        for path in [&making, &password_file] {
            chown(path, Some(user.uid), Some(user.gid)).map_err(ServerError::io("hand over", path))?;
        }
    }
    let done = initdb(tools, &making, &password_file, run_as, log);
    fs::remove_file(&password_file).map_err(ServerError::io("remove", &password_file))?;
    done?;
    fs::rename(&making, &data).map_err(ServerError::io("move into place", &data))?;
    Ok(data)
}

fn initdb(
    tools: &PostgresTools,
    folder: &Path,
    password_file: &Path,
    run_as: Option<RunAs>,
    log: &Path,
) -> Result<(), ServerError> {
    let mut command = Command::new(tools.program("initdb"));
    command.arg("-D").arg(folder).arg("--pwfile").arg(password_file);
    command.args(["-U", SUPERUSER, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"]);
    // Passwords here are random and long; repeating the hash 4,096 times would only slow connecting.
    command.args(["--set", "scram_iterations=64"]);
    command.stdin(Stdio::null()).current_dir("/");
    if let Some(user) = run_as {
        command.uid(user.uid).gid(user.gid);
    }
    let output = command.output().map_err(ServerError::io("run", &tools.program("initdb")))?;
    if output.status.success() {
        return Ok(());
    }
    fs::write(log, [output.stdout, output.stderr.clone()].concat()).map_err(ServerError::io("write", log))?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    let said = stderr.lines().find(|line| line.contains("error")).unwrap_or("initdb failed").to_owned();
    Err(ServerError::DidNotStart { server: "initdb", said, log: log.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_of_another_version_is_refused_with_a_way_out() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("data")).unwrap();
        fs::write(home.path().join("data/PG_VERSION"), "16\n").unwrap();
        let tools = PostgresTools { bin: PathBuf::from("/none") };
        let refused =
            ensure(&tools, home.path(), None, &Secret::new("x"), Path::new("/none")).unwrap_err().to_string();
        assert!(
            refused.contains("was written by Postgres 16 and this is Postgres 18: move the folder away"),
            "{refused}"
        );
    }
}
