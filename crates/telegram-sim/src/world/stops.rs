//! A person stops what a bot is writing.

use std::time::Instant;

use serde_json::json;

use crate::state::Sim;
use crate::sync::lock;

use super::{ActError, Place};

impl Sim {
    /// Stops a draft that has the button for it, and tells the bot.
    pub(crate) fn stop_draft(&self, place: &Place, draft_id: i64) -> Result<(), ActError> {
        let chat = &place.chat;
        let mut state = lock(&chat.state);
        let view = state.view.clone();
        let draft = state.drafts.stop(draft_id, Instant::now()).ok_or(ActError::NoDraft(draft_id))?;
        drop(state);
        let id = draft_id.to_string();
        self.live.tell(
            chat.key,
            "draft_stopped",
            "draft",
            || json!({ "draft_id": id, "message_thread_id": draft.thread, "kept": draft.keep_on_stop }),
        );
        let mut update = json!({ "chat": view, "draft_id": draft_id });
        if let Some(thread) = draft.thread {
            update["message_thread_id"] = thread.into();
        }
        for bot in self.bots_in(chat) {
            self.push_update(&bot, "stopped_message_generation", chat.key.chat, &update);
        }
        Ok(())
    }
}
