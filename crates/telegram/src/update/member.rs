//! Who is in a chat: `my_chat_member` (the bot itself) and `chat_member` (others).

use serde::Deserialize;
use serde_json::value::RawValue;

use super::incoming::{ChatKind, Incoming};
use super::kind::UpdateKind;
use super::person::Person;
use super::what::{Membership, What};
use super::wire;

#[derive(Deserialize)]
struct MemberUpdated {
    chat: wire::Chat,
    from: Person,
    #[serde(default)]
    date: i64,
    old_chat_member: Member,
    new_chat_member: Member,
}

#[derive(Deserialize)]
struct Member {
    user: Person,
    status: String,
    /// Of someone restricted: whether they are in the chat.
    #[serde(default)]
    is_member: bool,
}

impl Member {
    fn standing(&self) -> Membership {
        match self.status.as_str() {
            "creator" => Membership::Owner,
            "administrator" => Membership::Admin,
            "restricted" if self.is_member => Membership::Restricted,
            "left" | "restricted" => Membership::Left,
            "kicked" => Membership::Banned,
            _ => Membership::Member,
        }
    }
}

pub(super) fn read_member(update_id: i64, kind: UpdateKind, body: &RawValue) -> Option<Incoming> {
    let updated: MemberUpdated = wire::read(body)?;
    let (before, now) = (updated.old_chat_member.standing(), updated.new_chat_member.standing());
    let chat = updated.chat.into_ref(None);
    let person = updated.new_chat_member.user;
    let what = if kind == UpdateKind::MyChatMember {
        match (chat.kind, before, now) {
            (ChatKind::Private, _, Membership::Banned) => What::BlockedByUser,
            (ChatKind::Private, Membership::Banned, _) => What::Unblocked,
            _ => What::BotMember { before, now },
        }
    } else {
        match (before.is_in(), now.is_in()) {
            (false, true) => What::Joined { people: vec![person] },
            (true, false) => What::Left { person },
            _ => What::MemberChanged { person, before, now },
        }
    };
    Some(Incoming {
        update_id,
        kind,
        at: Some(updated.date),
        chat,
        sender: Some(updated.from),
        sender_chat_id: None,
        message_id: None,
        album: None,
        reply_to: None,
        forward: None,
        business_connection_id: None,
        what,
    })
}
