//! What every method that sends a message does the same way.

use std::sync::atomic::Ordering;

use super::Cx;
use crate::bot_api::access::Target;
use crate::bot_api::markup::{self, Markup};
use crate::bot_api::params::Params;
use crate::bot_api::reply::{self, Answer, ApiError};
use crate::model::{ChatView, Message, ReplyTarget};
use crate::state::{Chat, ChatState};
use crate::sync::lock;
use crate::world::NewMessage;

/// Sends a message; `fill` puts the content into it, once everything else was found right.
pub(super) fn send(
    cx: &Cx<'_>,
    params: &Params,
    fill: impl FnOnce(&mut Message) -> Result<(), ApiError>,
) -> Answer {
    let target = cx.target(params)?;
    let view = match &target {
        Target::Kept(chat) => lock(&chat.state).view.clone(),
        Target::Passing(view) => view.clone(),
    };
    let markup = markup::read(params, view.is_private())?;
    let chat_id = view.id;
    let mut message = Message::new(view, Some(cx.bot.user()), cx.sim.now());
    let mut keyboard = None;
    match markup {
        Some(Markup::Inline(inline)) => message.reply_markup = Some(inline),
        Some(Markup::Keyboard(set)) => keyboard = Some(set),
        None => {}
    }
    let Target::Kept(chat) = target else {
        cx.pace(chat_id)?;
        fill(&mut message)?;
        message.message_id = cx.bot.lean_message_id.fetch_add(1, Ordering::Relaxed);
        return reply::message(&message);
    };
    if !cx.sim.options.lean {
        let state = lock(&chat.state);
        place(cx, &chat, &state, params, &mut message)?;
    }
    cx.pace(chat_id)?;
    fill(&mut message)?;
    if cx.sim.options.lean {
        message.message_id = lock(&chat.state).next_id();
        return reply::message(&message);
    }
    let target = ReplyTarget::default();
    let entry = cx.sim.post_as_bot(cx.bot, &chat, NewMessage { message, target, keyboard });
    reply::message(&entry.message)
}

/// Puts the message into its topic and under the message it replies to.
fn place(
    cx: &Cx<'_>,
    chat: &Chat,
    state: &ChatState,
    params: &Params,
    message: &mut Message,
) -> Result<(), ApiError> {
    if let Some(thread) = thread(cx, chat, state, params)? {
        message.message_thread_id = Some(thread);
        message.is_topic_message = true;
    }
    let parameters = params
        .json("reply_parameters")
        .map_err(|_| ApiError::bad("Can't parse reply parameters JSON object"))?;
    let number =
        |name: &str| parameters.as_ref().and_then(|p| p.get(name)).and_then(serde_json::Value::as_i64);
    let flag =
        |name: &str| parameters.as_ref().and_then(|p| p.get(name)).and_then(serde_json::Value::as_bool);
    let Some(reply_to) = number("message_id").or_else(|| params.integer("reply_to_message_id")) else {
        return Ok(());
    };
    message.reply_to_message = state.quoted(reply_to);
    let lenient =
        flag("allow_sending_without_reply") == Some(true) || params.flag("allow_sending_without_reply");
    if message.reply_to_message.is_none() && !lenient {
        return Err(ApiError::bad("message to be replied not found"));
    }
    Ok(())
}

/// The topic that the call names, if the chat has topics.
pub(super) fn thread(
    cx: &Cx<'_>,
    chat: &Chat,
    state: &ChatState,
    params: &Params,
) -> Result<Option<i64>, ApiError> {
    let Some(thread) = params.integer("message_thread_id").filter(|id| *id != 0) else { return Ok(None) };
    if !has_topics(cx, &state.view) {
        return Ok(None);
    }
    let topic = state.topics.get(&thread).ok_or_else(|| ApiError::bad("message thread not found"))?;
    let admin = chat.key.bot != 0 || state.members.get(&cx.bot.id).is_some_and(|status| status.is_admin());
    if topic.closed && !admin {
        return Err(ApiError::bad("TOPIC_CLOSED"));
    }
    Ok(Some(thread))
}

pub(super) fn has_topics(cx: &Cx<'_>, view: &ChatView) -> bool {
    view.is_forum || (view.is_private() && cx.bot.private_topics.load(Ordering::Relaxed))
}
