//! What is set up in the portal, and whom its telephones belong to.

use serde_json::{Map, Value, json};

use super::account::{CATEGORIES, CURRENCIES, DIRECTORIES, Entry};
use super::filter;
use super::item::{Item, Kind};
use super::methods::Given;
use super::problem::Problem;
use super::state::{State, param};
use super::values::phone;

/// Of one kind no more are found; and then none of the kinds after it.
const MOST_FOUND: usize = 20;

pub(super) fn statuses(params: &Value) -> Given {
    let wanted = param(param(params, "filter"), "ENTITY_ID").as_str();
    let entries = DIRECTORIES.iter().filter(|entry| wanted.is_none_or(|wanted| entry.0 == wanted));
    let json = |(nth, (directory, id, name, semantics)): (usize, &Entry)| {
        let extra = match semantics {
            Some(semantics) => json!({ "SEMANTICS": semantics, "COLOR": "#7BD500" }),
            None => json!([]),
        };
        json!({
            "ID": (nth + 100).to_string(), "ENTITY_ID": directory, "STATUS_ID": id, "NAME": name, "NAME_INIT": "",
            "SORT": (nth * 10).to_string(), "SYSTEM": "N", "CATEGORY_ID": null, "COLOR": null,
            "SEMANTICS": semantics, "EXTRA": extra,
        })
    };
    let all: Vec<Value> = entries.enumerate().map(json).collect();
    Given { total: Some(all.len()), ..Given::of(json!(all)) }
}

pub(super) fn categories(params: &Value) -> Result<Given, Problem> {
    if Kind::of(param(params, "entityTypeId")) != Some(Kind::Deal) {
        let said = "Entity type is not supported";
        return Err(Problem::new(400, "ENTITY_TYPE_NOT_SUPPORTED", said));
    }
    let json = |(id, name): &(i64, &str)| {
        json!({
            "id": id, "name": name, "sort": 300, "entityTypeId": 2, "isDefault": if *id == 0 { "Y" } else { "N" },
        })
    };
    let all: Vec<Value> = CATEGORIES.iter().map(json).collect();
    Ok(Given { total: Some(all.len()), ..Given::of(json!({ "categories": all })) })
}

pub(super) fn currencies(state: &State) -> Given {
    let json = |code: &&str| {
        let base = if *code == state.options.currency { "Y" } else { "N" };
        json!({ "CURRENCY": code, "AMOUNT": "1.0000", "BASE": base, "FULL_NAME": code, "DECIMALS": "2" })
    };
    Given { total: Some(0), ..Given::of(CURRENCIES.iter().map(json).collect()) }
}

pub(super) fn users(state: &State, params: &Value) -> Given {
    let filter = params.get("FILTER").or_else(|| params.get("filter")).unwrap_or(&Value::Null);
    let active =
        [json!(true), json!("Y"), json!("1"), json!(1), json!("true")].contains(param(filter, "ACTIVE"));
    let mut users = state.users();
    users.retain(|user| user.3 || !active);
    let (page, next) = filter::page(&users, params);
    let json = |(id, name, last_name, active): &(i64, String, String, bool)| {
        json!({
            "ID": id.to_string(), "ACTIVE": active, "NAME": name, "LAST_NAME": last_name, "USER_TYPE": "employee",
            // An empty map.
            "TIMESTAMP_X": [],
        })
    };
    let page: Vec<Value> = page.iter().map(json).collect();
    Given { next, total: Some(users.len()), ..Given::of(json!(page)) }
}

/// `crm.duplicate.findbycomm`
pub(super) fn duplicates(state: &State, params: &Value) -> Result<Given, Problem> {
    let refused = |said: String| Problem::new(400, &said, &said);
    let of = param(params, "type").as_str().unwrap_or("").to_owned();
    if !["PHONE", "EMAIL"].contains(&of.as_str()) {
        let said = format!("Communication type '{of}' is not supported in current context");
        return Err(refused(said));
    }
    let values = filter::names(param(params, "values"));
    if values.is_empty() || values.len() > 20 {
        return Err(refused("Communication values is not defined".to_owned()));
    }
    let same = |one: &str, other: &str| match of.as_str() {
        "PHONE" => phone(one) == phone(other),
        _ => one.trim().eq_ignore_ascii_case(other.trim()),
    };
    let has = |item: &&Item| item.multi_of(&of).any(|own| values.iter().any(|value| same(own, value)));
    let wanted = param(params, "entity_type").as_str();
    let mut found = Map::new();
    for (word, kind) in [("LEAD", Kind::Lead), ("CONTACT", Kind::Contact)] {
        if wanted.is_some_and(|wanted| wanted != word) {
            continue;
        }
        let ids: Vec<i64> = state.all(kind).filter(has).map(|item| item.id).take(MOST_FOUND).collect();
        let hides = ids.len() >= MOST_FOUND;
        if !ids.is_empty() {
            found.insert(word.to_owned(), json!(ids));
        }
        if hides {
            break;
        }
    }
    Ok(Given::of(map(found)))
}

/// A map as PHP writes it: empty it is a list.
pub(super) fn map(map: Map<String, Value>) -> Value {
    if map.is_empty() { json!([]) } else { Value::Object(map) }
}
