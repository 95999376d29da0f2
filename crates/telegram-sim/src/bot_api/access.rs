//! Which chats and messages a bot may touch, and how fast.

use std::sync::Arc;
use std::time::Instant;

use super::methods::Cx;
use super::params::Params;
use super::reply::ApiError;
use crate::model::ChatView;
use crate::state::{Chat, ChatKey, Status};
use crate::sync::lock;
use crate::text;

/// Where a bot writes.
pub(crate) enum Target {
    Kept(Arc<Chat>),
    /// In a lean simulator a chat that nobody made: it exists while it is written to.
    Passing(ChatView),
}

impl Cx<'_> {
    /// The chat named by `chat_id`, if this bot may write there.
    pub(crate) fn target(&self, params: &Params) -> Result<Target, ApiError> {
        let text = params.text("chat_id");
        if text.is_empty() {
            return Err(ApiError::bad("chat_id is empty"));
        }
        let id =
            params.integer("chat_id").filter(|id| *id != 0).ok_or_else(|| ApiError::bad("chat not found"))?;
        let key = ChatKey::of(self.bot.id, id);
        let Some(chat) = self.sim.chat(key) else {
            if !self.sim.options.any_chat {
                return Err(ApiError::bad("chat not found"));
            }
            let known = self.sim.person(id).map(|person| ChatView::private(&person));
            let view = known.unwrap_or_else(|| ChatView::unknown(id));
            if self.sim.options.lean {
                return Ok(Target::Passing(view));
            }
            let chat = self.sim.chat_or_new(key, || view);
            if id < 0 {
                lock(&chat.state).members.insert(self.bot.id, Status::Administrator);
            }
            return Ok(Target::Kept(chat));
        };
        self.may_write(&chat)?;
        Ok(Target::Kept(chat))
    }

    /// The same for methods that need the chat's memory.
    pub(crate) fn kept_target(&self, params: &Params) -> Result<Arc<Chat>, ApiError> {
        match self.target(params)? {
            Target::Kept(chat) => Ok(chat),
            Target::Passing(view) => {
                let key = ChatKey::of(self.bot.id, view.id);
                Ok(self.sim.chat_or_new(key, || view))
            }
        }
    }

    fn may_write(&self, chat: &Chat) -> Result<(), ApiError> {
        let state = lock(&chat.state);
        if state.view.is_private() {
            return if state.blocked {
                Err(ApiError::forbidden("bot was blocked by the user"))
            } else {
                Ok(())
            };
        }
        let kind = if chat.key.chat < -1_000_000_000_000 { "supergroup" } else { "group" };
        match state.members.get(&self.bot.id) {
            Some(status) if status.is_in() => Ok(()),
            Some(Status::Kicked) => Err(ApiError::forbidden(&format!("bot was kicked from the {kind} chat"))),
            Some(_) => Err(ApiError::forbidden(&format!("bot is not a member of the {kind} chat"))),
            None if self.sim.options.any_chat => Ok(()),
            None => Err(ApiError::bad("chat not found")),
        }
    }

    /// Counts a message against the limits.
    pub(crate) fn pace(&self, chat: i64) -> Result<(), ApiError> {
        self.pace_of(Some(chat))
    }

    /// Counts an edit: in a group like a message, in a private chat only against the bot's own pace.
    pub(crate) fn pace_edit(&self, chat: i64) -> Result<(), ApiError> {
        self.pace_of(Some(chat).filter(|id| *id < 0))
    }

    fn pace_of(&self, chat: Option<i64>) -> Result<(), ApiError> {
        if !self.sim.limits_on() {
            return Ok(());
        }
        let taken = lock(&self.bot.buckets).take(&self.sim.options.limits, chat, Instant::now());
        taken.map_err(ApiError::too_many)
    }

    /// Text with formatting from `text`, `parse_mode` and `entities`, or their caption counterparts.
    pub(crate) fn formatted(
        params: &Params,
        text: &str,
        entities: &str,
    ) -> Result<text::Formatted, ApiError> {
        // Entities that are not JSON are ignored, as the real server does.
        let entities = params.json(entities).ok().flatten();
        text::parse(&params.text(text), &params.text("parse_mode"), entities.as_deref())
            .map_err(|e| ApiError::bad(&e))
    }

    /// The text of a message: there must be some, and not more than 4,096 characters.
    pub(crate) fn message_text(params: &Params) -> Result<text::Formatted, ApiError> {
        if params.text("text").is_empty() {
            return Err(ApiError::bad("Message text is empty"));
        }
        let formatted = Self::formatted(params, "text", "entities")?;
        if formatted.text.is_empty() {
            return Err(ApiError::bad("Text must be non-empty"));
        }
        if text::utf16_len(&formatted.text) > 4096 {
            return Err(ApiError::bad("Message is too long"));
        }
        Ok(formatted)
    }

    pub(crate) fn caption(params: &Params) -> Result<text::Formatted, ApiError> {
        let formatted = Self::formatted(params, "caption", "caption_entities")?;
        if text::utf16_len(&formatted.text) > 1024 {
            return Err(ApiError::bad("Message caption is too long"));
        }
        Ok(formatted)
    }
}
