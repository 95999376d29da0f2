//! What goes into a field, in the form that its kind takes.

use serde_json::{Number, Value, json};

use super::super::Fault;
use super::catalogue::Catalogue;
use super::field::Field;
use super::note::plain;
use crate::domain::schema::{FieldKind, Named};

/// Fields by which what we made is found again: no mapping fills them.
const OURS: [&str; 2] = ["originatorId", "originId"];

impl Field {
    pub(super) fn is_ours(&self) -> bool {
        OURS.contains(&self.id.as_str())
    }

    pub(super) fn takes(&self) -> FieldKind {
        match self.kind.as_str() {
            _ if self.is_ours() => FieldKind::Other,
            "string" | "text" | "char" => FieldKind::Text,
            "integer" | "double" | "money" => FieldKind::Number,
            "boolean" => FieldKind::Flag,
            "date" | "datetime" => FieldKind::Date,
            "url" => FieldKind::Link,
            "enumeration" | "crm_status" if self.multiple => FieldKind::Choices,
            "enumeration" | "crm_status" => FieldKind::Choice,
            _ => FieldKind::Other,
        }
    }

    /// What can be chosen.
    pub(super) fn named_choices(&self, catalogue: &Catalogue) -> Vec<Named> {
        let own = self.choices.iter().map(|(id, name)| Named { id: id.clone(), name: name.clone() });
        let entries = catalogue.directory(&self.directory).filter(|_| self.kind == "crm_status");
        own.chain(entries.map(|entry| Named { id: entry.id.clone(), name: entry.name.clone() })).collect()
    }

    /// What is sent for a value; of several choices for each that a comma divides.
    pub(super) fn sent(&self, value: &str, catalogue: &Catalogue) -> Result<Value, Wrong> {
        let value = value.trim();
        let one = match self.takes() {
            // It is the one field of Bitrix24's own that is read as BBCode.
            FieldKind::Text if self.id == "comments" => json!(plain(value)),
            FieldKind::Text | FieldKind::Link => json!(value),
            FieldKind::Number => number(value).ok_or_else(|| wrong("NotANumber", "it takes a number"))?,
            FieldKind::Flag => match value.to_lowercase().as_str() {
                "true" => json!("Y"),
                "false" => json!("N"),
                _ => return Err(wrong("NotAFlag", "it takes true or false")),
            },
            FieldKind::Date if is_date(value) => json!(value),
            FieldKind::Date => return Err(wrong("NotADate", "it takes a date: 2026-11-28")),
            FieldKind::Choice => self.choice(value, catalogue)?,
            FieldKind::Choices => return self.several(value, catalogue),
            FieldKind::Other => {
                let detail = format!("a mapping can not fill a field of this kind ({})", self.kind);
                return Err(wrong("NoKindForMapping", &detail));
            }
        };
        // Of a field with several values a single one is refused, or lost.
        Ok(if self.multiple { json!([one]) } else { one })
    }

    fn several(&self, value: &str, catalogue: &Catalogue) -> Result<Value, Wrong> {
        // A choice may have a comma of its own.
        if let Ok(whole) = self.choice(value, catalogue) {
            return Ok(json!([whole]));
        }
        let parts = value.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| self.choice(part, catalogue)).collect::<Result<Vec<_>, _>>().map(Value::Array)
    }

    /// A choice by its text or its id.
    fn choice(&self, value: &str, catalogue: &Catalogue) -> Result<Value, Wrong> {
        let choices = self.named_choices(catalogue);
        let same = |text: &str| text.trim().to_lowercase() == value.to_lowercase();
        let found = choices.iter().find(|choice| same(&choice.name));
        let Some(found) = found.or_else(|| choices.iter().find(|choice| same(&choice.id))) else {
            let names: Vec<&str> = choices.iter().take(20).map(|choice| choice.name.as_str()).collect();
            return Err(wrong("NotAChoice", &format!("“{value}” is none of: {}", names.join(", "))));
        };
        // Ids of enumerations are numbers, those of directories words.
        let number = found.id.parse::<i64>().ok().filter(|_| self.kind == "enumeration");
        Ok(number.map_or_else(|| json!(found.id), |number| json!(number)))
    }
}

/// Why a value does not fit: a word, and a sentence for people.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) code: &'static str,
    pub(super) detail: String,
}

impl Wrong {
    /// About a field of the mapping.
    pub(super) fn about(self, ours: &str) -> Fault {
        Fault::new(Some(ours.to_owned()), self.code, self.detail)
    }
}

pub(super) fn wrong(code: &'static str, detail: &str) -> Wrong {
    Wrong { code, detail: detail.to_owned() }
}

fn number(value: &str) -> Option<Value> {
    if let Ok(whole) = value.parse::<i64>() {
        return Some(json!(whole));
    }
    value.parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number)
}

/// `2026-11-28`, by its form; whether the month has that day the portal says.
fn is_date(value: &str) -> bool {
    value.len() == 10
        && value.bytes().enumerate().all(|(nth, byte)| match nth {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}
