//! What is generated from the sections' schemas: the default file, the reference page and the JSON schema.

use std::fmt::Write;

use schemars::{JsonSchema, Schema};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::schema::Node;
use super::{Settings, SettingsError};

/// A section: its name, and what it is read into.
#[derive(Clone, Debug)]
pub struct SectionDoc {
    pub name: &'static str,
    pub schema: Schema,
    check: fn(&Settings, &str) -> Result<(), SettingsError>,
}

impl SectionDoc {
    #[must_use]
    pub fn of<T: DeserializeOwned + JsonSchema>(name: &'static str) -> Self {
        let check = |settings: &Settings, name: &str| settings.section::<T>(name).map(drop);
        Self { name, schema: schemars::schema_for!(T), check }
    }

    /// What a field is when nothing is given, as far as the schema says it.
    #[must_use]
    pub fn default_of(&self, field: &str) -> Option<Value> {
        let schema = self.schema.clone().to_value();
        let all = fields(Node::root(&schema));
        all.into_iter().find(|one| one.name == field).and_then(|one| one.default.cloned())
    }

    /// Reads the section and forgets it.
    ///
    /// # Errors
    /// The first thing wrong with it.
    pub fn check(&self, settings: &Settings) -> Result<(), SettingsError> {
        (self.check)(settings, self.name)
    }
}

/// One setting, as the page and the file tell it.
struct Field<'a> {
    name: &'a str,
    node: Node<'a>,
    about: &'a str,
    default: Option<&'a Value>,
    required: bool,
}

fn fields(table: Node<'_>) -> Vec<Field<'_>> {
    let of = |(name, raw, node)| {
        let raw: &Value = raw;
        let node: Node<'_> = node;
        let first = |word: &str| raw.get(word).or_else(|| node.get(word)).filter(|value| !value.is_null());
        Field {
            name,
            node,
            about: first("description").and_then(Value::as_str).unwrap_or_default(),
            default: first("default"),
            required: table.is_required(name),
        }
    };
    table.properties().into_iter().map(of).collect()
}

impl Field<'_> {
    /// A table (or a list or map of tables) has fields of its own.
    fn inner(&self) -> Option<(Node<'_>, Shape)> {
        if !self.node.properties().is_empty() {
            return Some((self.node, Shape::Table));
        }
        let element = self.node.element().filter(|node| !node.properties().is_empty())?;
        Some((element, if self.node.is_list() { Shape::List } else { Shape::Map }))
    }

    /// The default as TOML, if it has one that TOML can say.
    fn literal(&self) -> Option<String> {
        let value = toml::Value::try_from(self.default?).ok()?;
        Some(value.to_string())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Table,
    List,
    Map,
}

/// A file with every setting: defaults as they are, and what has no default commented out.
#[must_use]
pub fn default_toml(sections: &[SectionDoc]) -> String {
    let mut out = String::from(
        "# Every setting and its default. An environment variable DRAGOMAN__SECTION__KEY overrides a setting\n\
         # (an empty one is as if not set); a secret may stand in a file that <key>_file names instead.\n",
    );
    for section in sections {
        let schema = section.schema.clone().to_value();
        let node = Node::root(&schema);
        out.push('\n');
        comment(&mut out, node.text("description").unwrap_or_default(), "");
        write_table(&mut out, section.name, node, Shape::Table, false);
    }
    out
}

fn write_table(out: &mut String, path: &str, table: Node<'_>, shape: Shape, commented: bool) {
    let prefix = if commented { "# " } else { "" };
    let _ = match shape {
        Shape::List => writeln!(out, "{prefix}[[{path}]]"),
        Shape::Table | Shape::Map => writeln!(out, "{prefix}[{path}]"),
    };
    let all = fields(table);
    for field in all.iter().filter(|field| field.inner().is_none()) {
        comment(out, field.about, prefix);
        let (mark, note) = match (field.node.is_secret(), field.required) {
            (true, true) => ("# ", format!("  # secret, required; or {}_file", field.name)),
            (true, false) => ("# ", format!("  # secret; or {}_file", field.name)),
            (false, true) => ("# ", "  # required".to_owned()),
            (false, false) => ("", String::new()),
        };
        let literal = field.literal();
        let (mark, note) = match literal {
            None if mark.is_empty() && !commented => ("# ", "  # no default".to_owned()),
            _ => (mark, note),
        };
        let mark = if commented { "" } else { mark };
        let value = literal.unwrap_or_else(|| sample(field.node).to_owned());
        let _ = writeln!(out, "{prefix}{mark}{} = {value}{note}", field.name);
    }
    for field in &all {
        let Some((inner, shape)) = field.inner() else { continue };
        out.push('\n');
        comment(out, field.about, prefix);
        let mut path = format!("{path}.{}", field.name);
        if shape == Shape::Map {
            path.push_str(".NAME");
        }
        write_table(out, &path, inner, shape, commented || shape != Shape::Table);
    }
}

fn comment(out: &mut String, text: &str, prefix: &str) {
    for line in text.lines() {
        let _ = writeln!(out, "{prefix}# {}", line.trim());
    }
}

/// What stands in the place of a value that has no default.
fn sample(node: Node<'_>) -> &'static str {
    let node = node.alternatives().into_iter().next().unwrap_or(node);
    match node.types().first() {
        Some(&"integer") => "0",
        Some(&"number") => "0.0",
        Some(&"boolean") => "false",
        Some(&"array") => "[]",
        Some(&"object") => "{}",
        _ => "\"\"",
    }
}

/// A page with a table for each section.
#[must_use]
pub fn reference_markdown(sections: &[SectionDoc]) -> String {
    let mut out = String::new();
    for section in sections {
        let schema = section.schema.clone().to_value();
        let node = Node::root(&schema);
        let _ = writeln!(out, "## `[{}]`\n", section.name);
        if let Some(about) = node.text("description") {
            let _ = writeln!(out, "{about}\n");
        }
        out.push_str("| key | type | default | meaning |\n|---|---|---|---|\n");
        write_rows(&mut out, "", node);
        out.push('\n');
    }
    out
}

fn write_rows(out: &mut String, path: &str, table: Node<'_>) {
    for field in fields(table) {
        let here = format!("{path}{}", field.name);
        if let Some((inner, shape)) = field.inner() {
            let below = match shape {
                Shape::Table => format!("{here}."),
                Shape::List => format!("{here}[]."),
                Shape::Map => format!("{here}.NAME."),
            };
            write_rows(out, &below, inner);
            continue;
        }
        let default = match field.literal() {
            Some(literal) if !field.node.is_secret() => format!("`{literal}`"),
            _ if field.required => "required".to_owned(),
            _ => "–".to_owned(),
        };
        let about = field.about.replace('\n', " ").replace('|', "\\|");
        let _ = writeln!(out, "| `{here}` | {} | {default} | {about} |", kind(field.node));
    }
}

/// The type in words.
fn kind(node: Node<'_>) -> String {
    if node.is_secret() {
        return "secret".to_owned();
    }
    let word = |one: Node<'_>| -> String {
        if let Some(choices) = one.get("enum").and_then(Value::as_array) {
            let all: Vec<_> =
                choices.iter().filter_map(Value::as_str).map(|word| format!("`{word}`")).collect();
            return all.join(" or ");
        }
        if let Some(constant) = one.text("const") {
            return format!("`{constant}`");
        }
        match one.types().first() {
            Some(&"array") => format!("list of {}", one.element().map_or_else(|| "values".to_owned(), kind)),
            Some(&"object") => {
                format!("table of {}", one.element().map_or_else(|| "values".to_owned(), kind))
            }
            Some(other) => (*other).to_owned(),
            None => "value".to_owned(),
        }
    };
    node.alternatives().into_iter().map(word).collect::<Vec<_>>().join(" or ")
}

/// A JSON schema of the whole file, for editors.
#[must_use]
pub fn json_schema(sections: &[SectionDoc]) -> Value {
    let mut properties = Map::new();
    for section in sections {
        let original = section.schema.clone().to_value();
        let mut schema = original.clone();
        add_twins(&mut schema, &original);
        rebase(&mut schema, &format!("#/properties/{}/$defs/", section.name));
        if let Some(object) = schema.as_object_mut() {
            object.remove("$schema");
        }
        properties.insert(section.name.to_owned(), schema);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

/// Beside each secret `x`, `x_file`; and `x` itself is no longer required.
fn add_twins(schema: &mut Value, root: &Value) {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        let is_secret = |value: &Value| Node::within(root, value).is_secret();
        let secrets: Vec<_> =
            properties.iter().filter(|(_, value)| is_secret(value)).map(|(name, _)| name.clone()).collect();
        for name in &secrets {
            let twin = json!({ "type": "string", "description": format!("A file that holds `{name}`.") });
            properties.entry(format!("{name}_file")).or_insert(twin);
        }
        if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|name| !secrets.iter().any(|secret| name == secret));
        }
    }
    match schema {
        Value::Object(object) => object.values_mut().for_each(|inner| add_twins(inner, root)),
        Value::Array(list) => list.iter_mut().for_each(|inner| add_twins(inner, root)),
        _ => {}
    }
}

/// A section's references count from its own root, which is no longer the document's.
fn rebase(schema: &mut Value, prefix: &str) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::String(target)) = object.get_mut("$ref")
                && let Some(name) = target.strip_prefix("#/$defs/")
            {
                *target = format!("{prefix}{name}");
            }
            object.values_mut().for_each(|inner| rebase(inner, prefix));
        }
        Value::Array(list) => list.iter_mut().for_each(|inner| rebase(inner, prefix)),
        _ => {}
    }
}
