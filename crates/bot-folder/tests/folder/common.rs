//! The shipped bot's files, to be spoilt.

use std::path::Path;

pub(super) fn files() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bots/dev2production");
    let mut files = Vec::new();
    for folder in ["", "flows", "knowledge", "prompts"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                files.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// Replaces the first occurrence in a file; it must be there.
pub(super) fn spoil(files: &mut [(String, Vec<u8>)], name: &str, from: &str, to: &str) {
    let (_, bytes) = files.iter_mut().find(|(file, _)| file == name).unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains(from), "{name} has no {from:?}");
    *bytes = text.replacen(from, to, 1).into_bytes();
}
