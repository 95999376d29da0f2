//! Who is in a chat, and who blocked whom.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::model::{ChatView, Message, User};
use crate::state::{Chat, Sim, Status};
use crate::sync::lock;

use super::{ActError, Place};

impl Sim {
    /// A person blocks or unblocks the bot of a private chat.
    pub(crate) fn block(&self, place: &Place, blocked: bool) -> Result<(), ActError> {
        if place.chat.key.bot == 0 {
            return Err(ActError::Invalid("only a private chat can be blocked".to_owned()));
        }
        let before = std::mem::replace(&mut lock(&place.chat.state).blocked, blocked);
        if before != blocked {
            self.tell_blocked(place, blocked);
        }
        Ok(())
    }

    /// Tells the bot of a private chat, and the page.
    pub(crate) fn tell_blocked(&self, place: &Place, blocked: bool) {
        let (old, new) = if blocked { ("member", "kicked") } else { ("kicked", "member") };
        let view = lock(&place.chat.state).view.clone();
        for bot in self.bots_in(&place.chat) {
            let update = self.member_update(&view, &place.person, &bot.user(), old, new);
            self.push_update(&bot, "my_chat_member", place.chat.key.chat, &update);
        }
        self.live.tell(place.chat.key, "blocked", "blocked", || blocked);
    }

    /// Changes what somebody is in a group; `by` is who did it.
    pub(crate) fn set_member(
        &self,
        chat: &Arc<Chat>,
        by: &User,
        member: &User,
        status: Status,
    ) -> Result<(), ActError> {
        if chat.key.bot != 0 {
            return Err(ActError::Invalid("only a group has members".to_owned()));
        }
        let mut state = lock(&chat.state);
        let old = state.members.insert(member.id, status).unwrap_or(Status::Left);
        let mut note = Message::new(state.view.clone(), Some(by.clone()), self.now());
        let view = state.view.clone();
        drop(state);
        if old == status {
            return Ok(());
        }
        let update = self.member_update(&view, by, member, word(old), word(status));
        if let Some(bot) = self.bots().into_iter().find(|bot| bot.id == member.id) {
            self.push_update(&bot, "my_chat_member", chat.key.chat, &update);
        }
        self.tell_admins(chat, "chat_member", &update);
        if old.is_in() == status.is_in() {
            return Ok(());
        }
        if status.is_in() {
            note.new_chat_members = vec![member.clone()];
        } else {
            note.left_chat_member = Some(member.clone());
        }
        let entry = lock(&chat.state).post(note, None);
        self.live.tell(chat.key, "message", "entry", || entry.clone());
        self.show_message(chat, "message", &entry.message);
        Ok(())
    }

    fn member_update(&self, view: &ChatView, by: &User, member: &User, old: &str, new: &str) -> Value {
        json!({
            "chat": view,
            "from": by,
            "date": self.now(),
            "old_chat_member": chat_member(member, old),
            "new_chat_member": chat_member(member, new),
        })
    }
}

fn chat_member(user: &User, status: &str) -> Value {
    let mut member = json!({ "user": user, "status": status });
    if status == "kicked" {
        member["until_date"] = json!(0);
    }
    if status == "administrator" {
        for right in ["can_be_edited", "can_manage_chat", "can_delete_messages", "can_manage_topics"] {
            member[right] = json!(true);
        }
        member["is_anonymous"] = json!(false);
    }
    member
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Creator => "creator",
        Status::Administrator => "administrator",
        Status::Member => "member",
        Status::Left => "left",
        Status::Kicked => "kicked",
    }
}
