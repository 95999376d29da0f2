//! `crm.timeline.comment.*`

use serde_json::{Value, json};

use super::filter;
use super::item::{Kind, whole};
use super::methods::Given;
use super::problem::Problem;
use super::state::{Comment, State, param, written};

fn place(given: &Value) -> Option<(Kind, i64)> {
    let word = param(given, "ENTITY_TYPE").as_str()?;
    let kind = [Kind::Lead, Kind::Deal, Kind::Contact].into_iter().find(|kind| kind.word() == word)?;
    Some((kind, whole(param(given, "ENTITY_ID"))?))
}

pub(super) fn add(state: &mut State, params: &Value) -> Result<Given, Problem> {
    let fields = param(params, "fields");
    let said = || Problem::new(400, "100", "Could not find value for parameter {fields}");
    let (kind, id) = place(fields).ok_or_else(said)?;
    let text = param(fields, "COMMENT").as_str().unwrap_or("").trim();
    if text.is_empty() {
        return Err(Problem::argument("Empty comment message"));
    }
    if state.item(kind, id).is_none() {
        return Err(Problem::new(400, "OWNER_NOT_FOUND", "Owner was not found"));
    }
    state.open(kind, id)?;
    let (comment, created) = (state.next("comment"), written(state.now()));
    state.comments.push(Comment { id: comment, of: (kind, id), text: text.to_owned(), created });
    Ok(Given::of(json!(comment)))
}

pub(super) fn list(state: &State, params: &Value) -> Result<Given, Problem> {
    let denied = || Problem::new(400, "", "Access denied.");
    let of = place(param(params, "filter")).ok_or_else(denied)?;
    state.item(of.0, of.1).ok_or_else(denied)?;
    let mut comments: Vec<&Comment> = state.comments.iter().filter(|comment| comment.of == of).collect();
    let newest = param(param(params, "order"), "ID").as_str().unwrap_or("ASC");
    if newest.eq_ignore_ascii_case("DESC") {
        comments.reverse();
    }
    let (page, next) = filter::page(&comments, params);
    let json = |comment: &&Comment| {
        json!({
            "ID": comment.id.to_string(), "ENTITY_ID": comment.of.1.to_string(), "ENTITY_TYPE": comment.of.0.word(),
            "CREATED": comment.created, "COMMENT": comment.text, "AUTHOR_ID": state.options.user.to_string(),
            // An empty map.
            "FILES": [],
        })
    };
    let page: Vec<Value> = page.iter().map(json).collect();
    Ok(Given { next, total: Some(comments.len()), ..Given::of(json!(page)) })
}
