//! From Telegram's words to the engine's: what an update means to a conversation.

use ids::Pii;
use telegram::update::{ChatKind, ChatRef, Contact, EntityKind, FileKind, IncomingFile, Words};
use telegram::{Incoming, What as Theirs};

use crate::bots::Me;
use crate::conversation::{Place, Reach, Said};
use crate::domain::{Chat, Message, Person, SentFile, What};
use crate::files::clean_name;

/// An update as the engine takes it.
pub(crate) struct Read {
    pub(crate) what: What,
    pub(crate) person: Person,
    pub(crate) chat: Chat,
    pub(crate) message: Message,
    pub(crate) chat_kind: &'static str,
    pub(crate) place: Place,
    /// `None` for what is not a message of a person, or not one to the bot: what people say to each other in a
    /// group is nobody else's.
    pub(crate) said: Option<Said>,
}

/// Fails with the reason where the update is no part of a conversation with the bot.
pub(crate) fn read(incoming: Incoming, me: Me<'_>) -> Result<Read, &'static str> {
    if incoming.business_connection_id.is_some() {
        return Err("it is between a business account and its customer");
    }
    if incoming.sender.as_ref().is_some_and(|sender| sender.is_bot) {
        return Err("another bot wrote it");
    }
    let chat_kind = match incoming.chat.kind {
        ChatKind::None => return Err("it happened in no chat"),
        kind => kind.as_str(),
    };
    let place = Place { topic: incoming.chat.thread_id, reach: reach(&incoming.what, &incoming.chat) };
    if incoming.chat.kind == ChatKind::Channel && place.reach == Reach::AsBefore {
        return Err("a channel speaks to its readers, not to the bot");
    }
    let chat_id = match incoming.what {
        Theirs::MigratedFrom { chat_id } => chat_id,
        _ => incoming.chat.id,
    };
    let chat = Chat {
        id: chat_id,
        private: incoming.is_private(),
        addressed: addressed(&incoming, me),
        topic: place.topic,
    };
    let message_id = incoming.message_id.unwrap_or(0);
    let message = message(&incoming);
    let person = person(&incoming);
    let kind = incoming.what.label();
    let label = match &incoming.what {
        Theirs::Button { label: Some(label), .. } => clean(label.expose()),
        _ => String::new(),
    };
    let sender_id = incoming.sender.as_ref().map_or(0, |sender| sender.id);
    let (what, words) = meaning(incoming.what, sender_id);
    let words = words.filter(|_| chat.private || chat.addressed);
    let said = words.map(|text| Said {
        kind: kind.to_owned(),
        text: Pii::new(text),
        label: Pii::new(label),
        message_id,
    });
    Ok(Read { what, person, chat, message, chat_kind, place, said })
}

/// The person's own message; a button is below one of the bot's.
fn message(incoming: &Incoming) -> Message {
    if matches!(incoming.what, Theirs::Button { .. } | Theirs::Reaction { .. }) {
        return Message::default();
    }
    Message { id: incoming.message_id.unwrap_or(0) }
}

/// What becomes of the way to this chat.
fn reach(what: &Theirs, chat: &ChatRef) -> Reach {
    match what {
        Theirs::BlockedByUser => Reach::Lost { why: "blocked" },
        Theirs::Unblocked => Reach::Regained,
        Theirs::BotMember { now, .. } if !now.is_in() => Reach::Lost { why: "left" },
        Theirs::BotMember { before, .. } if !before.is_in() => Reach::Regained,
        Theirs::MigratedTo { chat_id } => Reach::Moved { chat_id: *chat_id },
        // The same, said in the new chat; `read` names the old one.
        Theirs::MigratedFrom { .. } => Reach::Moved { chat_id: chat.id },
        _ => Reach::AsBefore,
    }
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
                Theirs::File(file) => clean(file.caption.as_ref().map_or("", Words::as_str)),
                _ => String::new(),
            };
            (What::Edited(Pii::new(text.clone())), Some(text))
        }
        Theirs::Location(_) => (What::OtherMessage { kind: "location".to_owned() }, Some(String::new())),
        Theirs::Other { kind } if kind.starts_with("message.") => {
            (What::OtherMessage { kind }, Some(String::new()))
        }
        Theirs::Joined { people } if people.iter().any(|person| !person.is_bot) => {
            let people = people.iter().filter(|person| !person.is_bot).map(|person| person.id).collect();
            (What::Joined { people }, None)
        }
        Theirs::GenerationStopped { draft_id } => (What::Stopped { draft_id }, None),
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
        kind => What::File(Box::new(SentFile {
            kind: kind.as_str().to_owned(),
            file_id: Pii::new(clean(&file.file_id)),
            unique_id: Pii::new(clean(if file.unique_id.is_empty() {
                &file.file_id
            } else {
                &file.unique_id
            })),
            name: Pii::new(clean_name(file.name.as_ref().map_or("", |name| name.expose()))),
            size: file.size,
            caption: Pii::new(caption.to_owned()),
        })),
    }
}

pub(crate) fn person(incoming: &Incoming) -> Person {
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
/// bot), by a reply to it, by its name.
fn addressed(incoming: &Incoming, me: Me<'_>) -> bool {
    if incoming.is_private() {
        return true;
    }
    let is_mine = |name: &str| me.username.is_some_and(|own| own.eq_ignore_ascii_case(name));
    match &incoming.what {
        Theirs::Button { .. } => true,
        Theirs::Command { addressed_to, .. } => addressed_to.as_deref().is_none_or(is_mine),
        _ => {
            incoming
                .reply_to
                .as_ref()
                .is_some_and(|reply| reply.sender_id.is_some() && reply.sender_id == me.user_id)
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

    const ME: Me<'static> = Me { user_id: Some(99), username: Some("Dev_Bot") };

    const FROM: &str = r#""message_id":5,"date":1,"from":{"id":7,"is_bot":false,"first_name":"Ann"}"#;

    #[test]
    fn a_private_text_is_addressed_and_kept_without_nul() {
        let read = read(
            update(&format!(r#""message":{{{FROM},"chat":{{"id":7,"type":"private"}},"text":"a\u0000b"}}"#)),
            Me::default(),
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
            let read = read(update(&body), ME).unwrap();
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
    fn a_press_keeps_what_stood_on_the_button() {
        let pressed = |keyboard: &str| {
            let body = format!(
                r#""callback_query":{{"id":"c","from":{{"id":7,"is_bot":false,"first_name":"Ann"}},"data":"s:1:a","message":{{"message_id":5,"date":1,"chat":{{"id":7,"type":"private"}},"text":"?","reply_markup":{{"inline_keyboard":{keyboard}}}}}}}"#
            );
            read(update(&body), ME).unwrap().said.unwrap()
        };
        let said = pressed(
            r#"[[{"text":"A\u0000 month","callback_data":"s:1:a"},{"text":"?","callback_data":"s:1:b"}]]"#,
        );
        assert_eq!((said.text.expose().as_str(), said.label.expose().as_str()), ("s:1:a", "A month"));
        let said = pressed("[]");
        assert_eq!((said.text.expose().as_str(), said.label.expose().as_str()), ("s:1:a", ""));
    }

    #[test]
    fn messages_of_bots_are_no_part_of_a_conversation() {
        let body = r#""message":{"message_id":1,"date":1,"from":{"id":7,"is_bot":true,"first_name":"B"},"chat":{"id":7,"type":"private"},"text":"x"}"#;
        assert_eq!(read(update(body), ME).err(), Some("another bot wrote it"));
    }

    #[test]
    fn a_block_is_a_notice_that_keeps_no_message() {
        let body = r#""my_chat_member":{"chat":{"id":7,"type":"private"},"from":{"id":7,"is_bot":false,"first_name":"A"},"date":1,"old_chat_member":{"status":"member","user":{"id":1,"is_bot":true,"first_name":"b"}},"new_chat_member":{"status":"kicked","until_date":0,"user":{"id":1,"is_bot":true,"first_name":"b"}}}"#;
        let read = read(update(body), ME).unwrap();
        assert!(read.said.is_none());
        assert!(matches!(read.what, What::Notice { kind } if kind == "blocked_by_user"));
        assert_eq!(read.place.reach, Reach::Lost { why: "blocked" });
    }

    #[test]
    fn a_reply_is_to_the_bot_only_where_the_bot_wrote_what_is_replied_to() {
        let replied = |bot: i64| {
            let body = format!(
                r#""message":{{{FROM},"chat":{{"id":-7,"type":"group"}},"text":"and?","reply_to_message":{{"message_id":3,"date":1,"chat":{{"id":-7,"type":"group"}},"from":{{"id":{bot},"is_bot":true,"first_name":"B"}},"text":"?"}}}}"#
            );
            read(update(&body), ME).unwrap().chat.addressed
        };
        assert!(replied(99) && !replied(98));
    }

    #[test]
    fn an_anonymous_administrator_is_heard_and_a_channel_is_not() {
        let body = r#""message":{"message_id":5,"date":1,"from":{"id":1087968824,"is_bot":true,"first_name":"Group"},"sender_chat":{"id":-7,"type":"supergroup"},"chat":{"id":-7,"type":"supergroup","is_forum":true},"message_thread_id":4,"is_topic_message":true,"text":"/help","entities":[{"type":"bot_command","offset":0,"length":5}]}"#;
        let heard = read(update(body), ME).unwrap();
        assert!(heard.chat.addressed && heard.person.user_id == 0);
        assert_eq!(heard.place.topic, Some(4));
        let body =
            r#""channel_post":{"message_id":5,"date":1,"chat":{"id":-8,"type":"channel"},"text":"/help"}"#;
        assert_eq!(read(update(body), ME).err(), Some("a channel speaks to its readers, not to the bot"));
    }

    #[test]
    fn what_becomes_of_the_way_to_a_group_is_known() {
        let member = |before: &str, now: &str| {
            let user = r#""user":{"id":99,"is_bot":true,"first_name":"b"}"#;
            let body = format!(
                r#""my_chat_member":{{"chat":{{"id":-7,"type":"group"}},"from":{{"id":7,"is_bot":false,"first_name":"A"}},"date":1,"old_chat_member":{{"status":"{before}",{user}}},"new_chat_member":{{"status":"{now}",{user}}}}}"#
            );
            read(update(&body), ME).unwrap().place.reach
        };
        assert_eq!(member("member", "kicked"), Reach::Lost { why: "left" });
        assert_eq!(member("left", "member"), Reach::Regained);
        assert_eq!(member("member", "administrator"), Reach::AsBefore);
        let body = r#""message":{"message_id":5,"date":1,"chat":{"id":-7,"type":"group"},"migrate_to_chat_id":-1007}"#;
        assert_eq!(read(update(body), ME).unwrap().place.reach, Reach::Moved { chat_id: -1007 });
        let body = r#""message":{"message_id":1,"date":1,"chat":{"id":-1007,"type":"supergroup"},"migrate_from_chat_id":-7}"#;
        let read = read(update(body), ME).unwrap();
        assert_eq!((read.chat.id, read.place.reach), (-7, Reach::Moved { chat_id: -1007 }));
    }

    #[test]
    fn a_file_brings_what_fetches_it_and_a_name_without_tricks() {
        let body = format!(
            r#""message":{{{FROM},"chat":{{"id":7,"type":"private"}},"caption":"see page 2","document":{{"file_id":"f","file_unique_id":"u","file_name":"..\\a\u202efdp.exe","file_size":12}}}}"#
        );
        let read = read(update(&body), ME).unwrap();
        let What::File(file) = read.what else { panic!("it is a file") };
        assert_eq!((file.file_id.expose().as_str(), file.unique_id.expose().as_str()), ("f", "u"));
        assert_eq!((file.name.expose().as_str(), file.size), ("afdp.exe", Some(12)));
        assert_eq!(file.caption.expose(), "see page 2");
        let said = read.said.unwrap();
        assert_eq!((said.kind.as_str(), said.text.expose().as_str()), ("document", "see page 2"));
    }
}
