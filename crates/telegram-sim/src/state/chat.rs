//! One chat: its members, its newest messages, its topics.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::drafts::Drafts;
use super::{Keyboard, Topic};
use crate::model::{ChatView, Message};

/// A private chat belongs to one bot; a group is shared, and has `bot` 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ChatKey {
    pub(crate) bot: i64,
    pub(crate) chat: i64,
}

impl ChatKey {
    pub(crate) fn of(bot: i64, chat: i64) -> Self {
        Self { bot: if chat > 0 { bot } else { 0 }, chat }
    }
}

#[derive(Debug)]
pub(crate) struct Chat {
    pub(crate) key: ChatKey,
    pub(crate) state: Mutex<ChatState>,
}

#[derive(Debug)]
pub(crate) struct ChatState {
    pub(crate) view: ChatView,
    next_id: i64,
    history: VecDeque<Entry>,
    history_limit: usize,
    pub(crate) topics: BTreeMap<i64, Topic>,
    /// Members of a group, people and bots; empty in a private chat.
    pub(crate) members: BTreeMap<i64, Status>,
    /// In a private chat: the person blocked the bot.
    pub(crate) blocked: bool,
    /// Buttons under the composer, as the bot last set them.
    pub(crate) keyboard: Option<Keyboard>,
    /// What bots are still writing, in a private chat.
    pub(crate) drafts: Drafts,
    /// The last bot that wrote: plain commands are meant for it.
    pub(crate) last_bot: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Creator,
    Administrator,
    Member,
    Left,
    Kicked,
}

impl Status {
    pub(crate) fn is_in(self) -> bool {
        matches!(self, Self::Creator | Self::Administrator | Self::Member)
    }

    pub(crate) fn is_admin(self) -> bool {
        matches!(self, Self::Creator | Self::Administrator)
    }
}

/// A kept message and what people did with it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    #[serde(serialize_with = "inside")]
    pub(crate) message: Arc<Message>,
    /// Reactions by user.
    pub(crate) reactions: BTreeMap<i64, Vec<Value>>,
    /// Button under the composer that came with this message, as the bot wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) keyboard: Option<Keyboard>,
}

fn inside<S: Serializer>(message: &Arc<Message>, to: S) -> Result<S::Ok, S::Error> {
    message.serialize(to)
}

impl Chat {
    pub(crate) fn new(key: ChatKey, view: ChatView, first_id: i64, history_limit: usize) -> Self {
        let state = ChatState {
            view,
            next_id: first_id,
            history: VecDeque::new(),
            history_limit: history_limit.max(1),
            topics: BTreeMap::new(),
            members: BTreeMap::new(),
            blocked: false,
            keyboard: None,
            drafts: Drafts::default(),
            last_bot: None,
        };
        Self { key, state: Mutex::new(state) }
    }
}

impl ChatState {
    pub(crate) fn next_id(&mut self) -> i64 {
        self.next_id += 1;
        self.next_id - 1
    }

    /// Gives a message its id and keeps it.
    pub(crate) fn post(&mut self, mut message: Message, keyboard: Option<Keyboard>) -> Entry {
        message.message_id = self.next_id();
        if let Some(keyboard) = &keyboard {
            self.keyboard = (!keyboard.is_removal()).then(|| keyboard.clone());
        }
        let entry = Entry { message: Arc::new(message), reactions: BTreeMap::new(), keyboard };
        if self.history.len() >= self.history_limit {
            self.history.pop_front();
        }
        self.history.push_back(entry.clone());
        entry
    }

    pub(crate) fn find(&self, message_id: i64) -> Option<&Entry> {
        let at = self.history.binary_search_by_key(&message_id, |e| e.message.message_id).ok()?;
        self.history.get(at)
    }

    pub(crate) fn find_mut(&mut self, message_id: i64) -> Option<&mut Entry> {
        let at = self.history.binary_search_by_key(&message_id, |e| e.message.message_id).ok()?;
        self.history.get_mut(at)
    }

    pub(crate) fn remove(&mut self, message_id: i64) -> Option<Entry> {
        let at = self.history.binary_search_by_key(&message_id, |e| e.message.message_id).ok()?;
        self.history.remove(at)
    }

    /// Messages after `after`, at most `limit` of the newest.
    pub(crate) fn since(&self, after: i64, limit: usize) -> Vec<Entry> {
        let from = self.history.partition_point(|e| e.message.message_id <= after);
        let from = from.max(self.history.len().saturating_sub(limit));
        self.history.range(from..).cloned().collect()
    }

    pub(crate) fn last(&self) -> Option<&Entry> {
        self.history.back()
    }

    pub(crate) fn is_in(&self, user: i64) -> bool {
        self.members.get(&user).is_some_and(|status| status.is_in())
    }

    /// The message that a reply points to, without what that one replied to.
    pub(crate) fn quoted(&self, message_id: i64) -> Option<Box<Message>> {
        let mut quoted = (*self.find(message_id)?.message).clone();
        quoted.reply_to_message = None;
        Some(Box::new(quoted))
    }
}
