//! Whatever arrives at the webhook: no panic, no 5xx, and every 200 is in the stream as it came.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::runtime::Runtime;

use crate::support::{SECRET, SECRET_HEADER, by_webhook, client, stage, start, stored};

/// One delivery.
#[derive(Clone, Debug)]
struct Attempt {
    /// The right secret, none, or these bytes.
    secret: Option<Vec<u8>>,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|b| b.to_string()),
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>().prop_filter("json has no such number", |n| n.is_finite()).prop_map(|n| n.to_string()),
        ".{0,12}".prop_map(|text| serde_json::to_string(&text).unwrap()),
        Just(r#""\u0000\ud83d""#.to_owned()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|all| format!("[{}]", all.join(","))),
            prop::collection::vec(("chat|from|id|user|message|.{0,6}", inner), 0..4).prop_map(|all| {
                let fields = all.iter().map(|(k, v)| format!("{}:{v}", serde_json::to_string(k).unwrap()));
                format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

/// Updates of every shape, right, wrong and cut off, and bytes of no shape at all.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let kind = "message|edited_message|callback_query|inline_query|poll|my_chat_member|telepathy|.{0,10}";
    let update = (any::<i64>(), kind, json()).prop_map(|(id, kind, inner)| {
        format!("{{\"update_id\":{id},{}:{inner}}}", serde_json::to_string(&kind).unwrap()).into_bytes()
    });
    let update = update.boxed();
    let chat = (any::<i64>(), any::<i64>()).prop_map(|(id, chat)| {
        format!("{{\"message\":{{\"chat\":{{\"id\":{chat}}}}}, \"update_id\" : {id}}}").into_bytes()
    });
    prop_oneof![
        4 => update.clone(),
        2 => chat,
        1 => (update, any::<prop::sample::Index>()).prop_map(|(mut bytes, at)| {
            bytes.truncate(at.index(bytes.len()));
            bytes
        }),
        1 => json().prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..200),
    ]
}

fn attempt() -> impl Strategy<Value = Attempt> {
    let right = Just(Some(SECRET.as_bytes().to_vec()));
    let secret = prop_oneof![5 => right, 1 => Just(None), 1 => prop::collection::vec(32u8..=255, 0..40).prop_map(Some)];
    let name = "content-type|accept|accept-encoding|content-encoding|traceparent|cookie|x-[a-z-]{1,20}|authorization";
    let headers = prop::collection::vec((name, prop::collection::vec(32u8..=255, 0..60)), 0..4);
    (secret, headers, body()).prop_map(|(secret, headers, body)| Attempt { secret, headers, body })
}

impl Attempt {
    fn headers(&self) -> HeaderMap {
        let mut map = HeaderMap::new();
        let secret = self.secret.iter().map(|value| (SECRET_HEADER.to_owned(), value.clone()));
        for (name, value) in self.headers.iter().cloned().chain(secret) {
            // What HTTP itself can not carry never arrives.
            if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_bytes(&value)) {
                map.append(name, value);
            }
        }
        map
    }

    fn expected(&self) -> u16 {
        match &self.secret {
            Some(secret) if secret == SECRET.as_bytes() => {}
            _ => return 401,
        }
        if telegram::peek(&self.body).is_ok() { 200 } else { 400 }
    }
}

#[test]
fn whatever_arrives_is_answered_rightly_and_nothing_that_was_accepted_is_lost() {
    let runtime = Runtime::new().unwrap();
    let (stage, app) = runtime.block_on(async {
        let stage = stage().await;
        let app = start(&stage, &by_webhook()).await;
        (stage, app)
    });
    let (url, client) = (format!("{}/telegram/sales", app.url()), client());
    let accepted = std::cell::RefCell::new(BTreeMap::<String, Vec<u8>>::new());
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&attempt(), |attempt| {
        let request = client.post(&url).headers(attempt.headers()).body(attempt.body.clone());
        let status = runtime.block_on(request.send()).unwrap().status().as_u16();
        prop_assert_eq!(status, attempt.expected());
        if status == 200 {
            let id = format!("sales:{}", telegram::peek(&attempt.body).unwrap().update_id);
            // The first of an id is the one that is kept.
            accepted.borrow_mut().entry(id).or_insert(attempt.body);
        }
        Ok(())
    });
    outcome.unwrap();
    let kept: BTreeMap<String, Vec<u8>> =
        runtime.block_on(stored(&stage)).into_iter().map(|one| (one.id, one.raw)).collect();
    let accepted = accepted.into_inner();
    assert!(accepted.len() > 50, "too few were accepted to say anything: {}", accepted.len());
    assert!(kept == accepted, "{} were accepted and {} kept", accepted.len(), kept.len());
    let metrics = runtime.block_on(async {
        let page = client.get(format!("{}/metrics", app.url())).send().await.unwrap();
        page.text().await.unwrap()
    });
    let refused: Vec<&str> = metrics
        .lines()
        .filter(|l| l.contains("route=\"/telegram/{bot}\"") && l.contains("status=\"5"))
        .collect();
    assert!(refused.is_empty(), "{refused:?}");
    runtime.block_on(app.stop());
    // The stage's own connections end in the runtime that they were made in.
    let _inside = runtime.enter();
    drop(stage);
}
