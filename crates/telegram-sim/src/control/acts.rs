//! What a person does in a chat.

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::address::{self, Address};
use super::problem::Problem;
use crate::model::{Contact, Location, Message, ReplyTarget};
use crate::sync::lock;
use crate::text;
use crate::world::{ActError, NewMessage, Place};

#[derive(Debug, Deserialize)]
pub(super) struct NewPost {
    #[serde(flatten)]
    address: Address,
    #[serde(default)]
    thread: Option<i64>,
    #[serde(default)]
    reply_to: Option<i64>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    contact: Option<Contact>,
    #[serde(default)]
    location: Option<Location>,
    /// Messages of one album carry the same one.
    #[serde(default)]
    media_group_id: Option<String>,
}

pub(super) async fn message(
    State(sim): State<App>,
    Json(new): Json<NewPost>,
) -> Result<Json<Message>, Problem> {
    let place = new.address.place(&sim)?;
    let mut message = blank(&sim, &place);
    message.media_group_id = new.media_group_id;
    match (new.text, new.contact, new.location) {
        (Some(written), None, None) => {
            let formatted = text::plain(&written);
            if formatted.text.is_empty() || text::utf16_len(&formatted.text) > 4096 {
                return Err(Problem::invalid("a text has from 1 to 4096 characters"));
            }
            (message.text, message.entities) = (Some(formatted.text), formatted.entities);
        }
        (None, Some(contact), None) => message.contact = Some(contact),
        (None, None, Some(location)) => message.location = Some(location),
        _ => return Err(Problem::invalid("a message has one of text, contact and location")),
    }
    let target = ReplyTarget { thread: new.thread, reply_to: new.reply_to };
    let posted = sim.post_as_person(&place, NewMessage { message, target, keyboard: None })?;
    Ok(Json((*posted).clone()))
}

/// A message by this person, now, in this chat.
pub(super) fn blank(sim: &App, place: &Place) -> Message {
    let view = lock(&place.chat.state).view.clone();
    Message::new(view, Some(place.person.clone()), sim.now())
}

#[derive(Debug, Deserialize)]
pub(super) struct Edit {
    #[serde(flatten)]
    address: Address,
    message_id: i64,
    text: String,
}

pub(super) async fn edit(State(sim): State<App>, Json(edit): Json<Edit>) -> Result<Json<Message>, Problem> {
    let place = edit.address.place(&sim)?;
    let text = text::plain(&edit.text);
    if text.text.is_empty() {
        return Err(Problem::invalid("a text has from 1 to 4096 characters"));
    }
    let edited = sim.edit_as_person(&place, edit.message_id, text)?;
    Ok(Json((*edited).clone()))
}

#[derive(Debug, Deserialize)]
pub(super) struct Press {
    #[serde(flatten)]
    address: Address,
    message_id: i64,
    data: String,
    /// The button need not exist.
    #[serde(default)]
    any_data: bool,
}

pub(super) async fn press(State(sim): State<App>, Json(press): Json<Press>) -> Result<Json<Value>, Problem> {
    let place = press.address.place(&sim)?;
    let id = sim.press(&place, press.message_id, &press.data, press.any_data)?;
    Ok(Json(json!({ "id": id })))
}

#[derive(Debug, Deserialize)]
pub(super) struct Stop {
    #[serde(flatten)]
    address: Address,
    /// As text: a script's numbers are not as long.
    draft_id: String,
}

pub(super) async fn stop(State(sim): State<App>, Json(stop): Json<Stop>) -> Result<Json<Value>, Problem> {
    let place = stop.address.place(&sim)?;
    sim.stop_draft(&place, number(&stop.draft_id, "draft_id")?)?;
    Ok(Json(json!({})))
}

#[derive(Debug, Deserialize)]
pub(super) struct OfBot {
    pub(super) bot: Option<String>,
}

/// `{"answered":false}`, or the answer with `"answered":true`.
pub(super) async fn press_answer(
    State(sim): State<App>,
    Path(id): Path<String>,
    Query(of): Query<OfBot>,
) -> Result<Json<Value>, Problem> {
    let bot = address::bot(&sim, of.bot.as_deref())?;
    let callback = lock(&bot.callbacks).get(&id).cloned();
    let callback = callback.ok_or_else(|| Problem::not_found(format!("nobody pressed {id}")))?;
    Ok(Json(match callback.answer {
        None => json!({ "answered": false, "person": callback.person }),
        Some(answer) => json!({
            "answered": true,
            "person": callback.person,
            "text": answer.text,
            "show_alert": answer.show_alert,
            "url": answer.url,
        }),
    }))
}

#[derive(Debug, Deserialize)]
pub(super) struct React {
    #[serde(flatten)]
    address: Address,
    message_id: i64,
    emoji: Vec<String>,
}

pub(super) async fn react(State(sim): State<App>, Json(react): Json<React>) -> Result<Json<Value>, Problem> {
    let place = react.address.place(&sim)?;
    sim.react(&place, react.message_id, &react.emoji)?;
    Ok(Json(json!({})))
}

#[derive(Debug, Deserialize)]
pub(super) struct Block {
    #[serde(flatten)]
    address: Address,
    blocked: bool,
}

pub(super) async fn block(State(sim): State<App>, Json(block): Json<Block>) -> Result<Json<Value>, Problem> {
    let place = block.address.place(&sim)?;
    sim.block(&place, block.blocked)?;
    Ok(Json(json!({})))
}

/// An unknown person or chat is the caller's mistake, said in one place for uploads too.
pub(super) fn number(text: &str, what: &str) -> Result<i64, Problem> {
    text.trim().parse().map_err(|_| ActError::Invalid(format!("{what} is not a number")).into())
}
