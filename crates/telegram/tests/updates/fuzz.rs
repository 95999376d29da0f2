//! Normalisation under a fuzzer: `cargo bolero test -p telegram --test updates fuzz::any_bytes_are_an_update_or_an_error`.
//! `cargo test` tries a bounded number of random inputs, and whatever a fuzzer has kept below `__fuzz__`.

use serde_json::json;
use telegram::{normalise, peek};

const SAMPLE: &str = r#"{"update_id":1,"message":{"message_id":2,"date":3,"chat":{"id":4,"type":"private"},
"from":{"id":5,"is_bot":false,"first_name":"A"},"text":"/start@b x","entities":[{"type":"bot_command","offset":0,"length":8}],
"reply_to_message":{"message_id":1,"date":2,"chat":{"id":4,"type":"private"},"text":"y"}}}"#;

fn survived(raw: &[u8]) {
    let _ = peek(raw);
    if let Ok(incoming) = normalise(raw) {
        // Every place of an entity has been made one of the text.
        if let telegram::What::Text(words) = &incoming.what {
            words.entities.iter().for_each(|entity| drop(words.covered(entity).to_owned()));
        }
    }
}

#[test]
fn any_bytes_are_an_update_or_an_error() {
    bolero::check!().with_iterations(2_000).for_each(survived);
}

#[test]
fn a_spoilt_update_is_an_update_or_an_error() {
    bolero::check!().with_iterations(2_000).with_type::<(u16, u8, Vec<u8>)>().for_each(|(at, cut, with)| {
        let mut raw = SAMPLE.as_bytes().to_vec();
        let start = usize::from(*at) % raw.len();
        let end = (start + usize::from(*cut)).min(raw.len());
        raw.splice(start..end, with.iter().copied());
        survived(&raw);
    });
}

#[test]
fn places_that_telegram_could_not_mean_are_survived() {
    bolero::check!().with_iterations(2_000).with_type::<(String, Vec<(i32, i32)>)>().for_each(|(text, places)| {
        let entity = |(offset, length): &(i32, i32)| json!({ "type": "bold", "offset": offset, "length": length });
        let update = json!({ "update_id": 1, "message": { "message_id": 2, "date": 3, "chat": { "id": 4, "type": "private" },
            "from": { "id": 5, "is_bot": false, "first_name": "A" }, "text": text,
            "entities": places.iter().map(entity).collect::<Vec<_>>() } });
        survived(update.to_string().as_bytes());
    });
}
