//! Properties: what can be set, and what is refused.

use serde_json::{Value, json};

use super::Kind;
use super::answer::Invalid;

/// A property of an object, as `GET /crm/v3/properties/{objects}` tells it.
#[derive(Clone, Debug)]
pub struct Property {
    pub kind: Kind,
    pub name: String,
    pub label: String,
    /// `string`, `number`, `bool`, `date`, `datetime`, `enumeration`, `phone_number`.
    pub r#type: &'static str,
    /// `text`, `textarea`, `number`, `booleancheckbox`, `date`, `select`, `checkbox`, …
    pub field_type: &'static str,
    /// Value and label.
    pub options: Vec<(String, String)>,
    /// No two objects have the same value.
    pub is_unique: bool,
    pub is_read_only: bool,
    /// Its options are kept elsewhere: owners, pipelines, stages.
    pub has_external_options: bool,
}

impl Property {
    #[must_use]
    pub fn new(kind: Kind, name: &str, label: &str, r#type: &'static str, field_type: &'static str) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            label: label.to_owned(),
            r#type,
            field_type,
            options: Vec::new(),
            is_unique: false,
            is_read_only: false,
            has_external_options: false,
        }
    }

    /// One choice of these, or several where `field_type` is `checkbox`.
    #[must_use]
    pub fn with_options(mut self, options: &[(&str, &str)]) -> Self {
        self.options =
            options.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).collect();
        self
    }

    #[must_use]
    pub fn unique(mut self) -> Self {
        self.is_unique = true;
        self
    }

    fn read_only(mut self) -> Self {
        self.is_read_only = true;
        self
    }

    fn external(mut self) -> Self {
        self.has_external_options = true;
        self
    }

    pub(super) fn to_json(&self) -> Value {
        let options: Vec<Value> = self
            .options
            .iter()
            .enumerate()
            .map(|(at, (value, label))| {
                json!({ "label": label, "value": value, "displayOrder": at, "hidden": false })
            })
            .collect();
        json!({
            "name": self.name, "label": self.label, "type": self.r#type, "fieldType": self.field_type,
            "description": "", "groupName": "dealinformation", "options": options, "displayOrder": -1,
            "calculated": false, "externalOptions": self.has_external_options,
            "hasUniqueValue": self.is_unique, "hidden": false, "formField": true,
            "createdAt": "2025-01-01T00:00:00.000Z", "updatedAt": "2025-01-01T00:00:00.000Z", "archived": false,
            "modificationMetadata": {
                "archivable": true, "readOnlyDefinition": false, "readOnlyValue": self.is_read_only },
        })
    }

    /// Why this can not be its value. Stages and owners are checked elsewhere.
    pub(super) fn check(&self, value: &str) -> Option<Invalid> {
        let invalid = |code, message| Some(Invalid { property: self.name.clone(), code, message });
        if self.is_read_only {
            return invalid("READ_ONLY_VALUE", format!("\"{}\" is a read only property", self.name));
        }
        if value.is_empty() {
            return None;
        }
        let known = |value: &str| self.options.iter().any(|(option, _)| option == value);
        match self.r#type {
            "number" if value.parse::<f64>().is_err() => {
                invalid("INVALID_FLOAT", format!("{value} was not a valid number."))
            }
            "bool" if !matches!(value, "true" | "false") => invalid(
                "INVALID_OPTION",
                format!("{value} was not one of the allowed options: [true, false]"),
            ),
            "date" if !is_date(value) && !is_midnight(value) => {
                invalid("INVALID_DATE", format!("{value} was not a valid date."))
            }
            "datetime" if !is_time(value) && value.parse::<i64>().is_err() => {
                invalid("INVALID_DATE", format!("{value} was not a valid date or time."))
            }
            "enumeration" if !self.has_external_options => {
                let several = self.field_type == "checkbox";
                let wrong = if several {
                    value.split(';').find(|one| !one.is_empty() && !known(one))
                } else {
                    Some(value).filter(|one| !known(one))
                };
                let all: Vec<&str> = self.options.iter().map(|(value, _)| value.as_str()).collect();
                wrong.and_then(|wrong| {
                    let message = format!("{wrong} was not one of the allowed options: [{}]", all.join(", "));
                    invalid("INVALID_OPTION", message)
                })
            }
            "string" if self.name == "email" && !is_email(value) => {
                invalid("INVALID_EMAIL", format!("Email address {value} is invalid"))
            }
            "string" if value.chars().count() > 65_536 => {
                invalid("PROPERTY_VALUE_TOO_LONG", format!("\"{}\" is longer than 65536", self.name))
            }
            _ => None,
        }
    }
}

/// What an account has at its beginning: HubSpot's own, and behind them what a person has made there for us.
pub(super) fn at_the_beginning() -> Vec<Property> {
    let text = |kind, name, label| Property::new(kind, name, label, "string", "text");
    let choice = |kind, name, label| Property::new(kind, name, label, "enumeration", "select");
    let time = |kind, name, label| Property::new(kind, name, label, "datetime", "date").read_only();
    let (contacts, deals, notes) = (Kind::Contacts, Kind::Deals, Kind::Notes);
    vec![
        text(contacts, "email", "Email").unique(),
        text(contacts, "firstname", "First Name"),
        text(contacts, "lastname", "Last Name"),
        Property::new(contacts, "phone", "Phone Number", "string", "phonenumber"),
        Property::new(contacts, "mobilephone", "Mobile Phone Number", "string", "phonenumber"),
        choice(contacts, "hs_lead_status", "Lead Status").with_options(&[("NEW", "New"), ("OPEN", "Open")]),
        text(contacts, "hs_searchable_calculated_phone_number", "Calculated Phone").read_only(),
        text(contacts, "hs_searchable_calculated_mobile_number", "Calculated Mobile").read_only(),
        text(contacts, "hs_object_id", "Record ID").read_only(),
        time(contacts, "createdate", "Create Date"),
        time(contacts, "lastmodifieddate", "Last Modified Date"),
        text(contacts, "telegram_id", "Telegram"),
        text(contacts, "telegram_key", "Telegram, unique").unique(),
        text(deals, "dealname", "Deal Name"),
        choice(deals, "dealstage", "Deal Stage").external(),
        choice(deals, "pipeline", "Pipeline").external(),
        Property::new(deals, "amount", "Amount", "number", "number"),
        choice(deals, "deal_currency_code", "Currency").with_options(&[
            ("EUR", "Euro"),
            ("USD", "US Dollar"),
            ("RUB", "Ruble"),
        ]),
        choice(deals, "hubspot_owner_id", "Deal owner").external(),
        Property::new(deals, "description", "Deal Description", "string", "textarea"),
        Property::new(deals, "closedate", "Close Date", "datetime", "date"),
        text(deals, "hs_object_id", "Record ID").read_only(),
        Property::new(deals, "hs_is_closed", "Is Deal Closed?", "bool", "booleancheckbox").read_only(),
        Property::new(deals, "hs_is_closed_won", "Is Closed Won", "bool", "booleancheckbox").read_only(),
        time(deals, "createdate", "Create Date"),
        time(deals, "hs_lastmodifieddate", "Last Modified Date"),
        text(deals, "lead_id", "Lead"),
        text(deals, "lead_key", "Lead, unique").unique(),
        choice(deals, "budget", "Budget").with_options(&[
            ("up_to_5k", "Up to 5 000"),
            ("5k_10k", "5 000 to 10 000"),
            ("more", "More"),
        ]),
        Property::new(deals, "services", "Services", "enumeration", "checkbox").with_options(&[
            ("crm", "CRM"),
            ("bot", "Bot"),
            ("site", "Site"),
        ]),
        Property::new(deals, "start_date", "Start", "date", "date"),
        Property::new(deals, "is_urgent", "Urgent", "bool", "booleancheckbox")
            .with_options(&[("true", "Yes"), ("false", "No")]),
        Property::new(notes, "hs_note_body", "Note body", "string", "html"),
        Property::new(notes, "hs_timestamp", "Activity date", "datetime", "date"),
        text(notes, "hs_object_id", "Record ID").read_only(),
        time(notes, "hs_createdate", "Create Date"),
        time(notes, "hs_lastmodifieddate", "Last Modified Date"),
    ]
}

/// `2026-11-28`.
fn is_date(value: &str) -> bool {
    let parts: Vec<&str> = value.split('-').collect();
    let digits = |part: &str, many| part.len() == many && part.bytes().all(|byte| byte.is_ascii_digit());
    matches!(parts[..], [year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2))
}

/// Unix milliseconds at midnight UTC, the older form of a date.
fn is_midnight(value: &str) -> bool {
    value.parse::<i64>().is_ok_and(|millis| millis % 86_400_000 == 0)
}

fn is_time(value: &str) -> bool {
    value.split_once('T').is_some_and(|(date, time)| is_date(date) && time.ends_with('Z'))
}

fn is_email(value: &str) -> bool {
    let Some((name, domain)) = value.split_once('@') else { return false };
    let odd = |c: char| c.is_whitespace() || c.is_control() || c == '@';
    !name.is_empty()
        && !value.contains(' ')
        && !domain.contains(odd)
        && domain.contains('.')
        && !domain.ends_with('.')
}
