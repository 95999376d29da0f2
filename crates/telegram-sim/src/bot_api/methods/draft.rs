//! `sendMessageDraft`: a preview of a message that is still being written.

use std::time::Instant;

use serde_json::json;

use super::{Cx, outgoing};
use crate::bot_api::params::Params;
use crate::bot_api::reply::{Answer, ApiError, done};
use crate::state::drafts::Draft;
use crate::sync::lock;
use crate::text::utf16_len;

pub(super) fn send_message_draft(cx: &Cx<'_>, params: &Params) -> Answer {
    let text = Cx::formatted(params, "text", "entities")?;
    if utf16_len(&text.text) > 4096 {
        return Err(ApiError::bad("Message is too long"));
    }
    let chat = cx.kept_target(params)?;
    if chat.key.chat < 0 {
        return Err(ApiError::bad("TEXTDRAFT_PEER_INVALID"));
    }
    let draft_id = params.integer("draft_id").filter(|id| *id != 0);
    let draft_id = draft_id.ok_or_else(|| ApiError::bad("Invalid draft identifier specified"))?;
    let thread = outgoing::thread(cx, &chat, &lock(&chat.state), params)?;
    cx.pace(chat.key.chat)?;
    let (can_stop, keep_on_stop) = (params.flag("can_stop"), params.flag("keep_on_stop"));
    let draft = Draft::new(thread, can_stop, keep_on_stop, Instant::now());
    lock(&chat.state).drafts.put(draft_id, draft);
    cx.sim.live.tell(chat.key, "draft", "draft", || {
        json!({
            "draft_id": draft_id.to_string(),
            "message_thread_id": thread,
            "from": cx.bot.user(),
            "text": text.text,
            "entities": text.entities,
            "can_stop": can_stop,
        })
    });
    done()
}
