//! What goes into a property: HubSpot takes the inner value of a choice, not the text that people see.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use super::api::Api;
use super::wire::{Page, nullable};
use crate::adapters::Trouble;
use crate::domain::deal::Filled;

/// So long the properties of an account are taken to be the same.
const FRESH: Duration = Duration::from_secs(600);

/// A property, as the account has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Property {
    pub(super) name: String,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) label: String,
    #[serde(default, rename = "type", deserialize_with = "nullable")]
    pub(super) kind: String,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) field_type: String,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) options: Vec<Choice>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) hidden: bool,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) calculated: bool,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) external_options: bool,
    #[serde(default, deserialize_with = "nullable")]
    has_unique_value: bool,
    #[serde(default)]
    pub(super) modification_metadata: Option<Modification>,
}

#[derive(Deserialize)]
pub(super) struct Choice {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) label: String,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) value: String,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) hidden: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Modification {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) read_only_value: bool,
}

/// The properties of deals and of contacts, read when they are needed.
#[derive(Default)]
pub(super) struct Properties(Mutex<HashMap<&'static str, Known>>);

/// The properties of one kind, and since when they are known.
type Known = (Instant, Arc<[Property]>);

impl Properties {
    /// Of `kind`, as they were a while ago at most.
    pub(super) async fn of(&self, api: &Api, kind: &'static str) -> Result<Arc<[Property]>, Trouble> {
        let mut known = self.0.lock().await;
        if let Some((at, properties)) = known.get(kind)
            && at.elapsed() < FRESH
        {
            return Ok(properties.clone());
        }
        let page: Page<Property> = api.get(&["crm", "v3", "properties", kind], &[]).await?;
        let properties: Arc<[Property]> = page.results.into();
        known.insert(kind, (Instant::now(), properties.clone()));
        Ok(properties)
    }

    /// Whether no two have the same value of it. That is settled when a property is made, and never changes.
    pub(super) async fn is_unique(&self, api: &Api, kind: &'static str, name: &str) -> Result<bool, Trouble> {
        let properties = self.of(api, kind).await?;
        Ok(properties.iter().any(|property| property.name == name && property.has_unique_value))
    }

    /// HubSpot has refused a value: a person mends that there, and is not to wait until this is noticed here.
    pub(super) async fn forget(&self) {
        self.0.lock().await.clear();
    }

    /// The fields as properties.
    pub(super) async fn fill(
        &self,
        api: &Api,
        kind: &'static str,
        fields: &[Filled],
        into: &mut Map<String, Value>,
    ) -> Result<(), Trouble> {
        let fields: Vec<&Filled> = fields.iter().filter(|field| !field.value.expose().is_empty()).collect();
        if fields.is_empty() {
            return Ok(());
        }
        let properties = self.of(api, kind).await?;
        for field in fields {
            let property = properties.iter().find(|property| property.name == field.theirs);
            let value = field.value.expose();
            // HubSpot knows better than this why a property that is not there can not be set.
            let value = property.map_or_else(|| value.clone(), |property| property.value(value));
            into.insert(field.theirs.clone(), value.into());
        }
        Ok(())
    }
}

impl Property {
    /// What HubSpot takes for this. What is no choice goes as it is, and HubSpot says what is wrong with it.
    fn value(&self, text: &str) -> String {
        let text = text.trim();
        match self.kind.as_str() {
            "enumeration" => self.chosen(text),
            "datetime" if !text.contains('T') => format!("{text}T00:00:00Z"),
            _ => text.to_owned(),
        }
    }

    fn chosen(&self, text: &str) -> String {
        if let Some(value) = self.choice(text) {
            return value.to_owned();
        }
        if self.field_type != "checkbox" {
            return text.to_owned();
        }
        let several = text.split([';', ',']).map(str::trim).filter(|one| !one.is_empty());
        several.map(|one| self.choice(one).unwrap_or(one)).collect::<Vec<_>>().join(";")
    }

    fn choice(&self, text: &str) -> Option<&str> {
        let is = |written: &str| written.trim().to_lowercase() == text.to_lowercase();
        let by_label = self.options.iter().find(|choice| is(&choice.label));
        by_label
            .or_else(|| self.options.iter().find(|choice| is(&choice.value)))
            .map(|choice| choice.value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn property(kind: &str, field_type: &str) -> Property {
        let options = json!([{ "label": "Up to 5 000", "value": "up_to_5k" }, { "label": "CRM, ERP", "value": "crm" },
                             { "label": "Bot", "value": "bot" }, { "label": "Да", "value": "true" }]);
        let property = json!({ "name": "x", "type": kind, "fieldType": field_type, "options": options });
        serde_json::from_value(property).unwrap()
    }

    #[test]
    fn a_choice_is_sent_by_its_inner_value() {
        for (kind, field_type, text, sent) in [
            ("enumeration", "select", "Up to 5 000", "up_to_5k"),
            ("enumeration", "select", " up to 5 000 ", "up_to_5k"),
            ("enumeration", "select", "UP_TO_5K", "up_to_5k"),
            ("enumeration", "select", "да", "true"),
            ("enumeration", "select", "Bot; CRM, ERP", "Bot; CRM, ERP"),
            ("enumeration", "checkbox", "CRM, ERP", "crm"),
            ("enumeration", "checkbox", "bot; up to 5 000", "bot;up_to_5k"),
            ("enumeration", "checkbox", "bot, other", "bot;other"),
            ("enumeration", "booleancheckbox", "true", "true"),
            ("date", "date", "2026-11-28", "2026-11-28"),
            ("datetime", "date", "2026-11-28", "2026-11-28T00:00:00Z"),
            ("datetime", "date", "2026-11-28T10:00:00Z", "2026-11-28T10:00:00Z"),
            ("string", "text", "up to 5 000", "up to 5 000"),
            ("number", "number", " 5.5 ", "5.5"),
        ] {
            assert_eq!(property(kind, field_type).value(text), sent, "{kind} {field_type} {text}");
        }
    }
}
