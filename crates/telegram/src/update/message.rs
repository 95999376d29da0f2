//! A message as one of ours: where it stands, what it refers to, what it carries.

use ids::Pii;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::command;
use super::entity::Words;
use super::incoming::{ChatRef, Forward, ForwardOrigin, Incoming, ReplyTo};
use super::kind::UpdateKind;
use super::service_message;
use super::what::{Contact, FileKind, IncomingFile, Location, What};
use super::wire::{self, Message, read, read_part};

/// Reads a message that came as `kind`; `body` is its JSON.
pub(super) fn read_message(update_id: i64, kind: UpdateKind, body: &RawValue) -> Option<Incoming> {
    let mut message: Message<'_> = read(body)?;
    let edited = matches!(
        kind,
        UpdateKind::EditedMessage | UpdateKind::EditedChannelPost | UpdateKind::EditedBusinessMessage
    );
    let what = content(&mut message, body);
    let what = if edited { What::Edited(Box::new(what)) } else { what };
    let what = match (&kind, message.guest_query_id.take()) {
        (UpdateKind::GuestMessage, Some(query_id)) => What::Guest { query_id, inner: Box::new(what) },
        _ => what,
    };
    let at = if edited { message.edit_date.unwrap_or(message.date) } else { message.date };
    Some(Incoming {
        update_id,
        kind,
        at: Some(at),
        message_id: Some(message.message_id),
        album: message.media_group_id.take(),
        reply_to: reply_to(&message),
        forward: read_part(message.forward_origin).map(Origin::into_forward),
        business_connection_id: message.business_connection_id.take(),
        // Whoever writes in the name of a chat is hidden behind an account that stands for nobody.
        sender: message.from.take().filter(|_| message.sender_chat.is_none()),
        sender_chat_id: message.sender_chat.take().map(|chat| chat.id),
        chat: place(message),
        what,
    })
}

/// The chat and the topic in it. Outside topics Telegram numbers threads of replies; those are no topics.
pub(super) fn place(message: Message<'_>) -> ChatRef {
    let thread_id = message.message_thread_id.filter(|_| message.is_topic_message);
    message.chat.into_ref(thread_id)
}

fn content(message: &mut Message<'_>, body: &RawValue) -> What {
    if let Some(text) = message.text.take() {
        let words = Words::read(text, read_part(message.entities).unwrap_or_default());
        return command::read(&words).unwrap_or(What::Text(words));
    }
    // An animation comes with a `document` and a venue with a `location`, for clients that know no better.
    file(message)
        .or_else(|| location(message))
        .or_else(|| contact(message))
        .or_else(|| service_message::read(message))
        .unwrap_or_else(|| service_message::unnamed(body))
}

#[derive(Deserialize)]
struct Media {
    file_id: String,
    #[serde(default)]
    file_unique_id: String,
    file_name: Option<Pii<String>>,
    mime_type: Option<String>,
    file_size: Option<u64>,
    duration: Option<u32>,
    emoji: Option<String>,
}

fn file(message: &mut Message<'_>) -> Option<What> {
    let single = [
        (FileKind::Animation, message.animation),
        (FileKind::Document, message.document),
        (FileKind::Voice, message.voice),
        (FileKind::Video, message.video),
        (FileKind::VideoNote, message.video_note),
        (FileKind::Audio, message.audio),
        (FileKind::Sticker, message.sticker),
    ];
    let found = single.into_iter().find_map(|(kind, raw)| Some((kind, read_part::<Media>(raw)?)));
    // The same picture in several sizes, the largest last.
    let photo = || Some((FileKind::Photo, read_part::<Vec<Media>>(message.photo)?.pop()?));
    let (kind, media) = found.or_else(photo)?;
    let caption = message
        .caption
        .take()
        .map(|caption| Words::read(caption, read_part(message.caption_entities).unwrap_or_default()));
    Some(What::File(IncomingFile {
        kind,
        file_id: media.file_id,
        unique_id: media.file_unique_id,
        name: media.file_name,
        mime: media.mime_type,
        size: media.file_size,
        duration: media.duration,
        emoji: media.emoji,
        caption,
    }))
}

#[derive(Deserialize)]
struct Point {
    latitude: f64,
    longitude: f64,
}

#[derive(Deserialize)]
struct Venue {
    location: Point,
    title: Option<Pii<String>>,
    address: Option<Pii<String>>,
}

fn location(message: &Message<'_>) -> Option<What> {
    let venue = read_part::<Venue>(message.venue);
    let (point, title, address) = match venue {
        Some(venue) => (venue.location, venue.title, venue.address),
        None => (read_part::<Point>(message.location)?, None, None),
    };
    let (latitude, longitude) = (Pii::new(point.latitude), Pii::new(point.longitude));
    Some(What::Location(Location { latitude, longitude, title, address }))
}

#[derive(Deserialize)]
struct Card {
    phone_number: Pii<String>,
    #[serde(default)]
    first_name: Pii<String>,
    last_name: Option<Pii<String>>,
    user_id: Option<i64>,
}

fn contact(message: &Message<'_>) -> Option<What> {
    let card: Card = read_part(message.contact)?;
    Some(What::Contact(Contact {
        phone: card.phone_number,
        first_name: card.first_name,
        last_name: card.last_name,
        user_id: card.user_id,
    }))
}

#[derive(Deserialize)]
struct Referred {
    message_id: i64,
    from: Option<Sender>,
    sender_chat: Option<serde::de::IgnoredAny>,
    text: Option<Pii<String>>,
    caption: Option<Pii<String>>,
    forum_topic_created: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Sender {
    id: i64,
    #[serde(default)]
    is_bot: bool,
}

#[derive(Deserialize)]
struct Quote {
    text: Pii<String>,
}

fn reply_to(message: &Message<'_>) -> Option<ReplyTo> {
    let quote = read_part::<Quote>(message.quote).map(|quote| quote.text);
    if let Some(referred) = read_part::<Referred>(message.reply_to_message) {
        // Every message in a topic refers to the one that opened it; nobody replied to that.
        if referred.forum_topic_created.is_some() {
            return None;
        }
        let from = referred.from.filter(|_| referred.sender_chat.is_none());
        return Some(ReplyTo {
            message_id: Some(referred.message_id),
            sender_id: from.as_ref().map(|from| from.id),
            sender_is_bot: from.is_some_and(|from| from.is_bot),
            text: referred.text.or(referred.caption),
            quote,
        });
    }
    message.external_reply?;
    Some(ReplyTo { message_id: None, sender_id: None, sender_is_bot: false, text: None, quote })
}

#[derive(Deserialize)]
struct Origin {
    #[serde(rename = "type")]
    kind: String,
    date: Option<i64>,
    sender_user: Option<wire::Id>,
    sender_user_name: Option<Pii<String>>,
    sender_chat: Option<wire::Id>,
    chat: Option<wire::Id>,
    message_id: Option<i64>,
}

impl Origin {
    fn into_forward(self) -> Forward {
        let origin = match (
            self.kind.as_str(),
            self.sender_user,
            self.sender_user_name,
            self.sender_chat,
            self.chat,
        ) {
            ("user", Some(user), ..) => ForwardOrigin::Person { id: user.id },
            ("hidden_user", _, Some(name), ..) => ForwardOrigin::Hidden { name },
            ("chat", _, _, Some(chat), _) => ForwardOrigin::Group { id: chat.id },
            ("channel", .., Some(chat)) => {
                ForwardOrigin::Channel { id: chat.id, message_id: self.message_id }
            }
            _ => ForwardOrigin::Other,
        };
        Forward { origin, at: self.date }
    }
}
