//! A simulator on a free port, and short ways to talk to it.

use std::sync::Once;
use std::time::{Duration, Instant};

use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use telegram_sim::{BotSpec, Limits, Options, Running, Simulator};

pub(crate) const TOKEN: &str = "123456:TEST-token";
pub(crate) const ANNA: i64 = 700_000_001;
pub(crate) const BEN: i64 = 700_000_002;

pub(crate) struct World {
    pub(crate) sim: Running,
    pub(crate) http: Client,
}

/// A fresh client. The workspace's HTTP client wants a TLS provider even for plain HTTP.
pub(crate) fn client() -> Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        rustls::crypto::ring::default_provider().install_default().expect("installed once");
    });
    Client::builder().build().expect("a client")
}

pub(crate) fn options() -> Options {
    Options {
        bots: vec![BotSpec::new("shop", TOKEN)],
        limits: Limits::off(),
        first_update_id: Some(1000),
        first_message_id: Some(1),
        ..Options::default()
    }
}

pub(crate) async fn start(options: Options) -> World {
    let sim = Simulator::start(options).await.expect("the simulator starts");
    let world = World { sim, http: client() };
    for name in ["Anna", "Ben"] {
        world.post("/sim/people", json!({ "first_name": name, "language_code": "en" })).await;
    }
    world
}

/// Without limits, with two people.
pub(crate) async fn world() -> World {
    start(options()).await
}

impl World {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sim.url())
    }

    /// Calls a method with JSON and gives back the status and the whole answer.
    pub(crate) async fn raw(&self, method: &str, params: Value) -> (StatusCode, Value) {
        let answer = self.http.post(self.url(&format!("/bot{TOKEN}/{method}"))).json(&params).send().await;
        read(answer.expect("an answer")).await
    }

    /// Calls a method that works.
    pub(crate) async fn call(&self, method: &str, params: Value) -> Value {
        let (status, mut answer) = self.raw(method, params).await;
        assert_eq!(status, StatusCode::OK, "{method}: {answer}");
        assert_eq!(answer["ok"], true);
        answer["result"].take()
    }

    /// Calls a method that does not, and gives back `code description`.
    pub(crate) async fn refused(&self, method: &str, params: Value) -> String {
        let (status, answer) = self.raw(method, params).await;
        assert_eq!(answer["ok"], false, "{method}: {answer}");
        assert_eq!(answer["error_code"], status.as_u16());
        format!("{} {}", status.as_u16(), answer["description"].as_str().unwrap_or_default())
    }

    pub(crate) async fn control(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let mut request = self.http.request(method, self.url(path));
        if !body.is_null() {
            request = request.json(&body);
        }
        read(request.send().await.expect("an answer")).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.control(Method::POST, path, body).await;
        assert!(status.is_success(), "{path}: {status} {answer}");
        answer
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.control(Method::GET, path, Value::Null).await;
        assert!(status.is_success(), "{path}: {status} {answer}");
        answer
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.control(Method::PUT, path, body).await;
        assert!(status.is_success(), "{path}: {status} {answer}");
        answer
    }

    /// Anna writes to the bot; answers with the message.
    pub(crate) async fn write(&self, text: &str) -> Value {
        self.post("/sim/messages", json!({ "person": ANNA, "text": text })).await
    }

    /// The bot writes to Anna; answers with the message.
    pub(crate) async fn send(&self, text: &str) -> Value {
        self.call("sendMessage", json!({ "chat_id": ANNA, "text": text })).await
    }

    /// Returns once a long poll waits for updates.
    pub(crate) async fn polled(&self) {
        let waits =
            async || (self.get("/sim/bots").await[0]["polls_waited"].as_u64() > Some(0)).then_some(());
        eventually("a poll waits", waits).await;
    }

    pub(crate) async fn updates(&self, offset: i64) -> Vec<Value> {
        let got = self.call("getUpdates", json!({ "offset": offset })).await;
        got.as_array().cloned().unwrap_or_default()
    }
}

async fn read(answer: Response) -> (StatusCode, Value) {
    let status = answer.status();
    let text = answer.text().await.expect("a body");
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// Waits until something holds; fails after ten seconds.
pub(crate) async fn eventually<T, F: AsyncFnMut() -> Option<T>>(what: &str, mut check: F) -> T {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(found) = check().await {
            return found;
        }
        assert!(Instant::now() < until, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
