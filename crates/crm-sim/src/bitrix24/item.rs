//! What the portal keeps: leads, deals, people.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::account::Field;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Lead,
    Deal,
    Contact,
}

impl Kind {
    /// By `entityTypeId`.
    pub(super) fn of(number: &Value) -> Option<Self> {
        match whole(number)? {
            1 => Some(Self::Lead),
            2 => Some(Self::Deal),
            3 => Some(Self::Contact),
            _ => None,
        }
    }

    pub(super) const fn number(self) -> i64 {
        match self {
            Self::Lead => 1,
            Self::Deal => 2,
            Self::Contact => 3,
        }
    }

    /// As comments and events name it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Deal => "deal",
            Self::Contact => "contact",
        }
    }

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Lead => "Lead",
            Self::Deal => "Deal",
            Self::Contact => "Contact",
        }
    }
}

/// A number that may be written as a text.
pub(super) fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

#[derive(Clone, Debug, Default)]
pub(super) struct Item {
    pub(super) id: i64,
    /// By field; what is not there is null.
    pub(super) values: BTreeMap<String, Value>,
    pub(super) multi: Vec<Multi>,
}

/// A telephone, an address, a name in a messenger.
#[derive(Clone, Debug)]
pub(super) struct Multi {
    pub(super) id: i64,
    /// `PHONE`, `EMAIL`, `IM`, `WEB`
    pub(super) of: String,
    /// `WORK`, `TELEGRAM`
    pub(super) kind: String,
    pub(super) value: String,
}

impl Item {
    pub(super) fn get(&self, field: &str) -> &Value {
        self.values.get(field).unwrap_or(&Value::Null)
    }

    pub(super) fn text(&self, field: &str) -> String {
        text(self.get(field))
    }

    pub(super) fn number(&self, field: &str) -> Option<i64> {
        whole(self.get(field))
    }

    pub(super) fn set(&mut self, field: &str, value: impl Into<Value>) {
        self.values.insert(field.to_owned(), value.into());
    }

    pub(super) fn multi_of<'a>(&'a self, of: &'a str) -> impl Iterator<Item = &'a str> {
        self.multi.iter().filter(move |multi| multi.of == of).map(|multi| multi.value.as_str())
    }

    /// As methods give it; `fm` comes only where everything is asked for.
    pub(super) fn json(&self, fields: &[Field], select: &[String]) -> Value {
        let all = select.is_empty() || select.iter().any(|one| one == "*");
        let mut json = Map::new();
        for field in fields.iter().filter(|field| field.kind != "crm_multifield") {
            if all || select.contains(&field.id) {
                json.insert(field.id.clone(), self.get(&field.id).clone());
            }
        }
        if all && fields.iter().any(|field| field.kind == "crm_multifield") {
            json.insert("fm".to_owned(), self.multi.iter().map(Multi::json).collect());
        }
        Value::Object(json)
    }
}

impl Multi {
    fn json(&self) -> Value {
        json!({ "id": self.id, "typeId": self.of, "valueType": self.kind, "value": self.value })
    }
}

/// Empty of null.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
