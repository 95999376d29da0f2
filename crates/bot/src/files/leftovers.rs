//! What a process that died while it wrote a file has left in the directory: the storage writes a file beside its
//! place first, under its name with `#` and a number, and nothing else finds that one.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use ids::Timestamp;

/// Deletes what was left before `before`; what is younger may still be written to. How many there were. A directory
/// that is not there holds none.
pub(super) fn sweep(folder: &Path, before: Timestamp) -> std::io::Result<u64> {
    let mut swept = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if is_leftover(&entry.file_name().to_string_lossy()) && is_older(&entry, before) {
                match fs::remove_file(entry.path()) {
                    Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                    _ => swept += 1,
                }
            }
        }
    }
    Ok(swept)
}

/// No file that is kept has such a name: `#` is written otherwise there.
fn is_leftover(name: &str) -> bool {
    name.rsplit_once('#')
        .is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

fn is_older(entry: &fs::DirEntry, before: Timestamp) -> bool {
    let written = entry.metadata().and_then(|metadata| metadata.modified()).ok();
    written.and_then(|at| Timestamp::try_from(at).ok()).is_some_and(|at| at < before)
}
