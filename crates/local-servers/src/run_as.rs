//! Postgres refuses to run as root. When we are root it runs as `nobody`, who must be able to reach its
//! programs and its data.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::ServerError;

/// What `nobody` is called by number where the list of users does not say.
const NOBODY: u32 = 65534;

/// The account that stands in for root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RunAs {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl RunAs {
    /// `None`: we are not root, and the server runs as we do.
    pub(crate) fn instead_of_root() -> Option<Self> {
        rustix::process::geteuid()
            .is_root()
            .then(|| nobody(&fs::read_to_string("/etc/passwd").unwrap_or_default()))
    }

    fn may_enter(self, folder: &Path) -> bool {
        let Ok(meta) = fs::metadata(folder) else { return false };
        let mode = meta.permissions().mode();
        let needed = match () {
            () if meta.uid() == self.uid => 0o100,
            () if meta.gid() == self.gid => 0o010,
            () => 0o001,
        };
        mode & needed != 0
    }
}

fn nobody(passwd: &str) -> RunAs {
    let mut fields = passwd
        .lines()
        .filter_map(|line| line.strip_prefix("nobody:"))
        .flat_map(|rest| rest.split(':').skip(1));
    let mut number = || fields.next().and_then(|field| field.parse().ok()).unwrap_or(NOBODY);
    RunAs { uid: number(), gid: number() }
}

/// Makes `folder` and returns where it really is: the same place, or a folder under `/var/tmp` when the
/// server's user could not reach it (a checkout below `/root`, say).
pub(crate) fn reachable(folder: &Path, run_as: Option<RunAs>) -> Result<PathBuf, ServerError> {
    fs::create_dir_all(folder).map_err(ServerError::io("make the folder", folder))?;
    let folder = folder.canonicalize().map_err(ServerError::io("find the folder", folder))?;
    match run_as {
        Some(user) if !folder.ancestors().all(|part| user.may_enter(part)) => elsewhere(&folder),
        _ => Ok(folder),
    }
}

fn elsewhere(folder: &Path) -> Result<PathBuf, ServerError> {
    let digest = hex::encode(Sha256::digest(folder.as_os_str().as_encoded_bytes()));
    let base =
        ["/var/tmp", "/tmp"].map(Path::new).into_iter().find(|p| p.is_dir()).unwrap_or(Path::new("/tmp"));
    let place = base.join(format!("dragoman-{}", &digest[..16]));
    match DirBuilder::new().mode(0o755).create(&place) {
        Ok(()) => {
            // The mode above passed through the umask.
            let open = fs::Permissions::from_mode(0o755);
            fs::set_permissions(&place, open).map_err(ServerError::io("open the folder", &place))?;
            crate::fetch::say(&format!(
                "Postgres does not run as root, and the user nobody can not enter {}: using {}",
                folder.display(),
                place.display()
            ));
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(ServerError::io("make the folder", &place)(error)),
    }
    // The name can be guessed, so whoever made it first must have been us.
    let meta = fs::symlink_metadata(&place).map_err(ServerError::io("look at the folder", &place))?;
    if !meta.is_dir() || meta.uid() != rustix::process::geteuid().as_raw() {
        return Err(ServerError::NotOurs { folder: place });
    }
    Ok(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_found_in_the_list_of_users() {
        let list = "root:x:0:0:root:/root:/bin/sh\nnobody:x:99:98:Nobody:/:/sbin/nologin\n";
        assert_eq!(nobody(list), RunAs { uid: 99, gid: 98 });
        assert_eq!(nobody(""), RunAs { uid: NOBODY, gid: NOBODY });
    }

    #[test]
    fn a_folder_that_the_user_can_not_enter_is_replaced_by_the_same_one_each_time() {
        let base = tempfile::tempdir().unwrap();
        let closed = base.path().join("closed");
        fs::create_dir(&closed).unwrap();
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
        let stranger = RunAs { uid: 4_000_000_001, gid: 4_000_000_001 };

        let first = reachable(&closed.join("data"), Some(stranger)).unwrap();
        assert!(!first.starts_with(base.path()));
        assert!(stranger.may_enter(&first));
        assert_eq!(reachable(&closed.join("data"), Some(stranger)).unwrap(), first);
        assert_eq!(
            reachable(&closed.join("data"), None).unwrap(),
            closed.join("data").canonicalize().unwrap()
        );
        fs::remove_dir(first).unwrap();
    }
}
