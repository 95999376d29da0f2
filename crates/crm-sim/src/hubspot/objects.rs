//! Objects: made, read, changed, and tied to each other.

use ids::Clock;
use serde_json::{Value, json};

use super::Kind;
use super::answer::{Answer, Outcome};
use super::world::World;

/// Inputs of a batch at most.
const BATCH: usize = 100;
/// Associations on a page at most.
const PAGE: usize = 500;

/// `POST /crm/v3/objects/{kind}`
pub(super) fn create(world: &mut World, kind: Kind, body: &Value) -> Outcome {
    if !body["properties"].is_object() {
        return Err(Answer::wrong("Invalid input JSON on line 1, column 1: properties is missing"));
    }
    let values = world.checked(kind, None, &body["properties"])?;
    if kind == Kind::Notes && !values.contains_key("hs_timestamp") {
        return Err(Answer::wrong("Some required properties were not set: [hs_timestamp]"));
    }
    let links = links(world, kind, &body["associations"])?;
    if links.iter().any(|(to, id)| *to == Kind::Deals && world.closed.contains(id)) {
        return Err(Answer::forbidden());
    }
    let id = world.create(kind, values, &links);
    Ok(Answer::of(201, whole(world, kind, id)))
}

/// `PATCH /crm/v3/objects/{kind}/{id}`
pub(super) fn update(world: &mut World, kind: Kind, id: Option<u64>, body: &Value) -> Outcome {
    let id = id.filter(|id| world.get(kind, *id).is_some()).ok_or_else(Answer::not_found)?;
    if kind == Kind::Deals && world.closed.contains(&id) {
        return Err(Answer::forbidden());
    }
    let values = world.checked(kind, Some(id), &body["properties"])?;
    world.set(kind, id, values);
    Ok(Answer::ok(whole(world, kind, id)))
}

/// `GET /crm/v3/objects/{kind}/{id}`, with the ids of what is tied to it where that is asked for.
pub(super) fn read(world: &World, kind: Kind, id: Option<u64>, asked: &[String], tied: &[String]) -> Outcome {
    let id = id.filter(|id| world.get(kind, *id).is_some()).ok_or_else(Answer::not_found)?;
    let mut shown = world.shown(kind, id, asked);
    for to in tied.iter().filter_map(|name| Kind::parse(name)) {
        let ids = world.linked(kind, id, to).into_iter();
        let results: Vec<Value> =
            ids.map(|other| json!({ "id": other.to_string(), "type": kind.to(to) })).collect();
        if !results.is_empty() {
            shown["associations"][to.name()] = json!({ "results": results });
        }
    }
    Ok(Answer::ok(shown))
}

/// `POST /crm/v3/objects/{kind}/batch/upsert`: all or nothing.
pub(super) fn upsert(world: &mut World, kind: Kind, body: &Value) -> Outcome {
    let mut checked = Vec::new();
    for input in inputs(body)? {
        let property = input["idProperty"].as_str().unwrap_or("");
        if !world.property(kind, property).is_some_and(|property| property.is_unique) {
            let message = format!(
                "Unable to perform update/upsert by non-unique {} property {property} in portal ID 145",
                kind.type_id()
            );
            return Err(Answer::wrong(&message));
        }
        let value = input["id"].as_str().unwrap_or("").trim().to_lowercase();
        let mut given = input["properties"].clone();
        given[property] = json!(value);
        let id = world.by_unique(kind, property, &value);
        if checked.iter().any(|(_, _, before)| *before == value) {
            return Err(Answer::wrong("Duplicate IDs found in batch input"));
        }
        checked.push((id, world.checked(kind, id, &given)?, value));
    }
    let mut results = Vec::new();
    for (id, values, _) in checked {
        let is_new = id.is_none();
        let id = match id {
            Some(id) => {
                world.set(kind, id, values);
                id
            }
            None => world.create(kind, values, &[]),
        };
        let mut shown = whole(world, kind, id);
        shown["new"] = json!(is_new);
        results.push(shown);
    }
    Ok(batch(200, &results))
}

/// `POST /crm/v3/objects/{kind}/batch/read`: 207 where some are not there.
pub(super) fn read_batch(world: &World, kind: Kind, body: &Value) -> Outcome {
    let (asked, mut results, mut missing) = (names(&body["properties"]), Vec::new(), Vec::new());
    for input in inputs(body)? {
        let id = input["id"].as_str().unwrap_or("");
        match id.parse().ok().filter(|id| world.get(kind, *id).is_some()) {
            Some(id) => results.push(world.shown(kind, id, &asked)),
            None => missing.push(json!(id)),
        }
    }
    let mut answer = batch(if missing.is_empty() { 200 } else { 207 }, &results);
    if !missing.is_empty() {
        answer.body["numErrors"] = json!(1);
        answer.body["errors"] = json!([{
            "status": "error", "category": "OBJECT_NOT_FOUND", "context": { "ids": missing },
            "message": "Could not get some objects, they may be deleted or not exist. Check that ids are valid.",
        }]);
    }
    Ok(answer)
}

/// `GET /crm/v3|v4/objects/{kind}/{id}/associations/{to}`: at once what was tied, unlike a search.
pub(super) fn associations(
    world: &World,
    (kind, id): (Kind, Option<u64>),
    to: Kind,
    (limit, after): (Option<usize>, usize),
    is_v4: bool,
) -> Outcome {
    let id = id.filter(|id| world.get(kind, *id).is_some()).ok_or_else(Answer::not_found)?;
    let (all, limit) = (world.linked(kind, id, to), limit.unwrap_or(PAGE));
    if limit > PAGE {
        return Err(Answer::wrong("The limit is 500"));
    }
    let shown = all.iter().skip(after).take(limit).map(|other| {
        if is_v4 {
            let types = json!([{ "category": "HUBSPOT_DEFINED", "typeId": kind.type_to(to), "label": null }]);
            json!({ "toObjectId": other, "associationTypes": types })
        } else {
            json!({ "id": other.to_string(), "type": kind.to(to) })
        }
    });
    let mut body = json!({ "results": shown.collect::<Vec<_>>() });
    if after + limit < all.len() {
        body["paging"] = json!({ "next": { "after": (after + limit).to_string() } });
    }
    Ok(Answer::ok(body))
}

/// The texts of an array.
pub(super) fn names(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What a new object is to be tied to.
fn links(world: &World, kind: Kind, given: &Value) -> Result<Vec<(Kind, u64)>, Answer> {
    let mut links = Vec::new();
    for one in given.as_array().into_iter().flatten() {
        let id: Option<u64> = match &one["to"]["id"] {
            Value::String(id) => id.parse().ok(),
            other => other.as_u64(),
        };
        for association in one["types"].as_array().into_iter().flatten() {
            let number = association["associationTypeId"].as_u64().unwrap_or(0);
            let to = Kind::ALL.into_iter().find(|to| kind.type_to(*to) == Some(number));
            let is_known = association["associationCategory"] == "HUBSPOT_DEFINED";
            let Some(to) = to.filter(|_| is_known) else {
                let message = format!("association type id {number} doesn't exist for {}", kind.name());
                return Err(Answer::wrong(&message));
            };
            let there = id.filter(|id| world.get(to, *id).is_some());
            let Some(there) = there else {
                let message = format!("{}={} is not valid", to.name().to_uppercase(), one["to"]["id"]);
                return Err(Answer::wrong(&message));
            };
            links.push((to, there));
        }
    }
    Ok(links)
}

fn inputs(body: &Value) -> Result<&[Value], Answer> {
    let inputs = body["inputs"].as_array().map_or(&[][..], Vec::as_slice);
    if inputs.is_empty() || inputs.len() > BATCH {
        return Err(Answer::wrong("The batch must have 1 to 100 inputs"));
    }
    Ok(inputs)
}

fn batch(status: u16, results: &[Value]) -> Answer {
    let now = Clock::system().now().to_string();
    let body = json!({ "status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now });
    Answer::of(status, body)
}

/// With every property that it has.
fn whole(world: &World, kind: Kind, id: u64) -> Value {
    let has: Vec<String> =
        world.get(kind, id).map(|object| object.properties.keys().cloned().collect()).unwrap_or_default();
    world.shown(kind, id, &has)
}
