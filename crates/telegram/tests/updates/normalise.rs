//! Every kind of update becomes the message it should.

use ids::Pii;
use telegram::UpdateKind;
use telegram::update::{
    ChatKind, EntityKind, FileKind, ForwardOrigin, Incoming, IncomingFile, Membership, Reaction, TopicEvent,
    What, normalise, peek,
};

use crate::samples::{SAMPLES, sample};

fn read(name: &str) -> Incoming {
    normalise(sample(name).as_bytes()).unwrap()
}

fn file(name: &str) -> (Incoming, IncomingFile) {
    let incoming = read(name);
    match incoming.what.clone() {
        What::File(file) => (incoming, file),
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn the_samples_have_every_kind() {
    for kind in UpdateKind::NAMES {
        let found = SAMPLES.iter().any(|(_, json)| peek(json.as_bytes()).unwrap().kind.name() == *kind);
        assert!(found, "no sample of {kind}");
    }
}

#[test]
fn every_known_kind_is_understood_or_named() {
    for (name, json) in SAMPLES {
        let what = normalise(json.as_bytes()).unwrap().what;
        let unreadable = matches!(what, What::Unreadable { .. });
        assert_eq!(unreadable, name.starts_with("wrong_"), "{name}: {what:?}");
    }
}

#[test]
fn a_text_has_its_sender_its_chat_and_its_entities_in_bytes() {
    let incoming = read("text");
    let sender = incoming.sender.as_ref().unwrap();
    assert_eq!((incoming.update_id, incoming.at, incoming.message_id), (10, Some(1_700_000_000), Some(5)));
    assert_eq!((incoming.chat.id, incoming.chat.kind), (42, ChatKind::Private));
    assert_eq!((sender.id, sender.full_name().expose().as_str()), (42, "Анна К"));
    assert_eq!(
        (sender.username.as_ref().unwrap().expose().as_str(), sender.language_code.as_deref()),
        ("anna", Some("ru"))
    );
    let words = incoming.words().unwrap();
    assert_eq!(words.entities[0].kind, EntityKind::Url);
    assert_eq!(words.covered(&words.entities[0]), "https://x.io");
}

#[test]
fn printing_a_message_shows_nothing_of_the_person() {
    for (name, json) in SAMPLES {
        let text = format!("{:?}", normalise(json.as_bytes()).unwrap());
        for private in
            ["Анна", "anna", "смотри", "вопрос", "7999", "55.75", "цены", "тз.pdf", "Тайна", "utm_ads"]
        {
            assert!(!text.contains(private), "{name} shows {private}: {text}");
        }
    }
}

#[test]
fn commands_and_edits() {
    match read("command").what {
        What::Command { name, payload, addressed_to } => {
            assert_eq!(
                (name.as_str(), payload.expose().as_str(), addressed_to),
                ("start", "utm_ads-7", None)
            );
        }
        other => panic!("{other:?}"),
    }
    let edited = read("edited");
    assert_eq!(edited.at, Some(1_700_000_009));
    assert!(matches!(&edited.what, What::Edited(inner) if matches!(**inner, What::Text(_))));
    assert_eq!(edited.words().unwrap().as_str(), "иначе");
    for kind in ["edited_channel_post", "edited_business_message"] {
        assert!(matches!(read(kind).what, What::Edited(_)), "{kind}");
    }
}

#[test]
fn replies_quotes_and_threads() {
    let reply = read("reply");
    let to = reply.reply_to.as_ref().unwrap();
    assert_eq!((to.message_id, to.sender_id, to.sender_is_bot), (Some(3), Some(99), true));
    assert_eq!(to.text.as_ref().unwrap().expose(), "вопрос?");
    assert_eq!(to.quote.as_ref().unwrap().expose(), "вопрос");
    assert_eq!(reply.chat.thread_id, None, "a thread of replies is no topic");
    assert_eq!(
        (reply.chat.kind, reply.chat.title.as_ref().unwrap().expose().as_str()),
        (ChatKind::Supergroup, "Команда")
    );

    let topic = read("topic_message");
    assert_eq!((topic.chat.thread_id, topic.chat.is_forum, &topic.reply_to), (Some(4), true, &None));
    assert!(
        matches!(read("topic_created").what, What::Topic(TopicEvent::Created { name }) if name.expose() == "T")
    );
    assert_eq!(read("topic_closed").what, What::Topic(TopicEvent::Closed));
}

#[test]
fn forwards_say_where_they_come_from() {
    let origin = |name| read(name).forward.unwrap().origin;
    assert_eq!(origin("forward_person"), ForwardOrigin::Person { id: 7 });
    assert!(matches!(origin("forward_hidden"), ForwardOrigin::Hidden { .. }));
    assert_eq!(origin("forward_channel"), ForwardOrigin::Channel { id: -1003, message_id: Some(77) });
    assert_eq!(read("forward_person").forward.unwrap().at, Some(1_600_000_000));
}

#[test]
fn files_of_every_kind() {
    let (photo, picture) = file("photo");
    assert_eq!(
        (picture.kind, picture.file_id.as_str(), picture.size),
        (FileKind::Photo, "large", Some(90_000))
    );
    assert_eq!((photo.album.as_deref(), photo.words().unwrap().as_str()), (Some("alb1"), "вот"));
    let (_, document) = file("document");
    assert_eq!((document.kind, document.mime.as_deref()), (FileKind::Document, Some("application/pdf")));
    assert_eq!(document.name.unwrap().expose(), "тз.pdf");
    let (_, voice) = file("voice");
    assert_eq!((voice.kind, voice.duration), (FileKind::Voice, Some(7)));
    for (name, kind) in [
        ("video", FileKind::Video),
        ("video_note", FileKind::VideoNote),
        ("audio", FileKind::Audio),
        ("animation", FileKind::Animation),
        ("sticker", FileKind::Sticker),
    ] {
        assert_eq!(file(name).1.kind, kind);
    }
    assert_eq!(file("sticker").1.emoji.as_deref(), Some("😀"));
}

#[test]
fn places_and_contacts() {
    assert!(
        matches!(read("location").what, What::Location(at) if *at.latitude.expose() == 55.75 && at.title.is_none())
    );
    assert!(
        matches!(read("venue").what, What::Location(at) if at.title.as_ref().unwrap().expose() == "Кафе")
    );
    let incoming = read("contact");
    match &incoming.what {
        What::Contact(contact) => {
            assert_eq!(contact.phone.expose(), "+79991234567");
            assert!(contact.is_of(incoming.sender.as_ref().unwrap()));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn buttons_belong_to_the_chat_of_their_message() {
    let pressed = read("callback_query");
    assert_eq!(
        (pressed.chat.id, pressed.chat.kind, pressed.sender.unwrap().id),
        (-1001, ChatKind::Supergroup, 42)
    );
    let button = |data: &str, label: Option<&str>, message_id| What::Button {
        callback_id: "cq".into(),
        data: data.into(),
        label: label.map(|label| Pii::new(label.to_owned())),
        message_id,
    };
    assert_eq!(pressed.what, button("menu:services", Some("Услуги"), Some(31)));
    assert_eq!(read("callback_inaccessible").what, button("old", None, Some(31)));
    let inline = read("callback_inline");
    assert_eq!((inline.chat.id, inline.chat.kind), (42, ChatKind::None));
    assert_eq!(inline.what, button("x", None, None));
}

#[test]
fn a_press_counts_whatever_stands_for_its_keyboard() {
    let sample = sample("callback_query");
    for (of_the_sample, other) in [
        (r#""callback_data":"menu:services""#, r#""callback_data":"menu:faq""#),
        (r#""text":"Услуги""#, r#""text":7"#),
        (r#""inline_keyboard":["#, r#""inline_keyboard":[[[]],"#),
        (r#""reply_markup":{"#, r#""reply_markup":"none","was":{"#),
    ] {
        assert!(sample.contains(of_the_sample));
        let What::Button { data, label, .. } =
            normalise(sample.replacen(of_the_sample, other, 1).as_bytes()).unwrap().what
        else {
            panic!("{other}")
        };
        assert_eq!((data.as_str(), label), ("menu:services", None), "{other}");
    }
}

#[test]
fn who_comes_and_who_goes() {
    assert!(matches!(read("joined").what, What::Joined { people } if people[0].id == 43));
    assert!(matches!(read("left").what, What::Left { person } if person.id == 43));
    assert!(matches!(read("member_joined").what, What::Joined { people } if people[0].id == 43));
    assert!(matches!(read("member_banned").what, What::Left { person } if person.id == 43));
    assert!(matches!(
        read("member_promoted").what,
        What::MemberChanged { before: Membership::Member, now: Membership::Owner, .. }
    ));
    assert_eq!(read("blocked").what, What::BlockedByUser);
    assert_eq!(read("unblocked").what, What::Unblocked);
    assert_eq!(
        read("bot_promoted").what,
        What::BotMember { before: Membership::Member, now: Membership::Admin }
    );
    assert!(matches!(read("chat_join_request").what, What::JoinRequest { user_chat_id: 43, .. }));
    assert_eq!(read("migrated").what, What::MigratedTo { chat_id: -10055 });
}

#[test]
fn reactions_say_what_changed() {
    let reaction = read("message_reaction");
    assert_eq!(reaction.message_id, Some(30));
    assert_eq!(
        reaction.what,
        What::Reaction {
            message_id: 30,
            added: vec![Reaction::Emoji("👍".into()), Reaction::CustomEmoji("5".into())],
            removed: vec![Reaction::Emoji("👎".into())],
        }
    );
    assert_eq!(
        read("message_reaction_count").what,
        What::ReactionCounts {
            message_id: 28,
            counts: vec![(Reaction::Emoji("🔥".into()), 12), (Reaction::Paid, 1)],
        }
    );
}

#[test]
fn business_guests_inline_and_votes() {
    let message = read("business_message");
    assert_eq!(message.business_connection_id.as_deref(), Some("bc1"));
    assert!(matches!(message.what, What::Text(_)));
    assert_eq!(
        read("business_connection").what,
        What::BusinessConnection { id: "bc1".into(), user_chat_id: 50, enabled: true, can_reply: true }
    );
    assert_eq!(read("deleted_business_messages").what, What::BusinessDeleted { message_ids: vec![29, 30] });
    assert!(matches!(read("guest_message").what, What::Guest { query_id, .. } if query_id == "gq"));
    let inline = read("inline_query");
    assert_eq!((inline.chat.id, inline.chat.kind), (42, ChatKind::None));
    assert!(matches!(inline.what, What::InlineQuery { query, .. } if query.expose() == "цены"));
    assert!(
        matches!(read("chosen_inline_result").what, What::InlineChosen { result_id, .. } if result_id == "r1")
    );
    assert_eq!(read("poll_answer").what, What::PollAnswer { poll_id: "p1".into(), options: vec![1] });
    assert_eq!(read("poll_answer_channel").chat.id, -1003);
    let stopped = read("stopped_message_generation");
    assert_eq!((stopped.chat.thread_id, stopped.what), (Some(9), What::GenerationStopped { draft_id: 77 }));
    assert_eq!(read("channel_post").sender_chat_id, Some(-1003));
}

#[test]
fn what_is_not_known_is_named_and_what_is_broken_is_said_to_be() {
    let other = |kind: &str| What::Other { kind: kind.into() };
    assert_eq!(read("dice").what, other("message.dice"));
    assert_eq!(read("unknown").what, other("telepathy"));
    assert_eq!(read("nothing").what, other(""));
    assert_eq!(read("pre_checkout_query").what, other("pre_checkout_query"));
    assert_eq!((read("chat_boost").what, read("chat_boost").chat.id), (other("chat_boost"), -1003));
    let broken = read("wrong_shape");
    assert_eq!((broken.what, broken.chat.id), (What::Unreadable { kind: "message".into() }, 42));
    let odd = read("odd_parts");
    assert_eq!((odd.words().unwrap().as_str(), odd.chat.kind, &odd.reply_to), ("жив", ChatKind::None, &None));
}
