//! From Telegram's words to the engine's: what an update means to a conversation.

use ids::Pii;
use telegram::update::{ChatKind, Contact, EntityKind, FileKind, IncomingFile, Words};
use telegram::{Incoming, What as Theirs};

use crate::conversation::Said;
use crate::domain::{Chat, Message, Person, What};

/// An update as the engine takes it.
pub(crate) struct Read {
    pub(crate) what: What,
    pub(crate) person: Person,
    pub(crate) chat: Chat,
    pub(crate) message: Message,
    pub(crate) chat_kind: &'static str,
    /// `None` for what is not a message of a person, or not one to the bot: what people say to each other in a
    /// group is nobody else's.
    pub(crate) said: Option<Said>,
}

/// `None` where the update is no part of a conversation with the bot: a message of another bot, a chat that is
/// between a business account and its customer. `username` is the bot's own, where it is known.
pub(crate) fn read(incoming: Incoming, username: Option<&str>) -> Option<Read> {
    if incoming.business_connection_id.is_some()
        || incoming.sender.as_ref().is_some_and(|sender| sender.is_bot)
    {
        return None;
    }
    let chat_kind = match incoming.chat.kind {
        ChatKind::None => return None,
        kind => kind.as_str(),
    };
    let chat = Chat { private: incoming.is_private(), addressed: addressed(&incoming, username) };
    let message_id = incoming.message_id.unwrap_or(0);
    let message = message(&incoming);
    let person = person(&incoming);
    let label = incoming.what.label();
    let sender_id = incoming.sender.as_ref().map_or(0, |sender| sender.id);
    let (what, words) = meaning(incoming.what, sender_id);
    let words = words.filter(|_| chat.private || chat.addressed);
    let said = words.map(|text| Said { kind: label.to_owned(), text: Pii::new(text), message_id });
    Some(Read { what, person, chat, message, chat_kind, said })
}

/// The person's own message; a button is below one of the bot's.
fn message(incoming: &Incoming) -> Message {
    if matches!(incoming.what, Theirs::Button { .. } | Theirs::Reaction { .. }) {
        return Message::default();
    }
    Message { id: incoming.message_id.unwrap_or(0), album: incoming.album.clone() }
}

/// What it means, and the words to be kept of it; no words for what is not a message.
fn meaning(what: Theirs, sender_id: i64) -> (What, Option<String>) {
    match what {
        Theirs::Text(words) => {
            let text = clean(words.as_str());
            (What::Text(Pii::new(text.clone())), Some(text))
        }
        Theirs::Command { name, payload, .. } => {
            let text = clean(format!("/{name} {}", payload.expose()).trim_end());
            (What::Text(Pii::new(text.clone())), Some(text))
        }
        Theirs::Button { callback_id, data, .. } => {
            let data = clean(&data);
            (What::Button { callback_id, data: data.clone() }, Some(data))
        }
        Theirs::Contact(contact) => (shared_contact(&contact, sender_id), Some(String::new())),
        Theirs::File(file) => {
            let caption = clean(file.caption.as_ref().map_or("", Words::as_str));
            (received_file(&file, &caption), Some(caption))
        }
        Theirs::Edited(inner) => {
            let text = match *inner {
                Theirs::Text(words) => clean(words.as_str()),
                Theirs::Command { name, payload, .. } => {
                    clean(format!("/{name} {}", payload.expose()).trim_end())
                }
                _ => String::new(),
            };
            (What::Edited(Pii::new(text.clone())), Some(text))
        }
        Theirs::Location(_) => (What::OtherMessage { kind: "location".to_owned() }, Some(String::new())),
        Theirs::Other { kind } if kind.starts_with("message.") => {
            (What::OtherMessage { kind }, Some(String::new()))
        }
        other => (What::Notice { kind: other.label().to_owned() }, None),
    }
}

fn shared_contact(contact: &Contact, sender_id: i64) -> What {
    let last = contact.last_name.as_ref().map_or("", |name| name.expose());
    let name = clean(format!("{} {last}", contact.first_name.expose()).trim());
    What::Contact {
        phone: Pii::new(clean(contact.phone.expose())),
        name: Pii::new(name),
        own: contact.user_id == Some(sender_id),
    }
}

fn received_file(file: &IncomingFile, caption: &str) -> What {
    match file.kind {
        FileKind::Voice | FileKind::VideoNote => What::Voice,
        FileKind::Sticker => What::OtherMessage { kind: "sticker".to_owned() },
        _ => What::File {
            name: Pii::new(clean(file.name.as_ref().map_or("", |name| name.expose()))),
            caption: Pii::new(caption.to_owned()),
        },
    }
}

fn person(incoming: &Incoming) -> Person {
    let Some(sender) = &incoming.sender else { return Person::default() };
    let kept =
        |text: &Option<Pii<String>>| Pii::new(text.as_ref().map_or_else(String::new, |t| clean(t.expose())));
    Person {
        user_id: sender.id,
        first_name: Pii::new(clean(sender.first_name.expose())),
        last_name: kept(&sender.last_name),
        username: kept(&sender.username),
        language_code: sender.language_code.clone().unwrap_or_default(),
        is_bot: sender.is_bot,
    }
}

/// Whether the bot is meant: always in private; in a group by a button, by a command (unless it names another
/// bot), by a reply to a bot, by its name.
fn addressed(incoming: &Incoming, username: Option<&str>) -> bool {
    if incoming.is_private() {
        return true;
    }
    let is_mine = |name: &str| username.is_some_and(|own| own.eq_ignore_ascii_case(name));
    match &incoming.what {
        Theirs::Button { .. } => true,
        Theirs::Command { addressed_to, .. } => addressed_to.as_deref().is_none_or(is_mine),
        _ => {
            incoming.reply_to.as_ref().is_some_and(|reply| reply.sender_is_bot)
                || incoming.words().is_some_and(|words| mentions(words, is_mine))
        }
    }
}

fn mentions(words: &Words, is_mine: impl Fn(&str) -> bool) -> bool {
    words
        .entities
        .iter()
        .filter(|entity| matches!(entity.kind, EntityKind::Mention))
        .any(|entity| words.covered(entity).strip_prefix('@').is_some_and(&is_mine))
}

/// Postgres keeps no NUL, neither in text nor in JSON.
fn clean(text: &str) -> String {
    if text.contains('\0') { text.replace('\0', "") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(body: &str) -> Incoming {
        telegram::normalise(format!("{{\"update_id\":1,{body}}}").as_bytes()).unwrap()
    }

    const FROM: &str = r#""message_id":5,"date":1,"from":{"id":7,"is_bot":false,"first_name":"Ann"}"#;

    #[test]
    fn a_private_text_is_addressed_and_kept_without_nul() {
        let read = read(
            update(&format!(r#""message":{{{FROM},"chat":{{"id":7,"type":"private"}},"text":"a\u0000b"}}"#)),
            None,
        )
        .unwrap();
        assert!(read.chat.private && read.chat.addressed);
        let said = read.said.unwrap();
        assert_eq!((said.text.expose().as_str(), said.kind.as_str(), said.message_id), ("ab", "text", 5));
    }

    #[test]
    fn in_a_group_only_what_is_meant_for_the_bot_is_addressed() {
        let group = |text: &str, extra: &str| {
            let body = format!(
                r#""message":{{{FROM},"chat":{{"id":-7,"type":"group","title":"g"}},"text":"{text}"{extra}}}"#
            );
            let read = read(update(&body), Some("Dev_Bot")).unwrap();
            assert_eq!(read.said.is_some(), read.chat.addressed, "only what is said to the bot is kept");
            read.chat.addressed
        };
        assert!(!group("hello all", ""));
        assert!(group("/help", r#","entities":[{"type":"bot_command","offset":0,"length":5}]"#));
        assert!(group("/help@dev_bot", r#","entities":[{"type":"bot_command","offset":0,"length":13}]"#));
        assert!(!group("/help@other_bot", r#","entities":[{"type":"bot_command","offset":0,"length":15}]"#));
        assert!(group("hi @dev_bot", r#","entities":[{"type":"mention","offset":3,"length":8}]"#));
    }

    #[test]
    fn messages_of_bots_are_no_part_of_a_conversation() {
        let body = r#""message":{"message_id":1,"date":1,"from":{"id":7,"is_bot":true,"first_name":"B"},"chat":{"id":7,"type":"private"},"text":"x"}"#;
        assert!(read(update(body), None).is_none());
    }

    #[test]
    fn a_block_is_a_notice_that_keeps_no_message() {
        let body = r#""my_chat_member":{"chat":{"id":7,"type":"private"},"from":{"id":7,"is_bot":false,"first_name":"A"},"date":1,"old_chat_member":{"status":"member","user":{"id":1,"is_bot":true,"first_name":"b"}},"new_chat_member":{"status":"kicked","until_date":0,"user":{"id":1,"is_bot":true,"first_name":"b"}}}"#;
        let read = read(update(body), None).unwrap();
        assert!(read.said.is_none());
        assert!(matches!(read.what, What::Notice { kind } if kind == "blocked_by_user"));
    }
}
