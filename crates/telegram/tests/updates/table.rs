//! Each sample in a line: what it is, where, whose, and in which words.

use telegram::update::{EntityKind, Incoming, What, normalise};

use crate::samples::{SAMPLES, sample};

/// `what kind-of-chat[#topic] sender "words"`, and what else is kept.
const TABLE: &[(&str, &str)] = &[
    ("text", "text private 42 «👍 смотри https://x.io»"),
    ("command", "command private 42"),
    ("edited", "edited text private 42 «иначе»"),
    ("edited_caption", "edited photo private 42 «вот так»"),
    ("reply", "text supergroup 42 «да» replies-to:3 quotes:вопрос"),
    ("quote_from_elsewhere", "text private 42 «так можно?» replies-to:elsewhere quotes:миграция"),
    ("topic_message", "text supergroup#4 42 «в теме»"),
    ("private_topic_message", "text private#12 42 «в своей теме»"),
    ("topic_created", "topic supergroup#4 42"),
    ("topic_edited", "topic supergroup#4 42"),
    ("topic_closed", "topic supergroup#4 nobody"),
    ("topic_reopened", "topic supergroup#4 nobody"),
    ("photo", "photo private 42 «вот» album:alb1"),
    ("document", "document private 42"),
    ("voice", "voice private 42"),
    ("video", "video private nobody"),
    ("video_note", "video_note private nobody"),
    ("audio", "audio private nobody"),
    ("animation", "animation private nobody"),
    ("sticker", "sticker private nobody"),
    ("location", "location private nobody"),
    ("venue", "location private nobody"),
    ("contact", "contact private 42"),
    ("checklist", "other:message.checklist private 42"),
    ("dice", "other:message.dice private nobody"),
    ("forward_person", "text private 42 «f» forwarded"),
    ("forward_hidden", "text private nobody «f» forwarded"),
    ("forward_channel", "text private nobody «f» forwarded"),
    ("anonymous_admin", "command supergroup nobody for:-1001 replies-to:3"),
    ("in_the_name_of_a_channel", "text supergroup nobody «от канала» for:-1003"),
    ("channel_post_in_its_group", "text supergroup nobody «новость» for:-1003 forwarded"),
    ("channel_post", "text channel nobody «новость» for:-1003"),
    ("edited_channel_post", "edited text channel nobody «новость 2»"),
    ("joined", "joined supergroup 42"),
    ("left", "left supergroup 42"),
    ("member_joined", "joined supergroup 42"),
    ("member_banned", "left supergroup 42"),
    ("member_promoted", "member_changed supergroup 42"),
    ("chat_join_request", "join_request supergroup 43"),
    ("blocked", "blocked_by_user private 42"),
    ("unblocked", "unblocked private 42"),
    ("bot_promoted", "bot_member supergroup 42"),
    ("bot_removed", "bot_member supergroup 42"),
    ("migrated", "migrated_to group nobody"),
    ("migrated_from", "migrated_from supergroup nobody"),
    ("business_connection", "business_connection none 50 business:bc1"),
    ("business_disconnected", "business_connection none 50 business:bc1"),
    ("business_message", "text private 42 «сколько стоит?» business:bc1"),
    ("edited_business_message", "edited text private 42 «сколько?» business:bc1"),
    ("deleted_business_messages", "business_deleted private nobody business:bc1"),
    ("guest_message", "guest supergroup 42 «@bot сколько?»"),
    ("message_reaction", "reaction private 42"),
    ("anonymous_reaction", "reaction supergroup nobody for:-1003"),
    ("message_reaction_count", "reaction_counts channel nobody"),
    ("inline_query", "inline_query none 42"),
    ("chosen_inline_result", "inline_chosen none 42"),
    ("callback_query", "button supergroup 42"),
    ("button_in_a_topic", "button supergroup#4 42"),
    ("callback_inaccessible", "button private 42"),
    ("callback_inline", "button none 42"),
    ("poll", "other:poll none nobody"),
    ("poll_answer", "poll_answer none 42"),
    ("poll_answer_channel", "poll_answer none nobody"),
    ("stopped_message_generation", "generation_stopped private#9 nobody"),
    ("shipping_query", "other:shipping_query none nobody"),
    ("pre_checkout_query", "other:pre_checkout_query none nobody"),
    ("purchased_paid_media", "other:purchased_paid_media none nobody"),
    ("chat_boost", "other:chat_boost none nobody"),
    ("removed_chat_boost", "other:removed_chat_boost none nobody"),
    ("managed_bot", "other:managed_bot none nobody"),
    ("subscription", "other:subscription none nobody"),
    ("every_entity", "text private 42 «👨‍👩‍👧‍👦 @dev_bot #tag $USD a@b.io +79991234567 жир код тут»"),
    ("unknown", "other:telepathy none nobody"),
    ("nothing", "other: none nobody"),
    ("wrong_shape", "unreadable none nobody"),
    ("wrong_everything", "unreadable none nobody"),
    ("odd_parts", "text none nobody «жив»"),
];

fn line(incoming: &Incoming) -> String {
    let what = match &incoming.what {
        What::Edited(inner) => format!("edited {}", inner.label()),
        What::Other { kind } => format!("other:{kind}"),
        what => what.label().to_owned(),
    };
    let mut line = format!("{what} {}", incoming.chat.kind.as_str());
    if let Some(topic) = incoming.chat.thread_id {
        line += &format!("#{topic}");
    }
    line += &incoming.sender.as_ref().map_or(" nobody".to_owned(), |sender| format!(" {}", sender.id));
    if let Some(words) = incoming.words() {
        line += &format!(" «{}»", words.as_str());
    }
    if let Some(chat) = incoming.sender_chat_id {
        line += &format!(" for:{chat}");
    }
    if let Some(reply) = &incoming.reply_to {
        line +=
            &reply.message_id.map_or(" replies-to:elsewhere".to_owned(), |id| format!(" replies-to:{id}"));
        line += &reply.quote.as_ref().map_or(String::new(), |quote| format!(" quotes:{}", quote.expose()));
    }
    line += if incoming.forward.is_some() { " forwarded" } else { "" };
    line += &incoming.album.as_ref().map_or(String::new(), |album| format!(" album:{album}"));
    line += &incoming.business_connection_id.as_ref().map_or(String::new(), |id| format!(" business:{id}"));
    line
}

#[test]
fn every_update_becomes_what_its_line_says() {
    let mut wrong = Vec::new();
    for (name, wanted) in TABLE {
        let was = line(&normalise(sample(name).as_bytes()).unwrap());
        if was != *wanted {
            wrong.push(format!("{name}\n  wanted {wanted}\n  is     {was}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (name, _) in SAMPLES {
        assert!(TABLE.iter().any(|(known, _)| known == name), "{name} has no line");
    }
}

#[test]
fn a_reply_to_an_anonymous_administrator_is_no_reply_to_a_bot() {
    let reply = normalise(sample("anonymous_admin").as_bytes()).unwrap().reply_to.unwrap();
    assert_eq!((reply.sender_id, reply.sender_is_bot), (None, false));
}

#[test]
fn entities_behind_an_emoji_of_eleven_units_cover_their_words() {
    let incoming = normalise(sample("every_entity").as_bytes()).unwrap();
    let words = incoming.words().unwrap();
    let covered: Vec<&str> = words.entities.iter().map(|entity| words.covered(entity)).collect();
    let wanted = ["👨‍👩‍👧‍👦", "@dev_bot", "#tag", "$USD", "a@b.io", "+79991234567", "жир", "код", "тут"];
    assert_eq!(covered, wanted);
    assert_eq!(words.entities[8].kind, EntityKind::TextLink { url: "https://x.io".into() });
}
