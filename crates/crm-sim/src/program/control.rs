//! Beside the CRM's own API: `GET /` and `GET /deals` show the deals, `POST /deals/{id}/{stage}` and `DELETE /deals/{id}` are
//! a manager's hand.

use std::fmt::Write;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, Response};
use axum::middleware::{self, Next};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::account::{Account, To};
use super::journal::{Happening, Journal, shown};
use crate::Deal;
use crate::served::answer;

/// What all of it shares.
pub(super) struct Desk {
    pub(super) account: Account,
    pub(super) journal: Journal,
    pub(super) hook: String,
    pub(super) url: String,
}

pub(super) fn router(desk: Arc<Desk>) -> Router {
    let api = desk.account.router().layer(middleware::from_fn_with_state(desk.clone(), watched));
    let control = Router::new()
        .route("/", get(page))
        .route("/deals", get(list))
        .route("/deals/{id}", get(one).delete(remove))
        .route("/deals/{id}/{stage}", post(put))
        .with_state(desk);
    api.merge(control)
}

impl Desk {
    fn look(&self) {
        self.journal.look(|| self.account.deals());
    }

    fn deal(&self, id: &str) -> Option<Deal> {
        self.account.deals().into_iter().find(|deal| deal.id == id)
    }
}

/// A call of the CRM's API; what it has changed is told.
async fn watched(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response<Body> {
    let answered = next.run(request).await;
    desk.look();
    answered
}

async fn list(State(desk): State<Arc<Desk>>) -> Json<Vec<Deal>> {
    Json(desk.account.deals())
}

async fn one(State(desk): State<Arc<Desk>>, Path(id): Path<String>) -> Response<Body> {
    match desk.deal(&id) {
        Some(deal) => said(200, &json!(deal)),
        None => no_such(&id),
    }
}

async fn put(State(desk): State<Arc<Desk>>, Path((id, stage)): Path<(String, String)>) -> Response<Body> {
    if desk.deal(&id).is_none() {
        return no_such(&id);
    }
    let moved = desk.account.put(&id, &To::read(&stage)).await;
    desk.look();
    match moved {
        Err(why) => said(422, &json!({ "error": why })),
        Ok(moved) => {
            for status in &moved.told {
                desk.journal.tell(&Happening::Told { deal: &moved.deal, hook: &desk.hook, status: *status });
            }
            let told = json!({ "hook": desk.hook, "answered": moved.told });
            said(200, &json!({ "deal": moved.deal, "stage": moved.stage, "told": told }))
        }
    }
}

async fn remove(State(desk): State<Arc<Desk>>, Path(id): Path<String>) -> Response<Body> {
    if desk.deal(&id).is_none() {
        return no_such(&id);
    }
    desk.account.remove(&id);
    desk.look();
    said(200, &json!({ "deal": id, "removed": true }))
}

fn no_such(id: &str) -> Response<Body> {
    said(404, &json!({ "error": format!("there is no deal {id}; GET /deals lists them") }))
}

fn said(status: u16, body: &Value) -> Response<Body> {
    answer(status, "application/json", format!("{body}\n"))
}

/// Text, so that nothing that a person has written is read as anything else.
async fn page(State(desk): State<Arc<Desk>>) -> Response<Body> {
    let mut response = answer(200, "text/plain; charset=utf-8", text(&desk));
    response.headers_mut().insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}

fn text(desk: &Desk) -> String {
    let (deals, people, url) = (desk.account.deals(), desk.account.people(), &desk.url);
    let mut text = format!("Deals: {}. Changes are told to {}\n", deals.len(), desk.hook);
    if deals.is_empty() {
        text.push_str("\nNone yet: a lead makes one.\n");
    }
    for deal in &deals {
        let stages = desk.account.stages(&deal.id);
        let stage =
            stages.iter().find(|stage| stage.id == deal.stage).map(|stage| format!(" ({})", stage.name));
        let of = deal.contact.as_ref().unwrap_or(&deal.id);
        let who = people.iter().find(|person| person.id == *of).map(|person| {
            let ways = person.phones.iter().chain(&person.emails).map(String::as_str);
            std::iter::once(person.name.as_str()).chain(ways).map(shown).collect::<Vec<_>>().join(", ")
        });
        text.push('\n');
        let mut line = |name: &str, value: &str| {
            if !value.is_empty() {
                // Writing to a string does not fail.
                let _ = writeln!(text, "  {name:12} {value}");
            }
        };
        line("deal", &format!("{}  {}", deal.id, shown(&deal.name)));
        line("person", &who.unwrap_or_default());
        line("price", &deal.price.map(|price| price.to_string()).unwrap_or_default());
        line("stage", &format!("{}{}", deal.stage, stage.unwrap_or_default()));
        line("pipeline", &shown(&deal.pipeline));
        line("responsible", &shown(&deal.responsible));
        line("tags", &shown(&deal.tags.join(", ")));
        for note in &deal.notes {
            let lines: Vec<String> = note.replace("<br>", "\n").lines().map(shown).collect();
            line("note", &lines.join(&format!("\n  {:12} ", "")));
        }
        let ids: Vec<&str> = stages.iter().map(|stage| stage.id.as_str()).collect();
        line("to move it", &format!("curl -X POST {url}/deals/{}/won", deal.id));
        line("", &format!("or lost, {}", ids.join(", ")));
        line("to delete it", &format!("curl -X DELETE {url}/deals/{}", deal.id));
    }
    text
}
