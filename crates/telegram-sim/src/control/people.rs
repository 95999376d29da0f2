//! Bots and people.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::problem::Problem;
use crate::model::User;
use crate::options::BotSpec;
use crate::state::Bot;
use crate::sync::{lock, read};

#[derive(Debug, Deserialize)]
pub(super) struct NewBot {
    name: String,
    token: String,
    #[serde(default = "yes")]
    privacy: bool,
    #[serde(default = "yes")]
    private_topics: bool,
}

fn yes() -> bool {
    true
}

pub(super) async fn add_bot(State(sim): State<App>, Json(new): Json<NewBot>) -> Result<Json<Value>, Problem> {
    let mut spec = BotSpec::new(new.name, new.token);
    spec.privacy = new.privacy;
    spec.private_topics = new.private_topics;
    let bot = sim.add_bot(&spec)?;
    Ok(Json(view(&bot, "")))
}

pub(super) async fn bots(State(sim): State<App>) -> Json<Value> {
    Json(sim.bots().iter().map(|bot| view(bot, "")).collect())
}

/// Without the token; what it says of itself as people of this language see it.
pub(super) fn view(bot: &Bot, language: &str) -> Value {
    let (pending, polls) = {
        let updates = lock(&bot.updates);
        (updates.len(), updates.poll)
    };
    let webhook = lock(&bot.webhook).is_some();
    let profile = lock(&bot.profile);
    let listed = |language: &str| profile.commands.get(&("default".to_owned(), language.to_owned()));
    let commands = listed(language).or_else(|| listed("")).cloned().unwrap_or_default();
    let said = |texts: &BTreeMap<String, String>| {
        texts.get(language).or_else(|| texts.get("")).cloned().unwrap_or_default()
    };
    let (description, short_description) = (said(&profile.description), said(&profile.short_description));
    drop(profile);
    json!({
        "id": bot.id,
        "name": bot.name,
        "username": bot.username,
        "user": bot.user(),
        "commands": commands,
        "description": description,
        "short_description": short_description,
        "pending_updates": pending,
        // Long polls that had to wait, since the start.
        "polls_waited": polls,
        "webhook": webhook,
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct NewPerson {
    #[serde(default)]
    id: i64,
    first_name: String,
    #[serde(default)]
    last_name: Option<String>,
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    language_code: Option<String>,
}

pub(super) async fn add_person(
    State(sim): State<App>,
    Json(new): Json<NewPerson>,
) -> Result<Json<User>, Problem> {
    let name = new.first_name.trim();
    if name.is_empty() || name.chars().count() > 64 {
        return Err(Problem::invalid("a first name has from 1 to 64 characters"));
    }
    if new.id < 0 {
        return Err(Problem::invalid("the id of a person is positive"));
    }
    Ok(Json(sim.add_person(User {
        id: new.id,
        is_bot: false,
        first_name: name.to_owned(),
        last_name: new.last_name,
        username: new.username,
        language_code: new.language_code,
    })))
}

pub(super) async fn people(State(sim): State<App>) -> Json<Vec<User>> {
    Json(read(&sim.people).all().cloned().collect())
}
