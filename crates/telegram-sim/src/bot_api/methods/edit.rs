//! Changing a message that the bot sent.

use std::sync::Arc;

use super::Cx;
use crate::bot_api::markup;
use crate::bot_api::params::Params;
use crate::bot_api::reply::{self, Answer, ApiError};
use crate::model::{ChatView, Message};
use crate::state::Chat;
use crate::sync::lock;

pub(super) fn edit_message_text(cx: &Cx<'_>, params: &Params) -> Answer {
    let text = Cx::message_text(params)?;
    edit(cx, params, |message, markup| {
        if message.text.is_none() {
            return Err(ApiError::bad("there is no text in the message to edit"));
        }
        let same = message.text.as_ref() == Some(&text.text) && message.entities == text.entities;
        (message.text, message.entities) = (Some(text.text), text.entities);
        Ok(same & set_markup(message, markup))
    })
}

pub(super) fn edit_message_caption(cx: &Cx<'_>, params: &Params) -> Answer {
    let caption = Cx::caption(params)?;
    edit(cx, params, |message, markup| {
        if message.text.is_some() {
            return Err(ApiError::bad("there is no caption in the message to edit"));
        }
        let text = Some(caption.text).filter(|text| !text.is_empty());
        let same = message.caption == text && message.caption_entities == caption.entities;
        (message.caption, message.caption_entities) = (text, caption.entities);
        Ok(same & set_markup(message, markup))
    })
}

pub(super) fn edit_message_reply_markup(cx: &Cx<'_>, params: &Params) -> Answer {
    edit(cx, params, |message, markup| Ok(set_markup(message, markup)))
}

/// Whether it was the same before.
fn set_markup(message: &mut Message, markup: Option<serde_json::Value>) -> bool {
    let same = message.reply_markup == markup;
    message.reply_markup = markup;
    same
}

const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply markup are exactly \
                            the same as a current content and reply markup of the message";

/// `change` applies the edit and says whether nothing changed.
fn edit(
    cx: &Cx<'_>,
    params: &Params,
    change: impl FnOnce(&mut Message, Option<serde_json::Value>) -> Result<bool, ApiError>,
) -> Answer {
    let message_id = params.integer("message_id").unwrap_or(0);
    let markup = markup::read_inline(params)?;
    if !params.has("chat_id") && message_id == 0 {
        return Err(ApiError::bad("Message identifier is not specified"));
    }
    if cx.sim.options.lean {
        return edit_lean(cx, params, message_id, markup, change);
    }
    let chat = cx.kept_target(params)?;
    let mut message = (*editable(cx, &chat, message_id)?).clone();
    if change(&mut message, markup)? {
        return Err(ApiError::bad(NOT_MODIFIED));
    }
    cx.pace_edit(chat.key.chat)?;
    message.edit_date = Some(cx.sim.now());
    let message = Arc::new(message);
    let entry = {
        let mut state = lock(&chat.state);
        let entry = state.find_mut(message_id).ok_or_else(|| ApiError::bad("message to edit not found"))?;
        entry.message = message.clone();
        entry.clone()
    };
    cx.sim.live.tell(chat.key, "edited", "entry", || entry);
    reply::message(&message)
}

fn editable(cx: &Cx<'_>, chat: &Chat, message_id: i64) -> Result<Arc<Message>, ApiError> {
    let found = lock(&chat.state).find(message_id).map(|entry| entry.message.clone());
    let message = found.ok_or_else(|| ApiError::bad("message to edit not found"))?;
    if message.is_service() || !message.is_from(cx.bot.id) {
        return Err(ApiError::bad("message can't be edited"));
    }
    Ok(message)
}

/// Nothing is kept, so every message can be edited.
fn edit_lean(
    cx: &Cx<'_>,
    params: &Params,
    message_id: i64,
    markup: Option<serde_json::Value>,
    change: impl FnOnce(&mut Message, Option<serde_json::Value>) -> Result<bool, ApiError>,
) -> Answer {
    let view = match cx.target(params)? {
        crate::bot_api::access::Target::Kept(chat) => lock(&chat.state).view.clone(),
        crate::bot_api::access::Target::Passing(view) => view,
    };
    cx.pace_edit(view.id)?;
    let mut message = blank(cx, view, message_id);
    change(&mut message, markup)?;
    reply::message(&message)
}

fn blank(cx: &Cx<'_>, view: ChatView, message_id: i64) -> Message {
    let mut message = Message::new(view, Some(cx.bot.user()), cx.sim.now());
    message.message_id = message_id;
    message.edit_date = Some(message.date);
    message.text = Some(String::new());
    message
}
