//! Secrets in files. Wherever a table of the settings has a field `x` of type `ids::Secret`, the key `x_file`
//! may stand instead: the file's text, without the line breaks at its end, becomes the value of `x`. So too in a table whose
//! every value is a secret.
//! Relative paths count from the working directory.

use std::path::PathBuf;

use toml::{Table, Value};

use super::error::SettingsError;
use super::schema::Node;

/// Replaces every `x_file` of a declared secret by the `x` it names.
pub(super) fn resolve(
    table: &mut Table,
    schema: Node<'_>,
    path: &mut Vec<String>,
    place: &dyn Fn(&[String]) -> super::Place,
) -> Result<(), SettingsError> {
    for name in secrets(table, schema) {
        let twin = format!("{name}_file");
        let Some(value) = table.remove(&twin) else { continue };
        let at = |last: &str| {
            let mut full = path.clone();
            full.push(last.to_owned());
            (place(&full), full.join("."))
        };
        let (twin_place, twin_key) = at(&twin);
        if table.contains_key(&name) {
            return Err(SettingsError::SecretTwice { place: twin_place, key: at(&name).1 });
        }
        let Value::String(file) = value else {
            return Err(SettingsError::Value {
                place: twin_place,
                key: twin_key,
                what: format!("found {}, expected the path of a file", value.type_str()),
                remedy: "write the path as a string".to_owned(),
            });
        };
        let text = std::fs::read_to_string(&file).map_err(|source| SettingsError::SecretFile {
            place: twin_place,
            key: twin_key,
            path: PathBuf::from(&file),
            reason: source.to_string(),
        })?;
        table.insert(name, Value::String(text.trim_end_matches(['\n', '\r']).to_owned()));
    }
    for (name, value) in table.iter_mut() {
        let Some(node) = schema.step(name).filter(|node| node.holds_secret()) else { continue };
        path.push(name.clone());
        resolve_value(value, node, path, place)?;
        path.pop();
    }
    Ok(())
}

/// The names of the secrets of a table, whether they are given or not; where any name is one, those that name a file.
fn secrets(table: &Table, schema: Node<'_>) -> Vec<String> {
    if schema.element().is_some_and(Node::is_secret) {
        return table.keys().filter_map(|key| key.strip_suffix("_file")).map(str::to_owned).collect();
    }
    let is_secret = |(name, _, node): &(&str, _, Node<'_>)| {
        node.is_secret() && schema.property(&format!("{name}_file")).is_none()
    };
    schema.properties().into_iter().filter(is_secret).map(|(name, ..)| name.to_owned()).collect()
}

fn resolve_value(
    value: &mut Value,
    node: Node<'_>,
    path: &mut Vec<String>,
    place: &dyn Fn(&[String]) -> super::Place,
) -> Result<(), SettingsError> {
    match value {
        Value::Table(inner) => resolve(inner, node, path, place),
        Value::Array(list) => {
            let Some(element) = node.element() else { return Ok(()) };
            for (index, one) in list.iter_mut().enumerate() {
                path.push(index.to_string());
                resolve_value(one, element, path, place)?;
                path.pop();
            }
            Ok(())
        }
        _ => Ok(()),
    }
}
