//! The settings of a process: a TOML file (or one over another), environment variables over it, secrets out of files; read a
//! section at a time into typed structs. No error and no Debug text shows a secret.

mod error;
mod explain;
mod file;
mod overlay;
mod reference;
mod schema;
mod secret;
mod sections;

use std::path::Path;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

pub use error::{Place, SettingsError};
pub use reference::{SectionDoc, default_toml, json_schema, reference_markdown};
pub use sections::{LogConfig, LogFormat, NatsConfig, SECTIONS, ServerConfig, kit_sections};

pub(crate) use explain::variable;
use file::{SourceFile, Stand, lay};
use overlay::{Override, Raw, same_name};
use schema::Node;

/// All that was given, file and environment. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Settings(Arc<Inner>);

#[derive(Clone, Debug, Default)]
struct Inner {
    /// Each lies over those before it.
    files: Vec<SourceFile>,
    /// Later ones win.
    overrides: Vec<Override>,
}

impl Settings {
    /// Reads the file, if there is one, and keeps those variables that begin with `DRAGOMAN__`.
    ///
    /// # Errors
    /// The file can not be read or is not TOML, or a variable names no section and key.
    pub fn load(
        path: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, SettingsError> {
        let file = path.map(SourceFile::read).transpose()?;
        Self::assemble(file.into_iter().collect(), env)
    }

    /// The same from a text, told as `settings` in errors.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn from_toml(
        text: &str,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, SettingsError> {
        Self::assemble(vec![SourceFile::parse(Path::new("settings"), text.to_owned())?], env)
    }

    fn assemble(
        files: Vec<SourceFile>,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, SettingsError> {
        let mut overrides = Vec::new();
        for (name, value) in env {
            overrides.extend(Override::from_variable(&name, &value)?);
        }
        overrides.sort_by(Override::order);
        Ok(Self(Arc::new(Inner { files, overrides })))
    }

    /// These settings laid over others: what both give is as it is given here. Tables are joined, key by key; a list
    /// replaces the other.
    #[must_use]
    pub fn over(&self, under: &Self) -> Self {
        let mut inner = Inner::clone(&under.0);
        inner.files.extend(self.0.files.iter().cloned());
        inner.overrides.extend(self.0.overrides.iter().cloned());
        Self(Arc::new(inner))
    }

    /// The same settings with one more value over all others. `origin` is what an error calls it
    /// (`TELEGRAM_BOT_TOKEN`, `--listen`).
    #[must_use]
    pub fn with(&self, path: &[&str], value: impl Into<Value>, origin: &str) -> Self {
        let mut inner = Inner::clone(&self.0);
        inner.overrides.push(Override {
            place: Place::Given(origin.to_owned()),
            path: path.iter().map(|&word| word.to_owned()).collect(),
            value: Raw::Typed(value.into()),
        });
        Self(Arc::new(inner))
    }

    /// Whether something was given at this path (or, for a secret, at its `_file` twin).
    #[must_use]
    pub fn has(&self, path: &[&str]) -> bool {
        let Some((last, above)) = path.split_last() else { return false };
        let twin = format!("{last}_file");
        let in_file = self.0.files.iter().any(|file| {
            let mut table = Some(&file.table);
            for name in above {
                table = table.and_then(|t| t.get(*name)).and_then(Value::as_table);
            }
            table.is_some_and(|t| t.contains_key(*last) || t.contains_key(&twin))
        });
        in_file
            || self.0.overrides.iter().any(|one| {
                one.path.len() >= path.len()
                    && above.iter().zip(&one.path).all(|(a, b)| same_name(a, b))
                    && one
                        .path
                        .get(above.len())
                        .is_some_and(|key| same_name(key, last) || same_name(key, &twin))
            })
    }

    /// One section, typed. A section that is not there is read as an empty one. `T` has to carry
    /// `#[serde(deny_unknown_fields)]`, or a misspelt key would pass in silence.
    ///
    /// # Errors
    /// The first thing wrong: its place, its key, what was found and what to do.
    pub fn section<T: DeserializeOwned + JsonSchema>(&self, name: &str) -> Result<T, SettingsError> {
        let schema = schemars::schema_for!(T).to_value();
        let node = Node::root(&schema);
        let mut origins = Vec::new();
        let mut table = self.section_table(name)?;
        for one in self.overrides_of(name) {
            let mut written = vec![name.to_owned()];
            written.extend(one.apply(&one.path[1..], &mut table, node)?);
            origins.push((written, one.place.clone()));
        }
        let place = |path: &[String]| self.place_of(path, &origins);
        secret::resolve(&mut table, node, &mut vec![name.to_owned()], &place)?;
        serde_path_to_error::deserialize(Value::Table(table))
            .map_err(|error| explain::value_error(name, &error, node, &place))
    }

    /// Refuses a section that nobody knows, and a key outside of any section.
    ///
    /// # Errors
    /// The first such section, with its place.
    pub fn check_sections(&self, known: &[&str]) -> Result<(), SettingsError> {
        let unknown = |place: Place, name: &str| SettingsError::UnknownSection {
            place,
            name: name.to_owned(),
            known: known.join(", "),
        };
        for (file, name, value) in self
            .0
            .files
            .iter()
            .flat_map(|file| file.table.iter().map(move |(name, value)| (file, name, value)))
        {
            let place =
                || file.place_of(std::slice::from_ref(name)).map_or(Place::Missing, |stand| stand.place);
            let is_section = value.is_table();
            if is_section && !known.contains(&name.as_str()) {
                return Err(unknown(place(), name));
            } else if !is_section {
                return Err(SettingsError::NoSection { place: place(), name: name.clone() });
            }
        }
        for one in &self.0.overrides {
            let section = one.path.first().map(String::as_str).unwrap_or_default();
            if !known.iter().any(|name| same_name(name, section)) {
                return Err(unknown(one.place.clone(), section));
            }
        }
        Ok(())
    }

    fn overrides_of<'a>(&'a self, section: &'a str) -> impl Iterator<Item = &'a Override> {
        self.0.overrides.iter().filter(move |one| {
            one.path.len() > 1 && one.path.first().is_some_and(|first| same_name(first, section))
        })
    }

    fn section_table(&self, name: &str) -> Result<Table, SettingsError> {
        let mut joined = Table::new();
        for file in &self.0.files {
            match file.table.get(name) {
                None => {}
                Some(Value::Table(table)) => lay(&mut joined, table),
                Some(_) => {
                    let name = name.to_owned();
                    let stand = file.place_of(std::slice::from_ref(&name));
                    let place = stand.map_or(Place::Missing, |stand| stand.place);
                    return Err(SettingsError::NoSection { place, name });
                }
            }
        }
        Ok(joined)
    }

    /// Where a setting is given, or the nearest table above it; of several files the one whose word counts.
    #[must_use]
    pub fn place(&self, path: &[&str]) -> Place {
        let path: Vec<String> = path.iter().map(|&word| word.to_owned()).collect();
        self.place_of(&path, &[])
    }

    fn place_in_files(&self, path: &[String]) -> Option<Place> {
        let mut nearest: Option<Stand> = None;
        for stand in self.0.files.iter().rev().filter_map(|file| file.place_of(path)) {
            let whole = stand.whole;
            if nearest.as_ref().is_none_or(|nearest| nearest.depth < stand.depth) {
                nearest = Some(stand);
            }
            if whole {
                break;
            }
        }
        nearest.map(|stand| stand.place)
    }

    /// What was given last at the path or below it, else the file's key, else the nearest above.
    fn place_of(&self, path: &[String], origins: &[(Vec<String>, Place)]) -> Place {
        let given =
            origins.iter().rev().find(|(written, _)| written.starts_with(path) || path.starts_with(written));
        match given {
            Some((_, place)) => place.clone(),
            None => self.place_in_files(path).unwrap_or(Place::Missing),
        }
    }
}

#[cfg(test)]
mod over_tests;
#[cfg(test)]
mod tests;
