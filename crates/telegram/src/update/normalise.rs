//! Any update as one message type.

use ids::Pii;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::business::{Connected, Deleted};
use super::button::Pressed;
use super::envelope::{Envelope, ParseError};
use super::incoming::{ChatKind, ChatRef, Incoming};
use super::kind::UpdateKind;
use super::member::read_member;
use super::message::read_message;
use super::peek::chat_of;
use super::person::Person;
use super::reaction::{Reacted, ReactionsCounted};
use super::what::What;
use super::wire;

/// Reads an update. Fails only where [`peek`](super::peek) fails too, and agrees with it on id, kind and chat.
pub fn normalise(raw: &[u8]) -> Result<Incoming, ParseError> {
    let Envelope { update_id, kind, body } = Envelope::read(raw)?;
    let Some(body) = body else {
        return Ok(blank(update_id, kind, None, |kind| What::Other { kind }));
    };
    let chat_id = chat_of(&kind, body);
    let read = read_kind(update_id, &kind, body);
    let understood = matches!(&read, Ok(incoming) if incoming.chat.id == chat_id.unwrap_or(0));
    Ok(match read {
        Ok(incoming) if understood => incoming,
        Ok(_) | Err(NotRead::Shape) => blank(update_id, kind, chat_id, |kind| What::Unreadable { kind }),
        Err(NotRead::Kind) => blank(update_id, kind, chat_id, |kind| What::Other { kind }),
    })
}

/// Why an update did not become a message of ours.
enum NotRead {
    /// There is no case for its kind.
    Kind,
    /// Its content has another shape than expected.
    Shape,
}

/// An update of which nothing is known but where it belongs.
fn blank(
    update_id: i64,
    kind: UpdateKind,
    chat_id: Option<i64>,
    what: impl FnOnce(String) -> What,
) -> Incoming {
    let what = what(kind.name().to_owned());
    outside(update_id, kind, chat_id.unwrap_or(0), None, what)
}

/// An update that did not happen in a chat we know more of than its id.
pub(super) fn outside(
    update_id: i64,
    kind: UpdateKind,
    id: i64,
    sender: Option<Person>,
    what: What,
) -> Incoming {
    let chat = ChatRef { id, kind: ChatKind::None, title: None, thread_id: None, is_forum: false };
    inside(update_id, kind, chat, sender, what)
}

pub(super) fn inside(
    update_id: i64,
    kind: UpdateKind,
    chat: ChatRef,
    sender: Option<Person>,
    what: What,
) -> Incoming {
    Incoming {
        update_id,
        kind,
        at: None,
        chat,
        sender,
        sender_chat_id: None,
        message_id: None,
        album: None,
        reply_to: None,
        forward: None,
        business_connection_id: None,
        what,
    }
}

fn read_kind(update_id: i64, kind: &UpdateKind, body: &RawValue) -> Result<Incoming, NotRead> {
    use UpdateKind as K;
    let k = kind.clone();
    let read = match kind {
        K::Message
        | K::EditedMessage
        | K::ChannelPost
        | K::EditedChannelPost
        | K::BusinessMessage
        | K::EditedBusinessMessage
        | K::GuestMessage => read_message(update_id, k, body),
        K::MyChatMember | K::ChatMember => read_member(update_id, k, body),
        K::CallbackQuery => wire::read::<Pressed<'_>>(body).map(|it| it.into_incoming(update_id, k)),
        K::MessageReaction => wire::read::<Reacted>(body).map(|it| it.into_incoming(update_id, k)),
        K::MessageReactionCount => {
            wire::read::<ReactionsCounted>(body).map(|it| it.into_incoming(update_id, k))
        }
        K::InlineQuery => wire::read::<InlineQuery>(body).map(|it| {
            let what = What::InlineQuery { id: it.id, query: it.query, offset: it.offset };
            outside(update_id, k, it.from.id, Some(it.from), what)
        }),
        K::ChosenInlineResult => wire::read::<Chosen>(body).map(|it| {
            let (result_id, query, inline_message_id) = (it.result_id, it.query, it.inline_message_id);
            let what = What::InlineChosen { result_id, query, inline_message_id };
            outside(update_id, k, it.from.id, Some(it.from), what)
        }),
        K::ChatJoinRequest => wire::read::<JoinRequest>(body).map(|it| it.into_incoming(update_id, k)),
        K::BusinessConnection => wire::read::<Connected>(body).map(|it| it.into_incoming(update_id, k)),
        K::DeletedBusinessMessages => wire::read::<Deleted>(body).map(|it| it.into_incoming(update_id, k)),
        K::PollAnswer => wire::read::<Vote>(body).map(|it| {
            let id = it.user.as_ref().map(|user| user.id).or(it.voter_chat.map(|chat| chat.id)).unwrap_or(0);
            outside(
                update_id,
                k,
                id,
                it.user,
                What::PollAnswer { poll_id: it.poll_id, options: it.option_ids },
            )
        }),
        K::StoppedMessageGeneration => wire::read::<Stopped>(body).map(|it| {
            let what = What::GenerationStopped { draft_id: it.draft_id };
            inside(update_id, k, it.chat.into_ref(it.message_thread_id), None, what)
        }),
        K::ChatBoost
        | K::RemovedChatBoost
        | K::ShippingQuery
        | K::PreCheckoutQuery
        | K::PurchasedPaidMedia
        | K::Poll
        | K::ManagedBot
        | K::Subscription
        | K::Unknown(_) => return Err(NotRead::Kind),
    };
    read.ok_or(NotRead::Shape)
}

#[derive(Deserialize)]
struct InlineQuery {
    id: String,
    from: Person,
    #[serde(default)]
    query: Pii<String>,
    #[serde(default)]
    offset: String,
}

#[derive(Deserialize)]
struct Chosen {
    result_id: String,
    from: Person,
    #[serde(default)]
    query: Pii<String>,
    inline_message_id: Option<String>,
}

#[derive(Deserialize)]
struct JoinRequest {
    chat: wire::Chat,
    from: Person,
    user_chat_id: Option<i64>,
    date: Option<i64>,
    bio: Option<Pii<String>>,
    invite_link: Option<InviteLink>,
}

#[derive(Deserialize)]
struct InviteLink {
    invite_link: String,
}

impl JoinRequest {
    fn into_incoming(self, update_id: i64, kind: UpdateKind) -> Incoming {
        let what = What::JoinRequest {
            user_chat_id: self.user_chat_id.unwrap_or(self.from.id),
            bio: self.bio,
            invite_link: self.invite_link.map(|link| link.invite_link),
        };
        Incoming { at: self.date, ..inside(update_id, kind, self.chat.into_ref(None), Some(self.from), what) }
    }
}

#[derive(Deserialize)]
struct Vote {
    poll_id: String,
    user: Option<Person>,
    voter_chat: Option<wire::Id>,
    #[serde(default)]
    option_ids: Vec<u32>,
}

#[derive(Deserialize)]
struct Stopped {
    chat: wire::Chat,
    message_thread_id: Option<i64>,
    draft_id: i64,
}
