//! Reading a JSON schema: what the settings, their default file and their reference page need to know of it.

use serde_json::{Map, Value};

/// Schemas of settings are shallow; a deeper one refers to itself.
const DEEPEST: usize = 16;

/// A place in a schema, with the references of its root resolved.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<'a> {
    root: &'a Value,
    here: &'a Value,
}

impl<'a> Node<'a> {
    pub(super) fn root(schema: &'a Value) -> Self {
        Self { root: schema, here: schema }.resolved()
    }

    /// Some part of the schema `root`.
    pub(super) fn within(root: &'a Value, here: &'a Value) -> Self {
        Self { root, here }.resolved()
    }

    fn at(self, here: &'a Value) -> Self {
        Self { here, ..self }.resolved()
    }

    fn resolved(mut self) -> Self {
        for _ in 0..DEEPEST {
            let Some(target) = self.here.get("$ref").and_then(Value::as_str) else { break };
            let Some(found) = target.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer)) else {
                break;
            };
            self.here = found;
        }
        self
    }

    /// The alternatives of an optional or a tagged value, without `null`; itself if it has none.
    pub(super) fn alternatives(self) -> Vec<Self> {
        let Some(list) = ["anyOf", "oneOf"].iter().find_map(|word| self.here.get(word)?.as_array()) else {
            return vec![self];
        };
        list.iter().map(|one| self.at(one)).filter(|one| one.types() != ["null"]).collect()
    }

    pub(super) fn types(self) -> Vec<&'a str> {
        match self.here.get("type") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn get(self, word: &str) -> Option<&'a Value> {
        self.here.get(word)
    }

    pub(super) fn text(self, word: &str) -> Option<&'a str> {
        self.get(word)?.as_str()
    }

    fn map(self, word: &str) -> Option<&'a Map<String, Value>> {
        self.get(word)?.as_object()
    }

    pub(super) fn properties(self) -> Vec<(&'a str, &'a Value, Self)> {
        let of = |node: Self| {
            node.map("properties")
                .into_iter()
                .flatten()
                .map(move |(name, raw)| (name.as_str(), raw, node.at(raw)))
        };
        self.alternatives().into_iter().flat_map(of).collect()
    }

    pub(super) fn is_required(self, name: &str) -> bool {
        self.get("required").and_then(Value::as_array).is_some_and(|all| all.iter().any(|one| one == name))
    }

    /// What every value of a map, or every element of a list, is.
    pub(super) fn element(self) -> Option<Self> {
        self.alternatives()
            .into_iter()
            .find_map(|node| {
                // A map whose keys have a shape says so by patterns, and forbids all other keys.
                let by_pattern = node.map("patternProperties").and_then(|all| all.values().next());
                by_pattern
                    .or_else(|| ["additionalProperties", "items"].iter().find_map(|word| node.get(word)))
                    .map(|raw| node.at(raw))
            })
            .filter(|node| node.here.is_object())
    }

    pub(super) fn property(self, name: &str) -> Option<Self> {
        self.properties().into_iter().find(|(own, ..)| *own == name).map(|(.., node)| node)
    }

    /// One step down: a named field, else what every element is.
    pub(super) fn step(self, name: &str) -> Option<Self> {
        self.property(name).or_else(|| self.element())
    }

    /// Takes text and nothing else, so `123` in an environment variable means the text `123`.
    pub(super) fn is_text_only(self) -> bool {
        let all = self.alternatives();
        !all.is_empty()
            && all.iter().all(|one| {
                let mut types = one.types();
                types.retain(|word| *word != "null");
                types == ["string"] || (types.is_empty() && one.text("const").is_some())
            })
    }

    pub(super) fn is_list(self) -> bool {
        self.alternatives().iter().any(|one| one.types().contains(&"array"))
    }

    /// A secret itself: `ids::Secret` marks its schema `writeOnly`.
    pub(super) fn is_secret(self) -> bool {
        self.get("writeOnly") == Some(&Value::Bool(true))
            || self.alternatives().iter().any(|one| one.get("writeOnly") == Some(&Value::Bool(true)))
    }

    /// A secret, or something with a secret in it.
    pub(super) fn holds_secret(self) -> bool {
        self.holds_secret_within(DEEPEST)
    }

    fn holds_secret_within(self, depth: usize) -> bool {
        if depth == 0 || self.is_secret() {
            return true;
        }
        self.element().is_some_and(|node| node.holds_secret_within(depth - 1))
            || self.properties().into_iter().any(|(.., node)| node.holds_secret_within(depth - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ids::Secret;
    use schemars::JsonSchema;
    use std::collections::BTreeMap;

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Bots {
        bots: BTreeMap<String, Bot>,
        level: Level,
        label: Option<String>,
        sizes: Vec<u32>,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Bot {
        token: Option<Secret>,
        rate: f64,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    enum Level {
        /// Little.
        Info,
        /// Much.
        Debug,
    }

    #[test]
    fn finds_secrets_behind_references_maps_and_options() {
        let schema = schemars::schema_for!(Bots).to_value();
        let root = Node::root(&schema);
        let bots = root.property("bots").unwrap();
        assert!(!bots.is_secret() && bots.holds_secret());
        let bot = bots.step("anything").unwrap();
        assert!(bot.property("token").unwrap().is_secret());
        assert!(!bot.property("rate").unwrap().holds_secret());
        assert!(!root.property("sizes").unwrap().holds_secret());
    }

    #[test]
    fn knows_what_takes_only_text() {
        let schema = schemars::schema_for!(Bots).to_value();
        let root = Node::root(&schema);
        let text = |name: &str| root.property(name).unwrap().is_text_only();
        assert!(text("level") && text("label"));
        assert!(!text("sizes") && !text("bots"));
        assert!(root.step("bots").unwrap().step("x").unwrap().step("token").unwrap().is_text_only());
    }
}
