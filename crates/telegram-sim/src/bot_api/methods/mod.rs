//! Every method, one line each.

mod about;
mod callback;
mod chats;
mod commands;
mod delete;
mod draft;
mod edit;
mod file;
mod get_updates;
mod inline;
mod media;
mod outgoing;
mod reaction;
mod send_message;
mod topics;
mod typing;
mod webhook;

use std::sync::Arc;

use futures::future::BoxFuture;

use super::params::Params;
use super::reply::Answer;
use crate::state::{Bot, Sim};

/// Whose call it is, and of which world.
pub(crate) struct Cx<'a> {
    pub(crate) sim: &'a Arc<Sim>,
    pub(crate) bot: &'a Arc<Bot>,
}

pub(crate) struct Method {
    /// Telegram's spelling; calls may use any case.
    pub(crate) name: &'static str,
    pub(super) run: Run,
}

pub(super) enum Run {
    /// Answers at once.
    Now(fn(&Cx<'_>, &Params) -> Answer),
    /// May wait.
    Wait(for<'a> fn(Arc<Sim>, Arc<Bot>, &'a Params) -> BoxFuture<'a, Answer>),
}

const fn now(name: &'static str, run: fn(&Cx<'_>, &Params) -> Answer) -> Method {
    Method { name, run: Run::Now(run) }
}

pub(crate) static METHODS: [Method; 39] = [
    now("getMe", about::get_me),
    Method { name: "getUpdates", run: Run::Wait(get_updates::get_updates) },
    now("setWebhook", webhook::set_webhook),
    now("deleteWebhook", webhook::delete_webhook),
    now("getWebhookInfo", webhook::get_webhook_info),
    now("sendMessage", send_message::send_message),
    now("sendMessageDraft", draft::send_message_draft),
    now("sendChatAction", typing::send_chat_action),
    now("sendPhoto", media::send_photo),
    now("sendDocument", media::send_document),
    now("editMessageText", edit::edit_message_text),
    now("editMessageCaption", edit::edit_message_caption),
    now("editMessageReplyMarkup", edit::edit_message_reply_markup),
    now("deleteMessage", delete::delete_message),
    now("deleteMessages", delete::delete_messages),
    now("answerCallbackQuery", callback::answer_callback_query),
    now("answerInlineQuery", inline::answer_inline_query),
    now("setMessageReaction", reaction::set_message_reaction),
    now("getFile", file::get_file),
    now("getChat", chats::get_chat),
    now("getChatMember", chats::get_chat_member),
    now("getChatMemberCount", chats::get_chat_member_count),
    now("createForumTopic", topics::create),
    now("editForumTopic", topics::edit),
    now("closeForumTopic", topics::close),
    now("reopenForumTopic", topics::reopen),
    now("deleteForumTopic", topics::delete),
    now("setMyCommands", commands::set),
    now("getMyCommands", commands::get),
    now("deleteMyCommands", commands::delete),
    now("setMyName", about::set_name),
    now("getMyName", about::get_name),
    now("setMyDescription", about::set_description),
    now("getMyDescription", about::get_description),
    now("setMyShortDescription", about::set_short_description),
    now("getMyShortDescription", about::get_short_description),
    now("setChatMenuButton", about::set_menu_button),
    now("logOut", about::log_out),
    now("close", about::close),
];

/// The index of a method, by its name in any case.
pub(crate) fn find(name: &str) -> Option<usize> {
    METHODS.iter().position(|method| method.name.eq_ignore_ascii_case(name))
}
