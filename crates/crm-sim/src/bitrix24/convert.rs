//! What becomes of a lead where there are none: a person and a deal.

use serde_json::{Value, json};

use super::item::{Item, Kind};
use super::state::{State, written};

/// Makes a deal of a lead that says who it is, and of somebody new a person. The deal.
pub(super) fn lead(state: &mut State, id: i64) -> Option<i64> {
    let lead = state.item(Kind::Lead, id).cloned()?;
    let contact = match lead.number("contactId") {
        Some(contact) => contact,
        None if lead.text("name").is_empty() => return None,
        None => {
            let mut contact = copied(state, &lead, Kind::Contact);
            contact.multi = lead.multi.clone();
            let made = contact.id;
            state.keep(Kind::Contact, contact);
            made
        }
    };
    let mut deal = copied(state, &lead, Kind::Deal);
    deal.set("contactId", contact);
    deal.set("contactIds", json!([contact]));
    let made = deal.id;
    state.keep(Kind::Deal, deal);
    state.move_to(Kind::Deal, made, "NEW");
    state.move_to(Kind::Lead, id, "CONVERTED");
    if let Some(mut lead) = state.item(Kind::Lead, id).cloned() {
        lead.set("contactId", contact);
        lead.set("contactIds", json!([contact]));
        state.keep(Kind::Lead, lead);
    }
    Some(made)
}

/// A new item with what the lead has in fields of the same id, or, of those that people made, of the same name. The key
/// of somebody else's program stays with the lead.
fn copied(state: &mut State, lead: &Item, kind: Kind) -> Item {
    let id = state.next(kind.word());
    let mut item = Item { id, ..Item::default() };
    let theirs = state.fields(Kind::Lead);
    for field in state.fields(kind) {
        let own = field.id.starts_with("ufCrm");
        let from = theirs.iter().find(|from| {
            if own { from.id.starts_with("ufCrm") && from.title == field.title } else { from.id == field.id }
        });
        let Some(from) = from.filter(|from| !from.id.starts_with("origin")) else { continue };
        let value = lead.get(&from.id);
        // A choice has another id there.
        let named = from.items.iter().find(|item| value.as_i64() == Some(item.0)).map(|item| item.1);
        let choice = field.items.iter().find(|item| Some(item.1) == named).map(|item| json!(item.0));
        let value = if named.is_some() { choice.unwrap_or(Value::Null) } else { value.clone() };
        item.values.insert(field.id.clone(), value);
    }
    item.set("id", id);
    item.set("leadId", lead.id);
    item.set("createdTime", written(state.now()));
    item
}
