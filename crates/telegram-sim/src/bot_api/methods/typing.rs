//! `sendChatAction`: the bot is typing, for five seconds.

use serde_json::json;

use super::Cx;
use crate::bot_api::params::Params;
use crate::bot_api::reply::{Answer, ApiError, done};

const ACTIONS: [&str; 13] = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
    "cancel",
    "pick_up_location",
];

pub(super) fn send_chat_action(cx: &Cx<'_>, params: &Params) -> Answer {
    let action = params.text("action").to_ascii_lowercase();
    if !ACTIONS.contains(&action.as_str()) {
        return Err(ApiError::bad("Wrong parameter action in request"));
    }
    let chat = cx.kept_target(params)?;
    let thread = params.integer("message_thread_id");
    cx.sim.live.tell(
        chat.key,
        "action",
        "action",
        || json!({ "action": action, "from": cx.bot.user(), "message_thread_id": thread }),
    );
    done()
}
