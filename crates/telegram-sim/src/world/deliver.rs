//! Hands updates to bots: who may see what, and whom to wake.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde::Serialize;
use serde_json::Value;

use crate::model::{Entity, Message};
use crate::state::{Bot, Chat, ChatState, Sim};
use crate::sync::lock;

impl Sim {
    /// Gives a bot an update, unless it does not want this kind. `chat` decides its lane.
    pub(crate) fn push_update<T: Serialize + ?Sized>(&self, bot: &Bot, kind: &str, chat: i64, what: &T) {
        if !lock(&bot.updates).allowed.allow(kind) {
            return;
        }
        let Ok(json) = serde_json::to_string(what) else { return };
        self.push_raw(bot, None, chat, &format!("\"{kind}\":{json}"));
    }

    /// `payload` is the inside of the update's object after its id. Returns the id.
    pub(crate) fn push_raw(&self, bot: &Bot, id: Option<i64>, chat: i64, payload: &str) -> i64 {
        let mut updates = lock(&bot.updates);
        let id = updates.push(id, chat, payload, self.faults.copies());
        let webhook = updates.has_webhook();
        drop(updates);
        self.counters.updates.fetch_add(1, Ordering::Relaxed);
        if webhook {
            bot.webhook_wake.notify_one();
        } else {
            bot.poll_wake.notify_waiters();
        }
        id
    }

    /// Shows a person's message to every bot in the chat that may see it.
    pub(crate) fn show_message(&self, chat: &Chat, kind: &str, message: &Message) {
        for bot in self.bots_in(chat) {
            if sees(&bot, &lock(&chat.state), message) {
                self.push_update(&bot, kind, chat.key.chat, message);
            }
        }
    }

    /// Tells every bot in the chat that is an administrator of it (or talks privately).
    pub(crate) fn tell_admins(&self, chat: &Chat, kind: &str, what: &Value) {
        for bot in self.bots_in(chat) {
            let admin = lock(&chat.state).members.get(&bot.id).is_some_and(|status| status.is_admin());
            if admin || chat.key.bot != 0 {
                self.push_update(&bot, kind, chat.key.chat, what);
            }
        }
    }
}

/// Telegram's privacy mode: in a group a bot that is not an administrator sees commands, mentions,
/// replies to it and service messages.
fn sees(bot: &Arc<Bot>, chat: &ChatState, message: &Message) -> bool {
    if chat.view.is_private() || !bot.privacy.load(Ordering::Relaxed) || message.is_service() {
        return true;
    }
    if chat.members.get(&bot.id).is_some_and(|status| status.is_admin()) {
        return true;
    }
    if message.reply_to_message.as_ref().is_some_and(|replied| replied.is_from(bot.id)) {
        return true;
    }
    let (text, entities) = match &message.text {
        Some(text) => (text.as_str(), &message.entities),
        None => (message.caption.as_deref().unwrap_or_default(), &message.caption_entities),
    };
    entities.iter().any(|entity| concerns(bot, chat, entity, part(text, entity).as_str()))
}

fn concerns(bot: &Bot, chat: &ChatState, entity: &Entity, text: &str) -> bool {
    match entity.kind.as_str() {
        "mention" => text[1..].eq_ignore_ascii_case(&bot.username),
        "bot_command" => match text.split_once('@') {
            Some((_, name)) => name.eq_ignore_ascii_case(&bot.username),
            None => chat.last_bot.is_none_or(|last| last == bot.id),
        },
        _ => false,
    }
}

fn part(text: &str, entity: &Entity) -> String {
    let units: Vec<u16> = text.encode_utf16().skip(entity.offset).take(entity.length).collect();
    String::from_utf16_lossy(&units)
}
