//! What a person at the portal sees.

use std::collections::BTreeMap;

use super::item::{Item, Kind};
use super::state::State;
use crate::{Deal, Person};

/// What stands in a place of its own.
const ELSEWHERE: &[&str] = &[
    "id",
    "title",
    "name",
    "lastName",
    "opportunity",
    "stageId",
    "categoryId",
    "contactId",
    "contactIds",
    "assignedById",
];

/// Leads and deals, the leads first; not those leads that became deals.
pub(super) fn deals(state: &State) -> Vec<Deal> {
    let became = |lead: &&Item| state.all(Kind::Deal).any(|deal| deal.number("leadId") == Some(lead.id));
    let leads = state.all(Kind::Lead).filter(|lead| !became(lead)).map(|lead| deal(state, Kind::Lead, lead));
    leads.chain(state.all(Kind::Deal).map(|item| deal(state, Kind::Deal, item))).collect()
}

fn deal(state: &State, kind: Kind, item: &Item) -> Deal {
    let comments = state.comments.iter().filter(|comment| comment.of == (kind, item.id));
    let price = item.get("opportunity").as_f64().filter(|_| item.text("isManualOpportunity") == "Y");
    Deal {
        id: format!("{}:{}", kind.word(), item.id),
        name: item.text("title"),
        contact: item.number("contactId").map(|id| id.to_string()),
        price: price.map(|price| price as i64),
        pipeline: item.text("categoryId"),
        stage: item.text("stageId"),
        responsible: item.text("assignedById"),
        tags: Vec::new(),
        fields: fields(item),
        notes: comments.map(|comment| comment.text.clone()).collect(),
    }
}

/// People, and those whom only a lead knows, with its id.
pub(super) fn people(state: &State) -> Vec<Person> {
    let people = state.all(Kind::Contact).map(|item| person(item.id.to_string(), item));
    let alone = state.all(Kind::Lead).filter(|lead| lead.number("contactId").is_none());
    people.chain(alone.map(|lead| person(format!("lead:{}", lead.id), lead))).collect()
}

fn person(id: String, item: &Item) -> Person {
    let all = |of| item.multi_of(of).map(str::to_owned).collect();
    let name = format!("{} {}", item.text("name"), item.text("lastName"));
    let mut fields = fields(item);
    fields.extend(
        item.multi.iter().filter(|multi| multi.of == "IM").map(|im| (im.kind.clone(), im.value.clone())),
    );
    Person { id, name: name.trim().to_owned(), phones: all("PHONE"), emails: all("EMAIL"), fields }
}

/// Those that are filled, by their ids.
fn fields(item: &Item) -> BTreeMap<String, String> {
    let own = item.values.keys().filter(|name| !ELSEWHERE.contains(&name.as_str()));
    own.map(|name| (name.clone(), item.text(name))).filter(|(_, text)| !text.is_empty()).collect()
}
