//! `crm.item.*`

use serde_json::{Map, Value, json};

use super::account;
use super::convert;
use super::filter;
use super::item::{Item, Kind, whole};
use super::methods::Given;
use super::problem::Problem;
use super::state::{State, param, written};
use super::values;

fn kind(params: &Value) -> Result<Kind, Problem> {
    Kind::of(param(params, "entityTypeId")).ok_or_else(|| Problem::not_found("Smart process not found"))
}

fn found(state: &State, params: &Value) -> Result<(Kind, Item), Problem> {
    let kind = kind(params)?;
    let item = whole(param(params, "id")).and_then(|id| state.item(kind, id));
    Ok((kind, item.cloned().ok_or_else(|| Problem::not_found("Element not found"))?))
}

pub(super) fn fields(state: &State, params: &Value) -> Result<Given, Problem> {
    let describe = |field: &account::Field| {
        let mut json = json!({
            "type": field.kind, "isRequired": false, "isReadOnly": field.read_only, "isImmutable": false,
            "isMultiple": field.multiple, "isDynamic": field.id.starts_with("ufCrm"), "title": field.title,
            "upperName": field.upper(), "settings": [],
        });
        if !field.directory.is_empty() {
            json["statusType"] = json!(field.directory);
        }
        if field.kind == "enumeration" {
            let item = |(id, value): &(i64, &str)| json!({ "ID": id.to_string(), "VALUE": value });
            json["items"] = field.items.iter().map(item).collect();
        }
        (field.id.clone(), json)
    };
    let all: Map<String, Value> = state.fields(kind(params)?).iter().map(describe).collect();
    Ok(Given::of(json!({ "fields": all })))
}

pub(super) fn get(state: &State, params: &Value) -> Result<Given, Problem> {
    let (kind, item) = found(state, params)?;
    Ok(Given::of(json!({ "item": item.json(state.fields(kind), &[]) })))
}

pub(super) fn list(state: &State, params: &Value) -> Result<Given, Problem> {
    let kind = kind(params)?;
    let fields = state.fields(kind);
    let mut items = Vec::new();
    for item in state.all(kind) {
        if filter::matches(item, fields, param(params, "filter"))? {
            items.push(item);
        }
    }
    filter::sort(&mut items, fields, param(params, "order"))?;
    let (page, next) = filter::page(&items, params);
    let select = filter::names(param(params, "select"));
    let page: Vec<Value> = page.iter().map(|item| item.json(fields, &select)).collect();
    Ok(Given { next, total: Some(items.len()), ..Given::of(json!({ "items": page })) })
}

pub(super) fn add(state: &mut State, params: &Value) -> Result<Given, Problem> {
    let kind = kind(params)?;
    let mut item = Item::default();
    let now = written(state.now());
    fill(state, kind, &mut item, param(params, "fields"))?;
    if kind == Kind::Contact && item.text("name").is_empty() && item.text("lastName").is_empty() {
        let said = "Required field \"First name\" or \"Last name\" is empty";
        return Err(Problem::new(400, "CRM_FIELD_ERROR_REQUIRED", said));
    }
    item.id = state.next(kind.word());
    let id = item.id;
    item.set("id", id);
    item.set("createdTime", now);
    let mut or = |field: &str, value: Value| {
        if item.get(field).is_null() && state.fields(kind).iter().any(|known| known.id == field) {
            item.set(field, value);
        }
    };
    or("title", json!(format!("{} #{id}", kind.title())));
    or("assignedById", json!(state.options.user));
    or("opened", json!("Y"));
    or("sourceId", json!("CALL"));
    or("currencyId", json!(state.options.currency));
    or("isManualOpportunity", json!("N"));
    or("opportunity", json!(0));
    or("contactIds", json!([]));
    or("stageId", json!("NEW"));
    if kind == Kind::Lead {
        item.set("isReturnCustomer", if item.number("contactId").is_some() { "Y" } else { "N" });
    }
    let stage = item.text("stageId");
    state.keep(kind, item);
    if kind != Kind::Contact {
        state.move_to(kind, id, &stage);
    }
    if kind == Kind::Lead && state.options.simple {
        convert::lead(state, id);
    }
    let item = state.item(kind, id).map(|item| item.json(state.fields(kind), &[]));
    Ok(Given::of(json!({ "item": item })))
}

pub(super) fn update(state: &mut State, params: &Value) -> Result<Given, Problem> {
    let (kind, mut item) = found(state, params)?;
    state.open(kind, item.id)?;
    fill(state, kind, &mut item, param(params, "fields"))?;
    let (id, stage) = (item.id, item.text("stageId"));
    state.keep(kind, item);
    if kind != Kind::Contact {
        state.move_to(kind, id, &stage);
        state.changes.push((kind, id));
    }
    let item = state.item(kind, id).map(|item| item.json(state.fields(kind), &[]));
    Ok(Given::of(json!({ "item": item })))
}

/// What it does not know, and what may not be set, it ignores in silence.
fn fill(state: &mut State, kind: Kind, item: &mut Item, given: &Value) -> Result<(), Problem> {
    let Some(given) = given.as_object() else {
        return Err(Problem::new(400, "100", "Could not find value for parameter {fields}"));
    };
    for (name, value) in given {
        let field = state.fields(kind).iter().find(|field| field.id == *name && !field.read_only).cloned();
        match field {
            Some(field) if field.kind == "crm_multifield" => {
                item.multi.extend(values::multi(state, value)?);
            }
            Some(field) => {
                let kept = values::kept(state, kind, &field, value)?;
                item.set(name, kept);
            }
            None => {}
        }
    }
    if let Some(first) = item.number("contactId") {
        item.set("contactIds", json!([first]));
    }
    // Counted from products, of which there are none.
    if item.text("isManualOpportunity") != "Y" && kind != Kind::Contact {
        item.set("opportunity", 0);
    }
    Ok(())
}
