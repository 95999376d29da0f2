//! A portal that answers anything.

use proptest::prelude::*;

use super::super::super::FindBy;
use super::*;
use crate::delivering::said;
use testkit::crms::Stranger;

/// Answers everything with this.
async fn says(status: u16, body: Vec<u8>) -> Stranger {
    Stranger::start(move |_| (status, body.clone())).await
}

async fn ask_everything(bench: &Bench, stranger: &Stranger) -> Vec<Option<Trouble>> {
    let config = AccountConfig { url: stranger.url().to_owned(), ..bench.config.clone() };
    let adapter = open(&config, bench.caller.clone(), Token::Given(Secret::new("1/secret"))).unwrap();
    vec![
        adapter.schema().await.err(),
        adapter.find(&ada(), &[FindBy::Phone, FindBy::Telegram]).await.err(),
        adapter.made(MARK).await.err(),
        adapter.create_contact(&ada()).await.err(),
        adapter.create_deal(&deal(), &Whose::New(&ada())).await.err(),
        adapter.create_deal(&deal(), &Whose::Known("lead:1")).await.err(),
        adapter.update_deal("deal:1", &deal()).await.err(),
        adapter.add_note("lead:1", &note("n", "x")).await.err(),
        adapter.has_note("lead:1", "n").await.err(),
        adapter.deal_state("deal:1").await.err(),
    ]
}

#[tokio::test]
async fn what_was_sent_is_not_printed_though_it_comes_back_as_a_code() {
    let bench = bench(Options::default()).await;
    let repeats = r#"{"error":"+79129876543 is no phone","error_description":"ada@example.com is no mail"}"#;
    let stranger = says(400, repeats.into()).await;
    for trouble in ask_everything(&bench, &stranger).await.into_iter().flatten() {
        let printed = format!("{trouble:?} {}", said("sales", &trouble));
        assert!(!printed.contains("9129876543") && !printed.contains("ada@"), "{printed}");
        assert!(trouble.note().expose().contains("+79129876543"), "for a person it is kept");
    }
}

/// Bodies that are no answer to anything.
const STRANGE: [&str; 19] = [
    "",
    "null",
    "[]",
    "{}",
    "7",
    "\"x\"",
    "{\"result\":",
    "\u{0}\u{1}",
    "<html>",
    "{\"result\":null}",
    "{\"result\":[]}",
    "{\"result\":{}}",
    "{\"result\":{\"item\":[]}}",
    "{\"result\":{\"item\":{\"id\":-1}}}",
    "{\"result\":{\"item\":{\"id\":1e400}}}",
    "{\"result\":false}",
    "{\"error\":[]}",
    "{\"error\":null}",
    "{\"result\":{\"result\":[],\"result_error\":[]}}",
];

#[tokio::test]
async fn an_answer_of_no_known_form_is_a_trouble() {
    let bench = bench(Options::default()).await;
    let deep = format!("{{\"result\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000));
    for body in STRANGE.into_iter().chain([deep.as_str()]) {
        let short: String = body.chars().take(40).collect();
        let stranger = says(200, body.as_bytes().to_vec()).await;
        for (nth, trouble) in ask_everything(&bench, &stranger).await.into_iter().enumerate() {
            // A list of comments may be empty.
            let empty = nth == 8 && body == "{\"result\":[]}";
            assert!(trouble.is_some() || empty, "call {nth} has succeeded with {short}");
        }
    }
}

/// The portal is known, and then it answers what was written with something else.
#[tokio::test]
async fn a_write_with_a_strange_answer_is_unknown_or_refused_and_never_done() {
    let mut bench = bench(Options::default()).await;
    bench.config.telegram_field = String::new();
    for body in STRANGE {
        let known = serde_json::json!({ "result": { "result": {
            "c0": 1, "c1": { "fields": [] }, "c2": { "fields": [] }, "c3": { "fields": [] }, "c4": [],
        } } });
        let stranger = Stranger::start(move |path| {
            let is_batch = path.ends_with("/batch.json");
            (200, if is_batch { known.to_string().into_bytes() } else { body.as_bytes().to_vec() })
        })
        .await;
        let writes = [3, 4, 7];
        let all = ask_everything(&bench, &stranger).await;
        for (nth, trouble) in all.iter().enumerate().filter(|(nth, _)| writes.contains(nth)) {
            let trouble = trouble.as_ref().unwrap_or_else(|| panic!("call {nth} has succeeded with {body}"));
            assert!(["unknown", "rejected"].contains(&trouble.word()), "call {nth}, {body}: {trouble:?}");
            assert_eq!(
                trouble.word() == "rejected",
                body == "{\"error\":[]}",
                "call {nth}, {body}: {trouble:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let bench = bench(Options::default()).await;
    let stranger = says(200, vec![b' '; 6 << 20]).await;
    let troubles = ask_everything(&bench, &stranger).await;
    assert!(troubles.iter().all(Option::is_some));
    assert_eq!(troubles[7].as_ref().unwrap().word(), "unknown");
}

/// Values that stand where something else is meant to.
fn anything() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        "[a-z0-9:\\[\\]\u{0}é]{0,8}".prop_map(Into::into),
    ];
    let names = prop_oneof![
        Just("id"),
        Just("item"),
        Just("items"),
        Just("fields"),
        Just("c0"),
        Just("c1"),
        Just("c2"),
        Just("c3"),
        Just("c4"),
        Just("result"),
        Just("result_error"),
        Just("result_next"),
        Just("error"),
        Just("CONTACT"),
        Just("LEAD"),
        Just("COMMENT"),
        Just("time"),
        Just("finish"),
        Just("operating_reset_at"),
        Just("next"),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::btree_map(names.clone(), inner, 0..6)
                .prop_map(|map| map.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

#[test]
fn no_answer_makes_it_panic_or_go_on_for_ever() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let bench = runtime.block_on(bench(Options::default()));
    let config = ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let answers = (prop_oneof![Just(200_u16), Just(400), Just(403), Just(503)], anything());
    let ran = runner.run(&answers, |(status, body)| {
        runtime.block_on(async {
            let body =
                serde_json::json!({ "result": body, "next": 50, "error_description": "x", "time": body });
            let stranger = says(status, body.to_string().into_bytes()).await;
            let all = tokio::time::timeout(Duration::from_secs(30), ask_everything(&bench, &stranger)).await;
            prop_assert!(all.is_ok(), "it went on for ever");
            Ok(())
        })
    });
    ran.unwrap();
    drop(bench);
}
