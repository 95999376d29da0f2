//! Files that only we can read, and the passwords in them.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use ids::Secret;

use crate::ServerError;

/// The password that is kept in `file`; made at the first call, of 24 random bytes in hexadecimal.
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
    write(file, &made)?;
    Ok(Secret::new(made))
}

/// Writes a file of mode 0600, whatever stood there before.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), ServerError> {
    let write = || {
        // One that is there would keep its mode.
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

    fn mode(file: &Path) -> u32 {
        fs::metadata(file).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn the_password_is_made_once_and_only_we_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        let made = password(&file).unwrap();
        assert_eq!(made.expose().len(), 48);
        assert!(password(&file).unwrap().matches(made.expose().as_bytes()));
        assert_eq!(mode(&file), 0o600);
    }

    #[test]
    fn a_file_that_others_could_read_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("nats.conf");
        fs::write(&file, "before").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        write(&file, "after").unwrap();
        assert_eq!((mode(&file), fs::read_to_string(&file).unwrap().as_str()), (0o600, "after"));
    }
}
