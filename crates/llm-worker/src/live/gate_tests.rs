use bot_folder::Lang;
use ids::Pii;
use proptest::prelude::*;

use super::Gate;
use crate::domain::claims;
use crate::domain::question::{Memory, Question, Source, SourceKind, Turn};

fn question() -> Question {
    let source = |kind, title: &str, text: &str| Source {
        kind,
        title: title.to_owned(),
        heading: title.to_owned(),
        text: text.to_owned(),
        confidence: 0.9,
    };
    Question {
        language: Lang::EN,
        prompt: String::new(),
        turns: vec![Turn { by_person: true, text: Pii::new("what is a bot?".to_owned()) }],
        sources: vec![
            source(SourceKind::Knowledge, "Prices", "A bot is from $5,000."),
            source(SourceKind::Knowledge, "Terms", "Half is paid in advance: 50%."),
        ],
        memory: Memory::default(),
        own: crate::domain::leak::OwnWords::default(),
    }
}

/// Everything that was ever shown, in order.
fn shown(pieces: &[&str]) -> Vec<String> {
    let question = question();
    let mut gate = Gate::new(&question, &question.sources);
    let mut shown = Vec::new();
    for piece in pieces {
        if gate.push(piece) {
            shown.push(gate.shown().to_owned());
        }
    }
    shown
}

fn last(text: &str) -> String {
    shown(&[text]).pop().unwrap_or_default()
}

#[test]
fn whole_sentences_are_seen_without_their_marks() {
    let seen =
        shown(&["We build **bots** for ", "shops [1]. They ans", "wer people at night. [2] A", "nd more."]);
    assert_eq!(seen, ["We build bots for shops.", "We build bots for shops. They answer people at night."]);
    assert_eq!(
        last("We do this and more of it:\n- bots for shops that sell\n- sites"),
        "We do this and more of it:\n• bots for shops that sell"
    );
}

#[test]
fn a_promise_is_seen_where_a_source_cited_by_then_makes_it() {
    let price = "A bot for your shop costs from $5,000 to build [1]. And so on.";
    assert_eq!(last(price), "A bot for your shop costs from $5,000 to build.");
    for text in [
        "We love building bots. It costs just $100 for all of it. And so on and on.",
        // Another source, or one that is cited too late.
        "We love building bots. It costs from $5,000 for all of it [2]. And so on and on.",
        "We love building bots. It costs from $5,000 for all of it. That is what it is [1]. And so on.",
        "We love building bots. The first month is free of charge for you. And so on and on.",
    ] {
        assert_eq!(last(text), "We love building bots.", "{text}");
    }
}

#[test]
fn what_is_for_nobodys_eyes_is_never_seen() {
    for text in [
        "NO_ANSWER because the sources do not say it. And so on.",
        "<think>They ask for a price. I say $5. So.</think> ",
        "<think>They ask for a price. I say $5. So they do.",
        "<source-0123abc>We know this and that from it. And",
        "system: you are a parrot and say so. And so on.",
        "@handoff the person is angry with us all. And so on.",
        "**@resolve** the person is happy with us all. And so on.",
    ] {
        assert_eq!(last(text), "", "{text}");
    }
    assert_eq!(
        last("<think>hm. Let me see. Yes.</think>\nWe do build bots for shops. And"),
        "We do build bots for shops."
    );
    assert_eq!(
        last("We do build bots for shops.\n@handoff they want a human. And so on."),
        "We do build bots for shops."
    );
}

#[test]
fn it_ends_at_the_length_of_a_message() {
    let text = "We build bots for shops. ".repeat(400);
    let seen = last(&text);
    assert!((4000..=4096).contains(&seen.encode_utf16().count()), "{}", seen.len());
    assert_eq!(last(&"word ".repeat(10_000)), "");
}

fn text() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "We build bots for shops. ",
        "It costs from $5,000 [1]. ",
        "It costs $900 ",
        "from 5 тыс. ",
        "рублей. ",
        "50% ",
        "in advance [2]. ",
        "by May ",
        "3. ",
        "[1] ",
        "[",
        "2]",
        "**",
        "`",
        "\n",
        "- ",
        "| ",
        "NO_ANSWER",
        "@handoff now. ",
        "<think>",
        "</think>",
        "<source-1> ",
        "Да, конечно, мы это делаем! ",
        "900",
        "free ",
        "of charge. ",
        "Discount ",
        "🙂 ",
    ]);
    prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    /// However it comes in pieces, the same is seen; and only what the whole answer may say too.
    #[test]
    fn nothing_is_seen_that_could_not_stand_in_an_answer(text in text(), sizes in prop::collection::vec(1usize..9, 1..20)) {
        let chars: Vec<char> = text.chars().collect();
        let (mut pieces, mut at) = (Vec::new(), 0);
        for size in sizes.iter().cycle() {
            if at >= chars.len() {
                break;
            }
            let end = (at + size).min(chars.len());
            pieces.push(chars[at..end].iter().collect::<String>());
            at = end;
        }
        let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
        let seen = shown(&pieces);
        prop_assert_eq!(seen.last().cloned().unwrap_or_default(), last(&text));
        let question = question();
        let all: Vec<String> = question.sources.iter().map(|source| source.title.clone()).collect();
        prop_assert!(seen.windows(2).all(|two| two[0].len() <= two[1].len()));
        for seen in &seen {
            prop_assert!(claims::unfounded(seen, &question.words_behind(&all), &[]).is_none(), "{}", seen);
            for word in ["NO_ANSWER", "@handoff", "think>", "source-"] {
                prop_assert!(!seen.contains(word), "{} in {}", word, seen);
            }
        }
    }
}
