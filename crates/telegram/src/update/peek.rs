//! As much of an update as its routing needs: read at the gateway for every update.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::envelope::{Envelope, ParseError};
use super::kind::UpdateKind;

/// What an update is about, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peek {
    pub update_id: i64,
    pub kind: UpdateKind,
    /// Where the update belongs, so that what happens to one person or group stays in order:
    /// - the chat, for everything that happens in one (for a button, that of its message);
    /// - else the person's id, which is also the id of their private chat: inline queries and their chosen
    ///   results, payments, subscriptions, buttons below inline messages, votes in a poll;
    /// - `None` where there is neither (the state of a poll, an unknown kind, a body of unknown shape).
    pub chat_id: Option<i64>,
}

/// Reads id, kind and chat, and checks that the whole is JSON. Makes no copy of anything.
pub fn peek(raw: &[u8]) -> Result<Peek, ParseError> {
    let Envelope { update_id, kind, body } = Envelope::read(raw)?;
    let chat_id = body.and_then(|body| chat_of(&kind, body));
    Ok(Peek { update_id, kind, chat_id })
}

#[derive(Deserialize)]
struct Id {
    id: i64,
}

#[derive(Deserialize)]
struct InChat {
    chat: Id,
}

#[derive(Deserialize)]
struct FromPerson {
    from: Id,
}

#[derive(Deserialize)]
struct OfUser {
    user: Id,
}

#[derive(Deserialize)]
struct Pressed {
    message: Option<InChat>,
    from: Id,
}

#[derive(Deserialize)]
struct Voted {
    user: Option<Id>,
    voter_chat: Option<Id>,
}

#[derive(Deserialize)]
struct Connected {
    user_chat_id: i64,
}

pub(super) fn chat_of(kind: &UpdateKind, body: &RawValue) -> Option<i64> {
    use UpdateKind as K;
    match kind {
        K::Message
        | K::EditedMessage
        | K::ChannelPost
        | K::EditedChannelPost
        | K::BusinessMessage
        | K::EditedBusinessMessage
        | K::DeletedBusinessMessages
        | K::GuestMessage
        | K::MessageReaction
        | K::MessageReactionCount
        | K::MyChatMember
        | K::ChatMember
        | K::ChatJoinRequest
        | K::ChatBoost
        | K::RemovedChatBoost
        | K::StoppedMessageGeneration => read(body).map(|InChat { chat }| chat.id),
        K::CallbackQuery => {
            read(body).map(|Pressed { message, from }| message.map_or(from.id, |m| m.chat.id))
        }
        K::InlineQuery
        | K::ChosenInlineResult
        | K::ShippingQuery
        | K::PreCheckoutQuery
        | K::PurchasedPaidMedia => read(body).map(|FromPerson { from }| from.id),
        K::Subscription | K::ManagedBot => read(body).map(|OfUser { user }| user.id),
        K::BusinessConnection => read(body).map(|Connected { user_chat_id }| user_chat_id),
        K::PollAnswer => {
            read(body).and_then(|Voted { user, voter_chat }| user.or(voter_chat).map(|voter| voter.id))
        }
        K::Poll | K::Unknown(_) => None,
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a RawValue) -> Option<T> {
    serde_json::from_str(body.get()).ok()
}
