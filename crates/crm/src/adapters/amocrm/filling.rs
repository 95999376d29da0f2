//! The `custom_fields_values` of one entity.

use ids::Pii;
use serde_json::{Value, json};

use super::catalogue::Known;
use super::payload::Part;
use super::refusal::fault;
use super::{super::Fault, value};
use crate::domain::deal::Filled;
use crate::domain::schema::FieldKind;

/// More fields in one entity are refused.
const MOST: usize = 40;
const KEY: &str = "custom_fields_values";

pub(super) struct Filling<'a> {
    known: &'a [Known],
    entries: Vec<Entry>,
    faults: Vec<Fault>,
}

struct Entry {
    field: Field,
    /// Each with what we call it.
    values: Vec<(Value, String)>,
}

#[derive(PartialEq, Eq)]
enum Field {
    Id(i64),
    /// One that every account has.
    Code(&'static str),
}

impl<'a> Filling<'a> {
    pub(super) const fn new(known: &'a [Known]) -> Self {
        Self { known, entries: Vec::new(), faults: Vec::new() }
    }

    pub(super) fn put_all(&mut self, fields: &[Filled]) {
        for filled in fields {
            self.put(&filled.ours, &filled.theirs, filled.value.expose());
        }
    }

    /// Nothing is put where there is nothing to put.
    pub(super) fn put(&mut self, ours: &str, theirs: &str, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let Some(field) = self.known.iter().find(|field| field.is(theirs)) else {
            let detail = format!("the account has no field {theirs:?}");
            self.faults.push(fault(ours, "UnknownField", detail));
            return;
        };
        let values = match value::of(field, text) {
            Ok(values) => values.into_iter().map(|value| (value, ours.to_owned())).collect(),
            Err((code, detail)) => return self.faults.push(fault(ours, code, detail)),
        };
        let takes_several = field.takes() == FieldKind::Choices || field.kind == "multitext";
        self.add(Field::Id(field.id), values, takes_several);
    }

    /// A field that every account has, by its code.
    pub(super) fn put_coded(&mut self, code: &'static str, ours: &str, text: &Pii<String>, label: &str) {
        if !text.expose().is_empty() {
            let value = json!({ "value": text.expose(), "enum_code": label });
            self.add(Field::Code(code), vec![(value, ours.to_owned())], false);
        }
    }

    fn add(&mut self, field: Field, mut values: Vec<(Value, String)>, takes_several: bool) {
        match self.entries.iter_mut().find(|entry| entry.field == field) {
            None => self.entries.push(Entry { field, values }),
            Some(entry) if takes_several => entry.values.append(&mut values),
            Some(entry) => {
                let first = entry.values.first().map_or("", |(_, ours)| ours);
                let ours = values.first().map_or("", |(_, ours)| ours);
                let detail = format!("{first} goes into the same field, which holds one value");
                self.faults.push(fault(ours, "Twice", detail));
            }
        }
    }

    /// Puts it into the entity's body.
    pub(super) fn fill(mut self, part: &mut Part) {
        if self.entries.len() > MOST {
            let detail = format!("{} fields are filled in, and amoCRM takes {MOST}", self.entries.len());
            self.faults.push(Fault::new(None, "TooManyFields", detail));
        }
        part.faults.append(&mut self.faults);
        let mut all = Vec::with_capacity(self.entries.len());
        for (nth, Entry { field, values }) in self.entries.into_iter().enumerate() {
            let ours = values.first().map(|(_, ours)| ours.clone()).unwrap_or_default();
            part.ours.push((format!("{KEY}.{nth}"), ours));
            let each = values.iter().enumerate();
            part.ours.extend(each.map(|(at, (_, ours))| (format!("{KEY}.{nth}.values.{at}"), ours.clone())));
            let values: Vec<Value> = values.into_iter().map(|(value, _)| value).collect();
            all.push(match field {
                Field::Id(id) => json!({ "field_id": id, "values": values }),
                Field::Code(code) => json!({ "field_code": code, "values": values }),
            });
        }
        if !all.is_empty() {
            part.body.insert(KEY.to_owned(), all.into());
        }
    }
}
