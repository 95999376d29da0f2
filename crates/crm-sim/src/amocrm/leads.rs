//! Deals: what may be said of one, and calls that make and change them.

use serde_json::{Value, json};

use super::account;
use super::answer::Answer;
use super::call::Call;
use super::entities;
use super::fields::{self, Errors};
use super::people;
use super::state::{Contact, Lead, State};

const LONGEST_NAME: usize = 255;
const KEYS: &[&str] = &[
    "name",
    "price",
    "status_id",
    "pipeline_id",
    "responsible_user_id",
    "created_by",
    "updated_by",
    "created_at",
    "updated_at",
    "closed_at",
    "loss_reason_id",
    "custom_fields_values",
    "tags_to_add",
    "tags_to_delete",
    "_embedded",
    "request_id",
    "visitor_uid",
];

struct Draft {
    lead: Lead,
    new: Option<Contact>,
    has_company: bool,
}

/// `POST /api/v4/leads`, or `/leads/complex`, which makes a person with the deal.
pub(super) fn post(state: &mut State, call: &Call, complex: bool) -> Result<Answer, Answer> {
    let drafts = entities::read(call, |item, errors| draft(state, item, complex, errors))?;
    let made = drafts.into_iter().map(|(request, draft)| make(state, draft, &request, complex));
    let made: Vec<Value> = made.collect();
    if complex {
        return Ok(Answer::hal(&Value::Array(made)));
    }
    Ok(Answer::hal(&json!({ "_links": {}, "_embedded": { "leads": made } })))
}

fn make(state: &mut State, draft: Draft, request: &str, complex: bool) -> Value {
    let Draft { mut lead, new, has_company } = draft;
    let twice = new.as_ref().filter(|_| state.options.duplicate_control);
    if let Some((lead, contact)) = twice.and_then(|new| people::duplicate(state, new)) {
        return json!({
            "id": lead, "contact_id": contact, "company_id": null, "request_id": [request], "merged": true,
        });
    }
    if let Some(contact) = new {
        let id = state.next_id();
        state.contacts.insert(id, contact);
        lead.contacts.push(id);
    }
    let company = has_company.then(|| state.next_id());
    let (id, contact) = (state.next_id(), lead.contacts.first().copied());
    if lead.name.is_empty() {
        lead.name = format!("Deal #{id}");
    }
    state.leads.insert(id, lead);
    if complex {
        return json!({
            "id": id, "contact_id": contact, "company_id": company, "request_id": [request], "merged": false,
        });
    }
    json!({ "id": id, "request_id": request })
}

fn draft(state: &State, item: &Value, complex: bool, errors: &mut Errors) -> Draft {
    let responsible = account::ANNA;
    let mut lead = Lead { created_at: state.now(), responsible, ..Lead::default() };
    set(state, item, &mut lead, errors);
    let list = |key: &str| item.pointer(&format!("/_embedded/{key}")).and_then(Value::as_array);
    if let Some(embedded) = item.get("_embedded") {
        let known = ["tags", "contacts", "companies", "metadata", "source"];
        errors.unexpected(embedded, "_embedded.", if complex { &known } else { &known[..3] });
    }
    lead.tags = tags(list("tags"), "_embedded.tags", errors);
    let contacts = list("contacts").map_or(&[][..], Vec::as_slice);
    if contacts.len() > 1 {
        errors.add("_embedded.contacts", "TooMany", "This collection should contain 1 element or less.");
    }
    let mut new = None;
    for (nth, contact) in contacts.iter().enumerate() {
        let at = format!("_embedded.contacts.{nth}.");
        match contact.get("id") {
            Some(id) => {
                errors.unexpected(contact, &at, &["id", "is_main"]);
                match id.as_i64().filter(|id| state.contacts.contains_key(id)) {
                    Some(id) => lead.contacts.push(id),
                    None => errors.no_choice(format!("{at}id")),
                }
            }
            None if complex => new = Some(people::draft(state, contact, &at, errors)),
            None => errors.missing(format!("{at}id")),
        }
    }
    let has_company = list("companies").is_some_and(|companies| !companies.is_empty());
    Draft { lead, new, has_company }
}

/// Sets what is given of a deal, new or not.
fn set(state: &State, item: &Value, lead: &mut Lead, errors: &mut Errors) {
    errors.unexpected(item, "", KEYS);
    match item.get("name") {
        None => {}
        Some(Value::String(name)) if name.chars().count() <= LONGEST_NAME => lead.name.clone_from(name),
        Some(_) => errors.of_type("name", "string of 255 characters"),
    }
    match item.get("price") {
        None => {}
        Some(price) if price.as_i64().is_some_and(|price| price >= 0) => lead.price = price.as_i64(),
        Some(_) => errors.of_type("price", "int"),
    }
    if let Some(id) = item.get("responsible_user_id") {
        match state.users.iter().find(|user| id.as_i64() == Some(user.id) && user.active) {
            Some(user) => lead.responsible = user.id,
            None => errors.no_choice("responsible_user_id"),
        }
    }
    stage(state, item, lead, errors);
    let values = item.get("custom_fields_values").unwrap_or(&Value::Null);
    lead.fields.extend(fields::read(values, "custom_fields_values", &state.lead_fields, errors));
}

/// Where it stands: both may be given, either, or none.
fn stage(state: &State, item: &Value, lead: &mut Lead, errors: &mut Errors) {
    let (to, at) = (item.get("pipeline_id"), item.get("status_id"));
    let mut pipelines = state.pipelines.iter().filter(|pipeline| !pipeline.archived);
    let holds = |id: Option<i64>, stages: &[(i64, &str, i64)]| {
        stages.iter().any(|(stage, _, kind)| Some(*stage) == id && *kind == 0)
    };
    let pipeline = match (to, at) {
        (Some(to), _) => pipelines.find(|pipeline| to.as_i64() == Some(pipeline.id)),
        (None, _) if lead.pipeline != 0 => pipelines.find(|pipeline| pipeline.id == lead.pipeline),
        (None, Some(at)) => pipelines.find(|pipeline| holds(at.as_i64(), &pipeline.stages)),
        (None, None) => pipelines.next(),
    };
    let Some(pipeline) = pipeline else {
        errors.no_choice(if to.is_some() { "pipeline_id" } else { "status_id" });
        return;
    };
    let stage = match at.map(Value::as_i64) {
        Some(id) if holds(id, &pipeline.stages) => id,
        Some(_) => {
            errors.no_choice("status_id");
            return;
        }
        None if lead.pipeline == pipeline.id => Some(lead.stage),
        None => pipeline.stages.iter().find(|(_, _, kind)| *kind == 0).map(|(id, ..)| *id),
    };
    (lead.pipeline, lead.stage) = (pipeline.id, stage.unwrap_or(0));
    lead.closed_at = matches!(lead.stage, account::WON | account::LOST).then(|| state.now());
}

fn tags(given: Option<&Vec<Value>>, at: &str, errors: &mut Errors) -> Vec<String> {
    let mut tags = Vec::new();
    for (nth, tag) in given.into_iter().flatten().enumerate() {
        errors.unexpected(tag, &format!("{at}.{nth}."), &["id", "name"]);
        match tag.get("name").and_then(Value::as_str) {
            Some(name) => tags.push(name.to_owned()),
            None => errors.missing(format!("{at}.{nth}.name")),
        }
    }
    tags
}

/// `PATCH /api/v4/leads/{id}`
pub(super) fn patch(state: &mut State, call: &Call, id: &str) -> Answer {
    let Some((id, mut lead)) = find(state, id) else { return Answer::problem(404, "Entity not found") };
    let Some(item @ Value::Object(_)) = call.json() else {
        return Answer::problem(400, "The body is not an object");
    };
    let mut errors = Errors::default();
    set(state, &item, &mut lead, &mut errors);
    let list = |key: &str| item.get(key).and_then(Value::as_array);
    for tag in tags(list("tags_to_add"), "tags_to_add", &mut errors) {
        if !lead.tags.contains(&tag) {
            lead.tags.push(tag);
        }
    }
    let gone = tags(list("tags_to_delete"), "tags_to_delete", &mut errors);
    lead.tags.retain(|tag| !gone.contains(tag));
    if let Some(tags_now) = item.pointer("/_embedded/tags").and_then(Value::as_array) {
        // Given so, the tags are replaced.
        lead.tags = tags(Some(tags_now), "_embedded.tags", &mut errors);
    }
    if !errors.0.is_empty() {
        return Answer::invalid(&[("0".to_owned(), errors.0)]);
    }
    state.leads.insert(id, lead);
    Answer::hal(&json!({ "id": id, "updated_at": state.now(), "_links": {} }))
}

pub(super) fn find(state: &State, id: &str) -> Option<(i64, Lead)> {
    let id: i64 = id.parse().ok()?;
    state.leads.get(&id).map(|lead| (id, lead.clone()))
}
