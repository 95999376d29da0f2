//! Calls that read.

use serde_json::{Value, json};

use super::account::Field;
use super::answer::Answer;
use super::call::Call;
use super::state::{State, filled};

/// Fields come in smaller pages than anything else, whatever is asked for.
const FIELDS_A_PAGE: usize = 50;
/// So many digits at the end of a telephone are enough for the search to find it.
const FOUND_BY: usize = 7;

/// A page of a list, or 204 where nothing is on it. `most` is what a page holds at most.
pub(super) fn page(call: &Call, items: Vec<Value>, key: &str, most: usize) -> Answer {
    let number = |name: &str, usual: usize| match call.param(name) {
        None => Some(usual),
        Some(given) => given.parse().ok().filter(|number| *number > 0),
    };
    let (Some(limit), Some(nth)) = (number("limit", 50).filter(|limit| *limit <= 250), number("page", 1))
    else {
        return Answer::problem(400, "Invalid page or limit");
    };
    let limit = limit.min(most);
    let from = (nth - 1).saturating_mul(limit);
    let is_more = items.len() > from.saturating_add(limit);
    let items: Vec<Value> = items.into_iter().skip(from).take(limit).collect();
    if items.is_empty() {
        return Answer::empty();
    }
    let mut links = json!({ "self": { "href": call.line() } });
    if is_more {
        links["next"] = json!({ "href": format!("https://acme.amocrm.ru/?limit={limit}&page={}", nth + 1) });
    }
    Answer::hal(&json!({ "_page": nth, "_links": links, "_embedded": { key: items } }))
}

pub(super) fn account(state: &State) -> Answer {
    let options = &state.options;
    let symbol = if options.currency == "RUB" { "₽" } else { "$" };
    Answer::hal(&json!({
        "id": options.account_id, "name": "Acme", "subdomain": options.subdomain, "created_at": 1_585_101_627,
        "created_by": 0, "updated_at": 1_590_072_387, "updated_by": 0, "current_user_id": 331, "country": "RU",
        "customers_mode": "disabled", "is_unsorted_on": true, "is_loss_reason_enabled": true,
        "currency": options.currency, "currency_symbol": symbol, "_links": {},
    }))
}

pub(super) fn users(state: &State, call: &Call) -> Answer {
    let one = |user: &super::account::User| {
        json!({
            "id": user.id, "name": user.name, "email": format!("{}@acme.example", user.id), "lang": "ru",
            "rights": { "is_admin": false, "is_free": false, "is_active": user.active },
        })
    };
    page(call, state.users.iter().map(one).collect(), "users", 250)
}

/// All at once: there are no pages of pipelines.
pub(super) fn pipelines(state: &State) -> Answer {
    let one = |pipeline: &super::account::Pipeline| {
        let stage = |(id, name, kind): &(i64, &str, i64)| json!({ "id": id, "name": name, "sort": 10, "is_editable": *kind == 0, "pipeline_id": pipeline.id, "type": kind });
        let stages: Vec<Value> = pipeline.stages.iter().map(stage).collect();
        json!({
            "id": pipeline.id, "name": pipeline.name, "sort": 1, "is_main": pipeline.id == state.pipelines[0].id,
            "is_unsorted_on": true, "is_archive": pipeline.archived, "_embedded": { "statuses": stages },
        })
    };
    let all: Vec<Value> = state.pipelines.iter().map(one).collect();
    Answer::hal(&json!({ "_total_items": all.len(), "_links": {}, "_embedded": { "pipelines": all } }))
}

pub(super) fn fields(fields: &[Field], call: &Call) -> Answer {
    let one = |field: &Field| {
        let choice = |(id, value): &(i64, &str)| json!({ "id": id, "value": value, "sort": 1 });
        let enums: Vec<Value> = field.enums.iter().map(choice).collect();
        let code = Some(field.code).filter(|code| !code.is_empty());
        json!({
            "id": field.id, "name": field.name, "code": code, "type": field.kind, "sort": 1, "is_api_only": false,
            "is_predefined": code.is_some(), "is_deletable": code.is_none(), "is_computed": field.computed,
            "enums": if enums.is_empty() { Value::Null } else { enums.into() }, "required_statuses": [],
        })
    };
    page(call, fields.iter().map(one).collect(), "custom_fields", FIELDS_A_PAGE)
}

pub(super) fn leads(state: &State, call: &Call) -> Answer {
    let (query, ids) = (call.param("query").unwrap_or(""), call.filtered_ids());
    let created = |end: &str| call.param(&format!("filter[created_at][{end}]")).map(str::parse::<i64>);
    let (from, to) = (created("from"), created("to"));
    if matches!(from, Some(Err(_))) || matches!(to, Some(Err(_))) {
        return Answer::problem(400, "Invalid filter");
    }
    let (from, to) = (from.and_then(Result::ok), to.and_then(Result::ok));
    let found = state.leads.iter().filter(|(id, lead)| {
        if from.is_some_and(|from| lead.created_at < from) || to.is_some_and(|to| lead.created_at > to) {
            return false;
        }
        ids.as_ref().is_none_or(|ids| ids.contains(*id))
            && (query.is_empty() || state.is_indexed(**id))
            && finds(query, &filled(&lead.name, &lead.fields))
    });
    let mut items: Vec<Value> =
        found.map(|(id, lead)| state.lead_json(*id, lead, call.with("contacts"))).collect();
    if [call.param("order[created_at]"), call.param("order[id]")].contains(&Some("desc")) {
        items.reverse();
    }
    page(call, items, "leads", 250)
}

/// `GET /api/v4/leads/{id}`
pub(super) fn lead(state: &State, call: &Call, id: &str) -> Answer {
    let found = super::leads::find(state, id);
    found.map_or_else(Answer::empty, |(id, lead)| {
        Answer::hal(&state.lead_json(id, &lead, call.with("contacts")))
    })
}

pub(super) fn contacts(state: &State, call: &Call) -> Answer {
    let query = call.param("query").unwrap_or("");
    let found = state.contacts.iter().filter(|(id, contact)| {
        (query.is_empty() || state.is_indexed(**id)) && finds(query, &filled(&contact.name, &contact.fields))
    });
    let items = found.map(|(id, contact)| state.contact_json(*id, contact, call.with("leads"))).collect();
    page(call, items, "contacts", 250)
}

/// `GET /api/v4/contacts/{id}`
pub(super) fn contact(state: &State, call: &Call, id: &str) -> Answer {
    let found = id.parse().ok().and_then(|id: i64| Some((id, state.contacts.get(&id)?)));
    found.map_or_else(Answer::empty, |(id, contact)| {
        Answer::hal(&state.contact_json(id, contact, call.with("leads")))
    })
}

/// The search is generous: it looks for the words anywhere, and a telephone is found by its end.
fn finds(query: &str, filled: &[String]) -> bool {
    let words = query.to_lowercase();
    let digits = digits_of(query);
    let is_phone =
        query.chars().all(|c| c.is_ascii_digit() || " +-()".contains(c)) && digits.len() >= FOUND_BY;
    let end = &digits[digits.len().saturating_sub(FOUND_BY)..];
    filled
        .iter()
        .any(|text| text.to_lowercase().contains(&words) || (is_phone && digits_of(text).contains(end)))
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
