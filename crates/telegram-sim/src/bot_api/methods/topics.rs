//! Topics of forums, and of private chats in topic mode.

use std::sync::Arc;

use serde_json::json;

use super::{Cx, outgoing};
use crate::bot_api::params::Params;
use crate::bot_api::reply::{Answer, ApiError, done, ok};
use crate::model::{Empty, Message};
use crate::state::{Chat, Topic};
use crate::sync::lock;
use crate::text::utf16_len;

const COLORS: [i64; 6] = [7_322_096, 16_766_590, 13_338_331, 9_367_192, 16_749_490, 16_478_047];

pub(super) fn create(cx: &Cx<'_>, params: &Params) -> Answer {
    let chat = forum(cx, params, "create a topic")?;
    let name = name(params)?.ok_or_else(|| ApiError::bad("Name must be non-empty"))?;
    let color = params.integer("icon_color").unwrap_or(Topic::DEFAULT_COLOR);
    if !COLORS.contains(&color) {
        return Err(ApiError::bad("Invalid icon color specified"));
    }
    cx.pace(chat.key.chat)?;
    let (topic, _) = cx.sim.add_topic(&chat, cx.bot.user(), &name, color);
    ok(&json!({ "message_thread_id": topic.id, "name": topic.name, "icon_color": topic.icon_color }))
}

pub(super) fn edit(cx: &Cx<'_>, params: &Params) -> Answer {
    let chat = forum(cx, params, "edit the topic")?;
    let Some(name) = name(params)? else { return done() };
    change(cx, params, &chat, |topic, note| {
        if topic.name == name {
            return Err(ApiError::bad("TOPIC_NOT_MODIFIED"));
        }
        topic.name.clone_from(&name);
        note.forum_topic_edited = Some(json!({ "name": name }));
        Ok(())
    })
}

pub(super) fn close(cx: &Cx<'_>, params: &Params) -> Answer {
    let chat = forum(cx, params, "close or open the topic")?;
    change(cx, params, &chat, |topic, note| {
        note.forum_topic_closed = Some(Empty {});
        set_closed(topic, true)
    })
}

pub(super) fn reopen(cx: &Cx<'_>, params: &Params) -> Answer {
    let chat = forum(cx, params, "close or open the topic")?;
    change(cx, params, &chat, |topic, note| {
        note.forum_topic_reopened = Some(Empty {});
        set_closed(topic, false)
    })
}

fn set_closed(topic: &mut Topic, closed: bool) -> Result<(), ApiError> {
    if topic.closed == closed {
        return Err(ApiError::bad("TOPIC_NOT_MODIFIED"));
    }
    topic.closed = closed;
    Ok(())
}

/// The topic goes with all its messages.
pub(super) fn delete(cx: &Cx<'_>, params: &Params) -> Answer {
    let chat = forum(cx, params, "delete the topic")?;
    let thread = params.integer("message_thread_id").unwrap_or(0);
    let gone: Vec<i64> = {
        let mut state = lock(&chat.state);
        state.topics.remove(&thread).ok_or_else(unknown)?;
        let in_topic = |message: &Message| message.message_thread_id == Some(thread);
        state
            .since(0, usize::MAX)
            .iter()
            .filter(|e| in_topic(&e.message))
            .map(|e| e.message.message_id)
            .collect()
    };
    for message_id in gone {
        cx.sim.delete_message(&chat, message_id);
    }
    cx.sim.live.tell(chat.key, "topics", "deleted", || thread);
    done()
}

fn unknown() -> ApiError {
    ApiError::bad("TOPIC_ID_INVALID")
}

/// The chat, if it has topics and the bot may do this to them.
fn forum(cx: &Cx<'_>, params: &Params, what: &str) -> Result<Arc<Chat>, ApiError> {
    let chat = cx.kept_target(params)?;
    let state = lock(&chat.state);
    if !outgoing::has_topics(cx, &state.view) {
        return Err(ApiError::bad("the chat is not a forum"));
    }
    let admin = chat.key.bot != 0 || state.members.get(&cx.bot.id).is_some_and(|status| status.is_admin());
    drop(state);
    if admin { Ok(chat) } else { Err(ApiError::bad(&format!("not enough rights to {what}"))) }
}

fn name(params: &Params) -> Result<Option<String>, ApiError> {
    let name = params.text("name").trim().to_owned();
    if utf16_len(&name) > 128 {
        return Err(ApiError::bad("TOPIC_TITLE_INVALID"));
    }
    Ok(Some(name).filter(|name| !name.is_empty()))
}

/// Changes a topic and posts the service message that says so.
fn change(
    cx: &Cx<'_>,
    params: &Params,
    chat: &Chat,
    change: impl FnOnce(&mut Topic, &mut Message) -> Result<(), ApiError>,
) -> Answer {
    let thread = params.integer("message_thread_id").unwrap_or(0);
    let (topic, entry) = {
        let mut state = lock(&chat.state);
        let mut note = Message::new(state.view.clone(), Some(cx.bot.user()), cx.sim.now());
        note.message_thread_id = Some(thread);
        note.is_topic_message = true;
        let topic = state.topics.get_mut(&thread).ok_or_else(unknown)?;
        change(topic, &mut note)?;
        let topic = topic.clone();
        (topic, state.post(note, None))
    };
    cx.sim.live.tell(chat.key, "topics", "topic", || topic);
    cx.sim.live.tell(chat.key, "message", "entry", || entry);
    done()
}
