//! A webhook gets each chat's updates in order, with the secret, and again until it says 2xx.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::world::{ANNA, BEN, World, eventually, options, start};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use telegram_sim::WebhookTiming;

/// Answers as it was told to, by the text of the message, and otherwise with 200.
#[derive(Clone, Default)]
struct Receiver(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    seen: Vec<(Instant, Value, Option<String>)>,
    scripts: HashMap<String, VecDeque<(u16, Option<u64>)>>,
    reply: Option<Value>,
}

impl Receiver {
    async fn start() -> (Self, String) {
        let receiver = Self::default();
        let app = axum::Router::new().route("/hook", post(receive)).with_state(receiver.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        (receiver, url)
    }

    fn script(&self, text: &str, answers: &[(u16, Option<u64>)]) {
        self.0.lock().unwrap().scripts.insert(text.to_owned(), answers.iter().copied().collect());
    }

    fn texts(&self) -> Vec<String> {
        self.0.lock().unwrap().seen.iter().map(|(_, update, _)| text(update)).collect()
    }

    fn times(&self, of: &str) -> Vec<Instant> {
        self.0
            .lock()
            .unwrap()
            .seen
            .iter()
            .filter(|(_, update, _)| text(update) == of)
            .map(|(at, _, _)| *at)
            .collect()
    }

    async fn saw(&self, count: usize) -> Vec<String> {
        eventually("enough deliveries", async || Some(self.texts()).filter(|texts| texts.len() >= count))
            .await
    }
}

fn text(update: &Value) -> String {
    update["message"]["text"].as_str().unwrap_or_default().to_owned()
}

async fn receive(
    State(receiver): State<Receiver>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, HeaderMap, String) {
    let update: Value = serde_json::from_slice(&body).unwrap();
    let secret = headers.get("x-telegram-bot-api-secret-token").map(|v| v.to_str().unwrap().to_owned());
    let mut inner = receiver.0.lock().unwrap();
    let (status, after) =
        inner.scripts.get_mut(&text(&update)).and_then(VecDeque::pop_front).unwrap_or((200, None));
    inner.seen.push((Instant::now(), update, secret));
    let mut headers = HeaderMap::new();
    if let Some(after) = after {
        headers.insert("retry-after", after.into());
    }
    let body = inner.reply.take().map(|reply| reply.to_string()).unwrap_or_default();
    if !body.is_empty() {
        headers.insert("content-type", "application/json".parse().unwrap());
    }
    (StatusCode::from_u16(status).unwrap(), headers, body)
}

async fn hooked() -> (World, Receiver) {
    let step = Duration::from_millis(400);
    let webhook = WebhookTiming { step, cap: 4 * step, ..WebhookTiming::default() };
    let world = start(telegram_sim::Options { webhook, ..options() }).await;
    let (receiver, url) = Receiver::start().await;
    world.call("setWebhook", json!({ "url": url, "secret_token": "s3cret_-" })).await;
    (world, receiver)
}

#[tokio::test]
async fn in_order_with_the_secret() {
    let (world, receiver) = hooked().await;
    let texts: Vec<String> = (0..50).map(|n| n.to_string()).collect();
    for text in &texts {
        world.write(text).await;
    }
    assert_eq!(receiver.saw(50).await, texts);
    let inner = receiver.0.lock().unwrap();
    assert!(inner.seen.iter().all(|(_, _, secret)| secret.as_deref() == Some("s3cret_-")));
    let ids: Vec<_> = inner.seen.iter().map(|(_, update, _)| update["update_id"].as_i64().unwrap()).collect();
    assert_eq!(ids, (1000..1050).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_refused_update_holds_back_its_chat_only() {
    let (world, receiver) = hooked().await;
    receiver.script("bad", &[(500, None), (503, None), (502, None)]);
    world.write("bad").await;
    world.write("after bad").await;
    world.post("/sim/messages", json!({ "person": BEN, "text": "elsewhere" })).await;
    let texts = receiver.saw(6).await;
    assert_eq!(texts.iter().filter(|t| *t == "bad").count(), 4);
    assert_eq!(texts.last().unwrap(), "after bad");
    assert!(texts.iter().position(|t| t == "elsewhere") < texts.iter().rposition(|t| t == "bad"));
    let times = receiver.times("bad");
    let gaps: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let step = Duration::from_millis(400);
    assert!(gaps[0] < step, "the first retry is at once: {gaps:?}");
    assert!(gaps[1] >= step && gaps[2] >= 2 * step, "then it waits longer and longer: {gaps:?}");
}

#[tokio::test]
async fn its_retry_after_is_obeyed_and_errors_are_shown() {
    let (world, receiver) = hooked().await;
    receiver.script("busy", &[(503, Some(1))]);
    world.write("busy").await;
    eventually("the first delivery", async || (!receiver.texts().is_empty()).then_some(())).await;
    let info = eventually("the failure is shown", async || {
        let info = world.call("getWebhookInfo", json!({})).await;
        info["last_error_message"].is_string().then_some(info)
    })
    .await;
    assert_eq!(info["last_error_message"], "Wrong response from the webhook: 503 Service Unavailable");
    assert_eq!((&info["pending_update_count"], &info["max_connections"]), (&json!(1), &json!(40)));
    receiver.saw(2).await;
    let times = receiver.times("busy");
    assert!(times[1] - times[0] >= Duration::from_secs(1));
    eventually("nothing waits", async || {
        (world.call("getWebhookInfo", json!({})).await["pending_update_count"] == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn lost_acknowledgements_and_duplicates() {
    let (world, receiver) = hooked().await;
    world.put("/sim/settings", json!({ "lose_acks": 1 })).await;
    world.write("once more").await;
    assert_eq!(receiver.saw(2).await, ["once more", "once more"]);
    world.put("/sim/settings", json!({ "duplicate_updates": true })).await;
    world.write("twice").await;
    assert_eq!(receiver.saw(4).await[2..], ["twice", "twice"]);
}

#[tokio::test]
async fn what_waited_is_delivered_or_dropped() {
    let world = start(options()).await;
    world.write("early").await;
    let (receiver, url) = Receiver::start().await;
    world.call("setWebhook", json!({ "url": url })).await;
    assert_eq!(receiver.saw(1).await, ["early"]);
    world.call("deleteWebhook", json!({})).await;
    world.write("dropped").await;
    world.call("setWebhook", json!({ "url": url, "drop_pending_updates": true })).await;
    world.write("kept").await;
    assert_eq!(receiver.saw(2).await, ["early", "kept"]);
}

#[tokio::test]
async fn a_method_in_the_reply_is_performed() {
    let (world, receiver) = hooked().await;
    receiver.0.lock().unwrap().reply =
        Some(json!({ "method": "sendMessage", "chat_id": ANNA, "text": "by reply" }));
    world.write("hello").await;
    eventually("the reply is in the chat", async || {
        let history = world.get(&format!("/sim/history?person={ANNA}&chat=shop")).await;
        let entries = history["entries"].as_array()?.clone();
        entries.iter().any(|entry| entry["message"]["text"] == "by reply").then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_can_not_be_a_webhook() {
    let world = start(options()).await;
    for (params, error) in [
        (json!({ "url": "not a url" }), "400 Bad Request: invalid webhook URL specified"),
        (
            json!({ "url": "http://example.com/" }),
            "400 Bad Request: bad webhook: An HTTPS URL must be provided for webhook",
        ),
        (
            json!({ "url": "https://example.com:8080/" }),
            "400 Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        (
            json!({ "url": "http://localhost/", "secret_token": "a b" }),
            "400 Bad Request: secret token contains unallowed characters",
        ),
        (
            json!({ "url": "http://localhost/", "secret_token": "x".repeat(257) }),
            "400 Bad Request: secret token is too long",
        ),
    ] {
        assert_eq!(world.refused("setWebhook", params).await, error);
    }
    assert_eq!(world.call("getWebhookInfo", json!({})).await["url"], "");
}
