//! Finding people: contacts, and those whom only an open lead knows.

use std::collections::BTreeMap;

use ids::Timestamp;
use serde_json::{Value, json};

use super::super::{FindBy, Trouble};
use super::Bitrix24;
use super::api::Call;
use super::catalogue::Catalogue;
use super::form::rejected;
use super::judge::misses;
use super::lead::no_id;
use super::place::{Kind, Place, id};
use super::value::wrong;
use crate::adapters::call::Effect;
use crate::domain::deal::{Contact, Match};

/// People whose deals are looked at; more with the same telephone are no one person.
const MOST: usize = 20;

/// Somebody who was found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Person {
    Contact(u64),
    /// Only this lead knows them.
    Lead(u64),
}

/// What is open: when it was made, what it is, and whose.
struct Open {
    at: Option<Timestamp>,
    place: Place,
    contact: Option<u64>,
}

impl Bitrix24 {
    pub(super) async fn search(&self, contact: &Contact, by: &[FindBy]) -> Result<Vec<Match>, Trouble> {
        let catalogue = self.catalogue.get(&self.api).await?.0;
        let mut questions = Vec::new();
        for by in by {
            questions.extend(self.questions(&catalogue, contact, *by)?);
        }
        if questions.is_empty() {
            return Ok(Vec::new());
        }
        let calls: Vec<Call> = questions.iter().map(|(_, call)| call.clone()).collect();
        let mut found = Vec::new();
        for ((kind, _), given) in questions.iter().zip(self.api.batch(&calls).await?) {
            found.extend(hits(&given?.result, *kind));
        }
        self.matched(&catalogue, found).await
    }

    /// Whom this id means: a contact's number, or a lead that alone knows somebody (`lead:10`) and is still open.
    pub(super) async fn person_of(&self, id: &str) -> Result<Option<Match>, Trouble> {
        let (kind, place) = match id.parse::<u64>() {
            Ok(id) => (Kind::Contact, Place { kind: Kind::Contact, id }),
            Err(_) => (Kind::Lead, id.parse().map_err(|()| no_id(id))?),
        };
        if self.item(place).await?.is_none() {
            return Ok(None);
        }
        let catalogue = self.catalogue.get(&self.api).await?.0;
        Ok(self.matched(&catalogue, vec![(kind, place.id)]).await?.pop())
    }

    /// Whom the hits mean, each with what is open of theirs.
    async fn matched(&self, catalogue: &Catalogue, found: Vec<(Kind, u64)>) -> Result<Vec<Match>, Trouble> {
        let (people, mut open) = self.people(catalogue, found).await?;
        let contacts: Vec<u64> = people
            .iter()
            .filter_map(|person| match person {
                Person::Contact(id) => Some(*id),
                Person::Lead(_) => None,
            })
            .collect();
        if !contacts.is_empty() {
            open.extend(self.open(open_of(catalogue, "@contactId", &contacts).as_slice()).await?);
        }
        Ok(people.into_iter().map(|person| matched(person, &open)).collect())
    }

    /// How somebody is asked for: of people and of leads each on its own, because many hits of one kind hide the other.
    fn questions(
        &self,
        catalogue: &Catalogue,
        contact: &Contact,
        by: FindBy,
    ) -> Result<Vec<(Kind, Call)>, Trouble> {
        let (of, value) = match by {
            FindBy::Telegram => return self.by_telegram(catalogue, contact.telegram_user_id),
            FindBy::Phone => ("PHONE", contact.phone.expose().trim()),
            FindBy::Email => ("EMAIL", contact.email.expose().trim()),
        };
        let ask = |(kind, word): (Kind, &str)| {
            let params = json!({ "type": of, "values": [value], "entity_type": word });
            (kind, Call::new("crm.duplicate.findbycomm", params))
        };
        let kinds = [(Kind::Contact, "CONTACT"), (Kind::Lead, "LEAD")];
        Ok(kinds.into_iter().filter(|_| !value.is_empty()).map(ask).collect())
    }

    fn by_telegram(&self, catalogue: &Catalogue, user: i64) -> Result<Vec<(Kind, Call)>, Trouble> {
        if self.telegram_field.is_empty() || user == 0 {
            return Ok(Vec::new());
        }
        let Some(own) = catalogue.contacts.named(&self.telegram_field) else {
            let detail = format!("contacts have no field {}", self.telegram_field);
            return Err(rejected(vec![wrong("UnknownField", &detail).about("telegram_field")]));
        };
        let leads = catalogue.leads.like(&self.telegram_field, &catalogue.contacts);
        let ask = |(kind, field): (Kind, &str)| {
            let filter = json!({ format!("={field}"): user.to_string() });
            (kind, super::listed(kind, &filter, &json!({ "id": "DESC" })))
        };
        let leads = leads.map(|field| (Kind::Lead, field.id.as_str()));
        Ok([(Kind::Contact, own.id.as_str())].into_iter().chain(leads).map(ask).collect())
    }

    /// Whom the hits mean, none twice, and the leads among them that are open. A lead that is over knows nobody: whoever
    /// it was became a contact, or is not wanted.
    async fn people(
        &self,
        catalogue: &Catalogue,
        found: Vec<(Kind, u64)>,
    ) -> Result<(Vec<Person>, Vec<Open>), Trouble> {
        let leads: Vec<u64> =
            found.iter().filter(|(kind, _)| *kind == Kind::Lead).map(|(_, id)| *id).collect();
        let mut open = Vec::new();
        if !leads.is_empty() {
            let questions = open_of(catalogue, "@id", &leads);
            open = self.open(questions.get(..1).unwrap_or_default()).await?;
        }
        let mut people = Vec::new();
        for (kind, id) in found {
            let person = match kind {
                Kind::Contact => Some(Person::Contact(id)),
                _ => open.iter().find(|open| open.place == Place::lead(id)).map(|open| match open.contact {
                    Some(contact) => Person::Contact(contact),
                    None => Person::Lead(id),
                }),
            };
            if let Some(person) = person.filter(|person| !people.contains(person) && people.len() < MOST) {
                people.push(person);
            }
        }
        Ok((people, open))
    }

    async fn open(&self, questions: &[(Kind, Call)]) -> Result<Vec<Open>, Trouble> {
        let calls: Vec<Call> = questions.iter().map(|(_, call)| call.clone()).collect();
        let mut open = Vec::new();
        for ((kind, _), given) in questions.iter().zip(self.api.batch(&calls).await?) {
            let given = given?;
            let items = given.result.get("items").and_then(Value::as_array);
            let items = items.ok_or_else(|| misses(Effect::Read, "items"))?;
            open.extend(items.iter().filter_map(|item| opened(*kind, item)));
        }
        Ok(open)
    }
}

/// Leads, and then deals, that are open and where `field` is one of `ids`. The newest first: of more than a page the
/// oldest are left out.
fn open_of(catalogue: &Catalogue, field: &str, ids: &[u64]) -> [(Kind, Call); 2] {
    let newest = || json!({ "id": "DESC" });
    let stages: Vec<&str> = catalogue
        .directory("STATUS")
        .filter(|entry| entry.semantics.is_empty())
        .map(|entry| entry.id.as_str())
        .collect();
    let leads = json!({ field: ids, "@stageId": stages });
    let deals = json!({ field: ids, "closed": "N" });
    [(Kind::Lead, leads), (Kind::Deal, deals)]
        .map(|(kind, filter)| (kind, super::listed(kind, &filter, &newest())))
}

fn opened(kind: Kind, item: &Value) -> Option<Open> {
    let place = Place { kind, id: id(item.get("id"))? };
    let at = item.get("createdTime").and_then(Value::as_str).and_then(|at| at.parse().ok());
    Some(Open { at, place, contact: id(item.get("contactId")) })
}

/// What one question found: `{"CONTACT": [275]}`, of nobody `[]`, or items of a list.
fn hits(result: &Value, kind: Kind) -> Vec<(Kind, u64)> {
    let ids: Vec<Option<u64>> = match result.get("items").and_then(Value::as_array) {
        Some(items) => items.iter().map(|item| id(item.get("id"))).collect(),
        None => {
            let found = result.get(kind.word().to_uppercase()).and_then(Value::as_array);
            found.into_iter().flatten().map(|found| id(Some(found))).collect()
        }
    };
    ids.into_iter().flatten().take(MOST).map(|id| (kind, id)).collect()
}

fn matched(person: Person, open: &[Open]) -> Match {
    let contact = match person {
        Person::Contact(id) => id.to_string(),
        Person::Lead(id) => Place::lead(id).to_string(),
    };
    let is_theirs = |open: &Open| match person {
        Person::Contact(id) => open.contact == Some(id),
        Person::Lead(id) => open.place == Place::lead(id),
    };
    // By place, because a lead may have been found by itself and with its person.
    let theirs: BTreeMap<String, &Open> =
        open.iter().filter(|open| is_theirs(open)).map(|open| (open.place.to_string(), open)).collect();
    let mut theirs: Vec<&Open> = theirs.into_values().collect();
    theirs.sort_by_key(|open| std::cmp::Reverse((open.at, open.place.kind == Kind::Deal, open.place.id)));
    Match { contact, open_deals: theirs.iter().map(|open| open.place.to_string()).collect() }
}
