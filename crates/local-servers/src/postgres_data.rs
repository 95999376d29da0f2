//! The data folder of the private Postgres: made once, owned by the user that the server runs as.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ids::Secret;

use crate::run_as::RunAs;
use crate::{PostgresTools, ServerError};

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
    write_private(&password_file, password.expose())?;
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

/// The superuser's password, made at the first start and kept in a file that only we can read.
pub(crate) fn password(file: &Path) -> Result<Secret, ServerError> {
    match fs::read_to_string(file) {
        Ok(text) if !text.trim().is_empty() => return Ok(Secret::new(text.trim())),
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(ServerError::io("read", file)(error));
        }
        _ => {}
    }
    let mut bytes = [0u8; 24];
    let source = Path::new("/dev/urandom");
    File::open(source)
        .and_then(|mut random| random.read_exact(&mut bytes))
        .map_err(ServerError::io("read", source))?;
    let made = hex::encode(bytes);
    write_private(file, &made)?;
    Ok(Secret::new(made))
}

fn write_private(path: &Path, text: &str) -> Result<(), ServerError> {
    let write = || {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        File::options().create_new(true).write(true).mode(0o600).open(path)?.write_all(text.as_bytes())
    };
    write().map_err(ServerError::io("write", path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_password_is_made_once_and_only_we_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        let made = password(&file).unwrap();
        assert_eq!(made.expose().len(), 48);
        assert!(password(&file).unwrap().matches(made.expose().as_bytes()));
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }

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
