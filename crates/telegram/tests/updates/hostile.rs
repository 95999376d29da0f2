//! Whatever comes in: no panic, and `peek` and `normalise` agree.

use proptest::prelude::*;
use serde_json::Value;
use telegram::{normalise, peek};

use crate::samples::SAMPLES;

/// Both read it, or both refuse it for the same reason.
fn agree(raw: &[u8]) {
    match (peek(raw), normalise(raw)) {
        (Ok(peek), Ok(incoming)) => {
            assert_eq!(peek.update_id, incoming.update_id);
            assert_eq!(peek.kind, incoming.kind);
            assert_eq!(peek.chat_id.unwrap_or(0), incoming.chat.id);
            let text = format!("{incoming:?}");
            drop(text);
        }
        (Err(peek), Err(normalise)) => assert_eq!(peek, normalise),
        (peek, normalise) => panic!("{peek:?} but {normalise:?}"),
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    let name = prop_oneof![
        4 => prop::sample::select(names()),
        1 => "[a-z_]{0,8}".prop_map(String::from),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Every name of a field that stands in the samples.
fn names() -> Vec<String> {
    fn walk(value: &Value, names: &mut Vec<String>) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| {
                names.push(name.clone());
                walk(value, names);
            }),
            Value::Array(items) => items.iter().for_each(|item| walk(item, names)),
            _ => {}
        }
    }
    let mut names = Vec::new();
    SAMPLES.iter().for_each(|(_, json)| walk(&serde_json::from_str(json).unwrap(), &mut names));
    names.sort();
    names.dedup();
    names
}

/// Puts `new` in the place of the `at`-th value.
fn replace(value: &mut Value, at: &mut usize, new: &Value) {
    if *at == 0 {
        *value = new.clone();
        *at = usize::MAX;
        return;
    }
    *at = at.saturating_sub(1);
    match value {
        Value::Object(fields) => fields.iter_mut().for_each(|(_, value)| replace(value, at, new)),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, at, new)),
        _ => {}
    }
}

#[test]
fn the_samples_agree() {
    SAMPLES.iter().for_each(|(_, json)| agree(json.as_bytes()));
}

#[test]
fn each_sample_cut_short_anywhere_is_refused() {
    for (_, json) in SAMPLES {
        for end in 0..json.len() {
            assert!(peek(&json.as_bytes()[..end]).is_err());
            agree(&json.as_bytes()[..end]);
        }
    }
}

/// A message of a person with this in it.
fn message(content: &Value) -> Vec<u8> {
    let mut message = serde_json::json!({
        "message_id": 1, "date": 1, "chat": { "id": 42, "type": "private" },
        "from": { "id": 42, "is_bot": false, "first_name": "A" },
    });
    for (name, value) in content.as_object().unwrap() {
        message[name] = value.clone();
    }
    serde_json::json!({ "update_id": 1, "message": message }).to_string().into_bytes()
}

#[test]
fn a_megabyte_of_emoji_with_entities_all_over_it_is_a_text() {
    let text = "🤷🏽‍♀️".repeat(60_000);
    let entity = |at: i64| serde_json::json!({ "type": "bold", "offset": at * 7, "length": 7 });
    let entities: Vec<Value> = (0..60_000).map(entity).collect();
    let raw = message(&serde_json::json!({ "text": text, "entities": entities }));
    assert!(raw.len() > 1 << 20);
    let incoming = normalise(&raw).unwrap();
    let words = incoming.words().unwrap();
    assert_eq!((words.as_str().len(), words.entities.len()), (text.len(), 60_000));
    assert!(words.entities.iter().all(|entity| words.covered(entity) == "🤷🏽‍♀️"));
}

#[test]
fn nesting_of_any_depth_inside_a_message_neither_overflows_nor_loses_its_text() {
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
    for (field, json) in [
        ("reply_to_message", deep(r#"{"reply_to_message":"#, "}")),
        ("entities", deep("[", "]")),
        ("photo", deep(r#"[{"thumbnail":"#, "}]")),
        ("something_new", deep(r#"{"a":["#, "]}")),
    ] {
        let raw = String::from_utf8(message(&serde_json::json!({ "text": "жив" }))).unwrap();
        let raw = raw.replacen(r#""text":"#, &format!(r#""{field}":{json},"text":"#), 1);
        let incoming = normalise(raw.as_bytes()).unwrap();
        assert_eq!(incoming.words().map(telegram::update::Words::as_str), Some("жив"), "{field}");
        agree(raw.as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Telegram counts in UTF-16 units, and so does whoever cuts the text for us here.
    #[test]
    fn an_entity_of_any_text_covers_what_telegram_marked(
        before in "\\PC{0,20}", marked in "\\PC{1,20}", after in "\\PC{0,20}",
    ) {
        let units = |text: &str| text.encode_utf16().count();
        let entity =
            serde_json::json!({ "type": "mention", "offset": units(&before), "length": units(&marked) });
        let text = format!("{before}{marked}{after}");
        let raw = message(&serde_json::json!({ "text": text, "entities": [entity] }));
        let incoming = normalise(&raw).unwrap();
        if let Some(words) = incoming.words() {
            prop_assert_eq!(words.covered(&words.entities[0]), marked);
        }
    }

    #[test]
    fn arbitrary_bytes(raw in prop::collection::vec(any::<u8>(), 0..200)) {
        agree(&raw);
    }

    #[test]
    fn arbitrary_json(value in any_json()) {
        agree(value.to_string().as_bytes());
    }

    #[test]
    fn arbitrary_json_as_the_body_of_a_known_kind(
        kind in prop::sample::select(telegram::UpdateKind::NAMES), body in any_json(), id in any::<i64>(),
    ) {
        let raw = serde_json::json!({ "update_id": id, kind: body }).to_string();
        agree(raw.as_bytes());
        prop_assert!(peek(raw.as_bytes()).is_ok(), "a strange body does not lose the update");
    }

    #[test]
    fn samples_with_one_value_changed(
        (_, json) in prop::sample::select(SAMPLES), at in 1usize..60, new in any_json(),
    ) {
        let mut value: Value = serde_json::from_str(json).unwrap();
        let mut left = at;
        replace(&mut value, &mut left, &new);
        agree(value.to_string().as_bytes());
    }

    #[test]
    fn samples_with_bytes_changed(
        (_, json) in prop::sample::select(SAMPLES),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut raw = json.as_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(raw.len());
            raw[at] = byte;
        }
        agree(&raw);
    }
}
