use std::fs;
use std::path::Path;

/// The processes whose command line or working folder is in this folder: `pid command line`. Reads `/proc`.
#[must_use]
pub fn processes_naming(folder: &Path) -> Vec<(u32, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let command = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command).replace('\0', " ");
        let works_there = fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd.starts_with(folder));
        if works_there || command.contains(&*folder.to_string_lossy()) {
            found.push((pid, command));
        }
    }
    found
}
