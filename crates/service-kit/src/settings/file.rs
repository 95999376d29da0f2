//! The settings' TOML text, and where in it a key stands.

use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::error::{Place, SettingsError};

/// A parsed file (or nothing, which is an empty one).
#[derive(Clone, Default)]
pub(super) struct SourceFile {
    path: PathBuf,
    text: String,
    pub(super) table: Table,
}

// No Debug by derive: the text holds secrets.
impl std::fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SourceFile").field("path", &self.path).finish_non_exhaustive()
    }
}

impl SourceFile {
    pub(super) fn read(path: &Path) -> Result<Self, SettingsError> {
        let text = std::fs::read_to_string(path)
            .map_err(|reason| SettingsError::Read { path: path.to_owned(), reason })?;
        Self::parse(path, text)
    }

    pub(super) fn parse(path: &Path, text: String) -> Result<Self, SettingsError> {
        // The parser's own text shows the line it stumbled over, which may hold a secret: only its short
        // message and its place are told.
        match toml::from_str(&text) {
            Ok(table) => Ok(Self { path: path.to_owned(), text, table }),
            Err(error) => Err(SettingsError::Syntax {
                place: place(path, &text, error.span().map_or(0, |span| span.start)),
                message: error.message().lines().next().unwrap_or_default().to_owned(),
            }),
        }
    }

    /// Where the key at the end of `path` stands, or the nearest table above it that the file has.
    pub(super) fn place_of(&self, path: &[String]) -> Option<Stand> {
        let root = DeTable::parse(&self.text).ok()?;
        let (mut offset, mut depth, mut whole) = (None, 0, false);
        let mut table: Option<&DeTable<'_>> = Some(root.get_ref());
        let mut list = None;
        for name in path {
            let value = if let Some((key, value)) = table.and_then(|t| t.get_key_value(name.as_str())) {
                offset = Some(key.span().start);
                value
            } else if let Some(value) =
                list.and_then(|l: &toml::de::DeArray<'_>| l.get(name.parse::<usize>().ok()?))
            {
                offset = Some(value.span().start);
                value
            } else {
                break;
            };
            depth += 1;
            (table, list) = match value.get_ref() {
                DeValue::Table(inner) => (Some(inner), None),
                DeValue::Array(inner) => (None, Some(inner)),
                _ => (None, None),
            };
            whole = whole || table.is_none();
        }
        offset.map(|offset| Stand { place: place(&self.path, &self.text, offset), depth, whole })
    }
}

/// How much of a path a file has.
pub(super) struct Stand {
    pub(super) place: Place,
    /// Words of the path that it has.
    pub(super) depth: usize,
    /// It gives the value there, so that files under it give no part of it.
    pub(super) whole: bool,
}

/// Lays one file's table over that of the file under it: tables are joined, all else is replaced, lists too.
pub(super) fn lay(under: &mut Table, over: &Table) {
    for (key, value) in over {
        // A secret and the file that holds it are one setting, given here in one way and there in the other.
        let twin = key.strip_suffix("_file").map_or_else(|| format!("{key}_file"), str::to_owned);
        if !over.contains_key(&twin) {
            under.remove(&twin);
        }
        match (under.get_mut(key), value) {
            (Some(Value::Table(under)), Value::Table(over)) => lay(under, over),
            _ => {
                under.insert(key.clone(), value.clone());
            }
        }
    }
}

fn place(path: &Path, text: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Place::File {
        path: path.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, path: &[&str]) -> String {
        let file = SourceFile::parse(Path::new("d.toml"), text.to_owned()).unwrap();
        let path: Vec<_> = path.iter().map(|&s| s.to_owned()).collect();
        file.place_of(&path).map(|stand| stand.place.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_key_is_found_in_tables_inline_tables_and_lists() {
        let text = "[a]\nb = 1\n c = { d = 2 }\n[[e]]\nf = 3\n[[e]]\nf = 4\n";
        assert_eq!(at(text, &["a", "b"]), "d.toml:2:1");
        assert_eq!(at(text, &["a", "c", "d"]), "d.toml:3:8");
        assert_eq!(at(text, &["e", "1", "f"]), "d.toml:7:1");
        assert_eq!(at(text, &["a", "missing"]), "d.toml:1:2");
        assert_eq!(at(text, &["missing"]), "");
        let accounts =
            "[crm]\nx = 1\n\n[[crm.accounts]]\nname = \"a\"\ntoken_file = \"t\"\n[crm.accounts.mapping]\n";
        assert_eq!(at(accounts, &["crm", "accounts", "0", "token_file"]), "d.toml:6:1");
    }

    #[test]
    fn a_broken_line_is_named_but_not_shown() {
        let error =
            SourceFile::parse(Path::new("d.toml"), "[a]\ntoken = \"hunter2\n".to_owned()).unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains("d.toml:2:"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}
