use bot_folder::{BotFolder, Lang};
use events::message::bot as message;
use events::{Key, Trail};
use ids::ConversationId;

/// A call for a human; its event tells what was said before, as a question's does.
pub(crate) struct Handoff {
    pub(crate) conversation_id: ConversationId,
    pub(crate) key: Key,
    pub(crate) event: message::HandoffRequested,
    pub(crate) trail: Trail,
}

impl Handoff {
    /// Tells by which folder the conversation is held, and in which language.
    pub(crate) fn held_by(&mut self, folder: &BotFolder, lang: Option<Lang>) {
        folder.name().clone_into(&mut self.event.folder);
        folder.content_hash().clone_into(&mut self.event.version);
        if let Some(lang) = lang.filter(|_| self.event.language.is_empty()) {
            self.event.language = lang.to_string();
        }
    }
}
