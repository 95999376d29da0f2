//! Writing, editing and deleting messages.

use std::sync::Arc;

use crate::model::{Message, ReplyTarget, User};
use crate::state::{Bot, Chat, ChatKey, Entry, Keyboard, Sim};
use crate::sync::lock;
use crate::text::Formatted;

use super::ActError;

/// Who acts, and in which chat.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) person: User,
    pub(crate) chat: Arc<Chat>,
}

/// A message before it is posted.
#[derive(Debug)]
pub(crate) struct NewMessage {
    pub(crate) message: Message,
    pub(crate) target: ReplyTarget,
    pub(crate) keyboard: Option<Keyboard>,
}

impl Sim {
    /// Where a person acts. `chat` is a bot (its private chat with the person) or the id of a group;
    /// absent, the private chat with the first bot. The private chat comes into being with this.
    pub(crate) fn place(&self, person: i64, chat: Option<&str>) -> Result<Place, ActError> {
        let person = self.person(person).ok_or(ActError::NoPerson(person))?;
        let group = chat.and_then(|chat| chat.parse::<i64>().ok()).filter(|id| *id < 0);
        if let Some(group) = group {
            let chat = self.chat(ChatKey::of(0, group)).ok_or_else(|| ActError::NoChat(group.to_string()))?;
            if !lock(&chat.state).is_in(person.id) {
                return Err(ActError::NotIn(person.id));
            }
            return Ok(Place { person, chat });
        }
        let bot = match chat {
            Some(name) => self.bot_named(name).ok_or_else(|| ActError::NoChat(name.to_owned()))?,
            None => self.bots().first().cloned().ok_or_else(|| ActError::NoBot("at all".to_owned()))?,
        };
        let view = || crate::model::ChatView::private(&person);
        let chat = self.chat_or_new(ChatKey::of(bot.id, person.id), view);
        Ok(Place { person, chat })
    }

    /// Posts what a person wrote and shows it to the bots.
    pub(crate) fn post_as_person(&self, place: &Place, new: NewMessage) -> Result<Arc<Message>, ActError> {
        let NewMessage { mut message, target, .. } = new;
        let chat = &place.chat;
        let mut state = lock(&chat.state);
        if let Some(thread) = target.thread {
            if state.topics.get(&thread).is_none_or(|topic| topic.closed) {
                return Err(ActError::NoTopic(thread));
            }
            message.message_thread_id = Some(thread);
            message.is_topic_message = true;
        }
        if let Some(reply_to) = target.reply_to {
            message.reply_to_message = Some(state.quoted(reply_to).ok_or(ActError::NoMessage(reply_to))?);
        }
        // Writing to a bot lifts its block, as the button "unblock" does.
        let unblocked = std::mem::take(&mut state.blocked);
        if state.keyboard.as_ref().is_some_and(Keyboard::is_one_time) {
            state.keyboard = None;
        }
        let entry =
            if self.options.lean { lean_entry(state.next_id(), message) } else { state.post(message, None) };
        drop(state);
        if unblocked {
            self.tell_blocked(place, false);
        }
        self.live.tell(chat.key, "message", "entry", || entry.clone());
        self.show_message(chat, "message", &entry.message);
        Ok(entry.message)
    }

    /// Posts what a bot sent. The chat was checked before.
    pub(crate) fn post_as_bot(&self, bot: &Bot, chat: &Chat, new: NewMessage) -> Entry {
        let mut state = lock(&chat.state);
        state.last_bot = Some(bot.id);
        state.drafts.end(new.message.message_thread_id);
        let entry = state.post(new.message, new.keyboard);
        drop(state);
        self.live.tell(chat.key, "message", "entry", || entry.clone());
        entry
    }

    /// Changes a person's own message.
    pub(crate) fn edit_as_person(
        &self,
        place: &Place,
        message_id: i64,
        text: Formatted,
    ) -> Result<Arc<Message>, ActError> {
        let now = self.now();
        let mut state = lock(&place.chat.state);
        let entry = state.find_mut(message_id).ok_or(ActError::NoMessage(message_id))?;
        if !entry.message.is_from(place.person.id) {
            return Err(ActError::NotTheirs(message_id));
        }
        let mut message = (*entry.message).clone();
        if message.text.is_some() {
            (message.text, message.entities) = (Some(text.text), text.entities);
        } else {
            (message.caption, message.caption_entities) = (Some(text.text), text.entities);
        }
        message.edit_date = Some(now);
        entry.message = Arc::new(message);
        let entry = entry.clone();
        drop(state);
        self.live.tell(place.chat.key, "edited", "entry", || entry.clone());
        self.show_message(&place.chat, "edited_message", &entry.message);
        Ok(entry.message)
    }

    /// Removes a message; nobody but the page is told, as on Telegram.
    pub(crate) fn delete_message(&self, chat: &Chat, message_id: i64) -> bool {
        let removed = lock(&chat.state).remove(message_id).is_some();
        if removed {
            self.live.tell(chat.key, "deleted", "message_id", || message_id);
        }
        removed
    }

    /// A person presses an inline button. Returns the id of the callback query. With `any_data` the
    /// button need not exist: an old client, or a hostile one.
    pub(crate) fn press(
        &self,
        place: &Place,
        message_id: i64,
        data: &str,
        any_data: bool,
    ) -> Result<String, ActError> {
        let found = lock(&place.chat.state).find(message_id).map(|entry| entry.message.clone());
        let message = found.ok_or(ActError::NoMessage(message_id))?;
        if !any_data && !message.has_button(data) {
            return Err(ActError::NoButton(message_id));
        }
        let author = message.from.as_ref().map_or(0, |from| from.id);
        let bot =
            self.bots().into_iter().find(|bot| bot.id == author).ok_or(ActError::NoButton(message_id))?;
        let id = self.next_callback_id();
        lock(&bot.callbacks).add(&id, place.person.id, self.options.clock.now_ms());
        let query = serde_json::json!({
            "id": id,
            "from": place.person,
            "message": &*message,
            "chat_instance": format!("{}", place.chat.key.chat.unsigned_abs() ^ 0x5bd1_e995_0000),
            "data": data,
        });
        self.push_update(&bot, "callback_query", place.chat.key.chat, &query);
        Ok(id)
    }
}

/// A message that is not kept.
pub(crate) fn lean_entry(id: i64, mut message: Message) -> Entry {
    message.message_id = id;
    Entry { message: Arc::new(message), reactions: std::collections::BTreeMap::new(), keyboard: None }
}
