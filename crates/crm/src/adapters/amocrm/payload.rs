//! Bodies of calls that write, and the way back from a path in them to the name that the mapping has.

use ids::Pii;
use serde_json::{Map, Value, json};

use super::super::{Fault, Whose};
use super::catalogue::Catalogue;
use super::filling::Filling;
use super::refusal::{fault, id};
use super::{Settings, mark};
use crate::domain::deal::{Contact, NewDeal};

/// It holds a person's data: never log it.
pub(super) struct Payload {
    pub(super) body: Value,
    ours: Vec<(String, String)>,
}

/// What is wrong, all of it.
pub(super) type Built = Result<Payload, Vec<Fault>>;

impl Payload {
    /// What we call the part that this path leads to.
    pub(super) fn ours(&self, path: &str) -> Option<String> {
        // Some paths begin with the number of the entity.
        let within = path.split_once('.').filter(|(first, _)| first.parse::<u32>().is_ok());
        let mut at = within.map_or(path, |(_, rest)| rest);
        loop {
            if let Some((_, ours)) = self.ours.iter().find(|(known, _)| known == at) {
                return Some(ours.clone());
            }
            at = at.rsplit_once('.')?.0;
        }
    }
}

/// A part of a body, as far as it is made.
#[derive(Default)]
pub(super) struct Part {
    pub(super) body: Map<String, Value>,
    pub(super) ours: Vec<(String, String)>,
    pub(super) faults: Vec<Fault>,
}

impl Part {
    fn set(&mut self, key: &str, ours: &str, value: impl Into<Value>) {
        self.body.insert(key.to_owned(), value.into());
        self.ours.push((key.to_owned(), ours.to_owned()));
    }

    fn set_id(&mut self, key: &str, ours: &str, given: &str) {
        if given.is_empty() {
            return;
        }
        match id(ours, given) {
            Ok(id) => self.set(key, ours, id),
            Err(fault) => self.faults.push(fault),
        }
    }

    fn built(self, as_array: bool) -> Built {
        let body = Value::Object(self.body);
        let body = if as_array { json!([body]) } else { body };
        if self.faults.is_empty() { Ok(Payload { body, ours: self.ours }) } else { Err(self.faults) }
    }
}

/// A deal of a person who is there, or with a new one.
pub(super) fn new_deal(deal: &NewDeal, of: &Whose<'_>, known: &Catalogue, settings: &Settings) -> Built {
    let mut part = of_deal(deal, true, known, settings);
    let contact = match of {
        Whose::Known(given) => match id("contact", given) {
            Ok(id) => json!({ "id": id, "is_main": true }),
            Err(fault) => {
                part.faults.push(fault);
                Value::Null
            }
        },
        Whose::New(contact) => {
            let person = of_person(contact, known, settings);
            let at = |(path, ours)| (format!("_embedded.contacts.0.{path}"), ours);
            part.ours.extend(person.ours.into_iter().map(at));
            part.faults.extend(person.faults);
            Value::Object(person.body)
        }
    };
    let mut embedded = json!({ "contacts": [contact] });
    if !deal.tags.is_empty() {
        embedded["tags"] = tags(deal);
        part.ours.push(("_embedded.tags".to_owned(), "tags".to_owned()));
    }
    part.body.insert("_embedded".to_owned(), embedded);
    if !deal.mark.is_empty() {
        // It comes back in the answer, and in errors; it keeps nothing from being made twice.
        part.body.insert("request_id".to_owned(), json!(deal.mark));
    }
    part.built(true)
}

/// What is given of a deal that is there; `_embedded.tags` would take the others away.
pub(super) fn changed_deal(deal: &NewDeal, known: &Catalogue, settings: &Settings) -> Built {
    let mut part = of_deal(deal, false, known, settings);
    if !deal.tags.is_empty() {
        part.set("tags_to_add", "tags", tags(deal));
    }
    part.built(false)
}

pub(super) fn new_person(contact: &Contact, known: &Catalogue, settings: &Settings) -> Built {
    of_person(contact, known, settings).built(true)
}

fn of_deal(deal: &NewDeal, is_new: bool, known: &Catalogue, settings: &Settings) -> Part {
    let mut part = Part::default();
    let in_name = if settings.mark_field.is_empty() { deal.mark.as_str() } else { "" };
    let given = deal.name.expose();
    // The name that a deal has is no place for a mark alone.
    let name = if is_new || !given.is_empty() { mark::named(given, in_name) } else { String::new() };
    if !name.is_empty() {
        part.set("name", "name", name);
    }
    if let Some(price) = deal.price {
        part.set("price", "price", price);
        if is_other(&deal.currency, &known.currency) {
            let detail = format!("the account counts in {}, the deal in {}", known.currency, deal.currency);
            part.faults.push(fault("price", "OtherCurrency", detail));
        }
    }
    part.set_id("pipeline_id", "pipeline", &deal.pipeline);
    part.set_id("status_id", "stage", &deal.stage);
    part.set_id("responsible_user_id", "responsible", &deal.responsible);
    let mut fields = Filling::new(&known.deal);
    fields.put_all(&deal.fields);
    let utm = &deal.utm;
    let utm = [
        ("UTM_SOURCE", "utm_source", &utm.source),
        ("UTM_MEDIUM", "utm_medium", &utm.medium),
        ("UTM_CAMPAIGN", "utm_campaign", &utm.campaign),
        ("UTM_CONTENT", "utm_content", &utm.content),
        ("UTM_TERM", "utm_term", &utm.term),
    ];
    for (code, ours, value) in utm {
        // Every account begins with these fields. Nobody has mapped them: where one is gone, so is its value.
        if known.deal.iter().any(|field| field.is(code)) {
            fields.put(ours, code, value);
        }
    }
    if !settings.mark_field.is_empty() {
        fields.put("mark_field", &settings.mark_field, &deal.mark);
    }
    fields.fill(&mut part);
    part
}

fn is_other(currency: &str, of_account: &str) -> bool {
    !currency.is_empty() && !of_account.is_empty() && !currency.eq_ignore_ascii_case(of_account)
}

fn of_person(contact: &Contact, known: &Catalogue, settings: &Settings) -> Part {
    let mut part = Part::default();
    let name = called(contact);
    if !name.is_empty() {
        part.set("name", "contact_name", name);
    }
    let mut fields = Filling::new(&known.person);
    fields.put_coded("PHONE", "phone", &contact.phone, "MOB");
    fields.put_coded("EMAIL", "email", &contact.email, "WORK");
    if !settings.telegram_field.is_empty() && contact.telegram_user_id != 0 {
        fields.put("telegram", &settings.telegram_field, &contact.telegram_user_id.to_string());
    }
    let user = contact.telegram_username.expose();
    if !user.is_empty() && known.person.iter().any(|field| field.is("IM")) {
        fields.put("telegram_username", "IM", &format!("@{user}"));
    }
    fields.put_all(&contact.fields);
    fields.fill(&mut part);
    part
}

/// A person without a name is called by what is known of them.
fn called(contact: &Contact) -> String {
    let user = contact.telegram_username.expose();
    let user = if user.is_empty() { String::new() } else { format!("@{user}") };
    let given = [&contact.name, &Pii::new(user), &contact.phone, &contact.email];
    let first =
        given.into_iter().map(|one| one.expose().trim()).find(|one| !one.is_empty()).map(str::to_owned);
    first.unwrap_or_else(|| match contact.telegram_user_id {
        0 => String::new(),
        id => format!("Telegram {id}"),
    })
}

fn tags(deal: &NewDeal) -> Value {
    deal.tags.iter().map(|tag| json!({ "name": tag })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_the_nearest_name_of_ours() {
        let ours = [("custom_fields_values.1", "budget"), ("_embedded.contacts.0.name", "contact_name")];
        let ours = ours.map(|(path, ours)| (path.to_owned(), ours.to_owned())).to_vec();
        let payload = Payload { body: Value::Null, ours };
        let named = |path| payload.ours(path);
        assert_eq!(named("custom_fields_values.1.values.0.value").as_deref(), Some("budget"));
        assert_eq!(named("0.custom_fields_values.1.field_id").as_deref(), Some("budget"));
        assert_eq!(named("_embedded.contacts.0.name").as_deref(), Some("contact_name"));
        assert_eq!(named("custom_fields_values.10.values"), None);
        assert_eq!(named(""), None);
        assert_eq!(named("....."), None);
    }

    #[test]
    fn somebody_without_a_name_is_called_by_what_is_known() {
        let mut contact = Contact { telegram_user_id: 7, ..Contact::default() };
        assert_eq!(called(&contact), "Telegram 7");
        contact.phone = Pii::new("+79129876543".to_owned());
        assert_eq!(called(&contact), "+79129876543");
        contact.telegram_username = Pii::new("ada".to_owned());
        assert_eq!(called(&contact), "@ada");
        contact.name = Pii::new(" Ada ".to_owned());
        assert_eq!(called(&contact), "Ada");
        assert_eq!(called(&Contact::default()), "");
    }
}
