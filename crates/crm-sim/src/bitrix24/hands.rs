//! What managers do at the portal by hand.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::account::{stages, text_field};
use super::item::Kind;
use super::{Bitrix24, convert, events, items};
use crate::{Deal, Person, Stage};

impl Bitrix24 {
    /// Puts a person there by hand, however a manager writes a telephone; `fields` by id. Returns the id.
    pub fn add_person(&self, person: &Person) -> String {
        let mut fields: Map<String, Value> = texts(&person.fields);
        fields.insert("name".to_owned(), json!(person.name));
        fields.insert("fm".to_owned(), multi(person));
        self.add(Kind::Contact, &fields).to_string()
    }

    /// Puts a deal there by hand: its name, its person, and where it stands (in the first stage where that is not said);
    /// `fields` by id. Returns the id, as `deal:5`.
    pub fn add_deal(&self, deal: &Deal) -> String {
        format!("deal:{}", self.add(Kind::Deal, &of_deal(deal)))
    }

    /// Puts a lead there by hand, in the same way; of somebody whom only it knows where it has no person. Returns the id,
    /// as `lead:10`.
    pub fn add_lead(&self, deal: &Deal, person: Option<&Person>) -> String {
        let mut fields = of_deal(deal);
        if let Some(person) = person {
            fields.insert("name".to_owned(), json!(person.name));
            fields.insert("fm".to_owned(), multi(person));
        }
        format!("lead:{}", self.add(Kind::Lead, &fields))
    }

    fn add(&self, kind: Kind, fields: &Map<String, Value>) -> i64 {
        let params = json!({ "entityTypeId": kind.number(), "fields": fields });
        let made = items::add(&mut self.server.state(), &params);
        made.ok().and_then(|made| made.result["item"]["id"].as_i64()).unwrap_or_default()
    }

    /// The stages that a manager can put a lead or a deal into.
    #[must_use]
    pub fn stages(&self, id: &str) -> Vec<Stage> {
        let Some((kind, id)) = place(id) else { return Vec::new() };
        let state = self.server.state();
        let category = state.item(kind, id).and_then(|item| item.number("categoryId"));
        stages(kind, category.unwrap_or_default())
    }

    /// A manager makes a deal of a lead (`lead:10`), and puts it into this stage if one is named, before anybody is told. The
    /// deal (`deal:5`), and what was answered to the telling of each.
    pub async fn convert(&self, lead: &str, stage: Option<&str>) -> Option<(String, Vec<Option<u16>>)> {
        let (deal, told) = {
            let mut state = self.server.state();
            let (Kind::Lead, lead) = place(lead)? else { return None };
            let deal = convert::lead(&mut state, lead)?;
            if let Some(stage) = stage {
                state.move_to(Kind::Deal, deal, stage);
            }
            (
                deal,
                [(Kind::Lead, lead), (Kind::Deal, deal)]
                    .map(|(kind, id)| events::of_change(&state, kind, id)),
            )
        };
        let mut answers = Vec::new();
        for (to, form) in told.into_iter().flatten() {
            answers.push(events::told(&to, &form).await);
        }
        Some((format!("deal:{deal}"), answers))
    }

    /// Moves a lead or a deal (`lead:10`, `deal:5`) to another stage, as a manager does, and tells it. What was answered,
    /// or nothing where nobody wants to know or nobody answers.
    pub async fn move_to(&self, id: &str, stage: &str) -> Option<u16> {
        let (to, form) = {
            let mut state = self.server.state();
            let (kind, id) = place(id)?;
            state.move_to(kind, id, stage);
            events::of_change(&state, kind, id)?
        };
        events::told(&to, &form).await
    }

    /// The user of the webhook may read this lead or deal, and not touch it; or may again.
    pub fn close(&self, id: &str, is_closed: bool) {
        let Some(place) = place(id) else { return };
        let mut state = self.server.state();
        if is_closed {
            state.closed.insert(place);
        } else {
            state.closed.remove(&place);
        }
    }

    /// A manager throws a lead, a deal or a person (by their number) away.
    pub fn remove(&self, id: &str) {
        let person = id.parse().ok().map(|id| (Kind::Contact, id));
        if let Some((kind, id)) = place(id).or(person) {
            self.server.state().remove(kind, id);
        }
    }

    /// A manager deletes a field, of leads, of deals and of people.
    pub fn drop_field(&self, id: &str) {
        let mut state = self.server.state();
        state.fields.values_mut().for_each(|fields| fields.retain(|field| field.id != id));
    }

    /// A manager makes a field of leads that holds a text.
    pub fn add_text_field(&self, id: &str, title: &str) {
        let mut state = self.server.state();
        let fields = state.fields.entry(Kind::Lead).or_default();
        fields.push(text_field(id, title));
    }
}

fn place(id: &str) -> Option<(Kind, i64)> {
    let (word, id) = id.split_once(':')?;
    let kind = [Kind::Lead, Kind::Deal].into_iter().find(|kind| kind.word() == word)?;
    Some((kind, id.parse().ok()?))
}

fn texts(fields: &BTreeMap<String, String>) -> Map<String, Value> {
    fields.iter().map(|(id, text)| (id.clone(), json!(text))).collect()
}

fn multi(person: &Person) -> Value {
    let one = |of: &str, value: &String| json!({ "typeId": of, "valueType": "WORK", "value": value });
    let phones = person.phones.iter().map(|value| one("PHONE", value));
    phones.chain(person.emails.iter().map(|value| one("EMAIL", value))).collect()
}

fn of_deal(deal: &Deal) -> Map<String, Value> {
    let mut fields = texts(&deal.fields);
    let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    set("title", json!(deal.name));
    if let Some(contact) = &deal.contact {
        set("contactId", json!(contact));
    }
    if let Some(price) = deal.price {
        set("opportunity", json!(price));
        set("isManualOpportunity", json!("Y"));
    }
    if !deal.stage.is_empty() {
        set("stageId", json!(deal.stage));
    }
    fields
}
