//! Who is told: an incoming webhook of Slack and the Events API of PagerDuty, each as strict as the real one, and a group of
//! Telegram.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};
use testkit::telegram_sim::{BotSpec, CallSeen, Limits, Options, Running, Simulator};
use testkit::until;
use tokio::sync::Notify;

pub(crate) const ROUTING_KEY: &str = "R0123456789ABCDEF0123456789ABCDE";
pub(crate) const BOT_TOKEN: &str = "4242:alerts-of-a-test";
pub(crate) const CHAT: i64 = -1_001_234_567_890;

/// What happens to a call instead of what usually would.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Instead {
    Status(u16),
    /// 429 with so many seconds.
    Later(u64),
    /// It is taken, and no answer comes.
    Silence,
}

#[derive(Clone, Default)]
struct Shared {
    instead: Arc<Mutex<VecDeque<Instead>>>,
    texts: Arc<Mutex<Vec<String>>>,
    incidents: Arc<Mutex<BTreeMap<String, Vec<Value>>>>,
    calls: Arc<Mutex<usize>>,
    never: Arc<Notify>,
}

/// Slack and PagerDuty on one port.
pub(crate) struct Desk {
    port: u16,
    shared: Shared,
}

impl Desk {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Shared::default();
        let app = Router::new()
            .route("/services/T0/B0/hunter2", post(slack))
            .route("/v2/enqueue", post(pagerduty))
            .with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { port, shared }
    }

    pub(crate) fn slack(&self, more: &str) -> String {
        let url = format!("http://127.0.0.1:{}/services/T0/B0/hunter2", self.port);
        format!("[[crm.alerts]]\nname = \"slack\"\nkind = \"slack\"\nurl = \"{url}\"\n{more}")
    }

    pub(crate) fn pagerduty(&self, more: &str) -> String {
        let url = format!("http://127.0.0.1:{}", self.port);
        format!(
            "[[crm.alerts]]\nname = \"pager\"\nkind = \"pagerduty\"\nurl = \"{url}\"\nrouting_key = \"{ROUTING_KEY}\"\n{more}"
        )
    }

    /// The next calls, of either, meet these.
    pub(crate) fn instead(&self, what: impl IntoIterator<Item = Instead>) {
        self.shared.instead.lock().unwrap().extend(what);
    }

    pub(crate) fn calls(&self) -> usize {
        *self.shared.calls.lock().unwrap()
    }

    /// What stands in the channel.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.shared.texts.lock().unwrap().clone()
    }

    pub(crate) async fn told(&self, count: usize) -> Vec<String> {
        let what = format!("{count} messages stand in the channel");
        until(&what, async || Some(self.texts()).filter(|texts| texts.len() >= count)).await
    }

    /// The incidents by their key, each with its events.
    pub(crate) fn incidents(&self) -> BTreeMap<String, Vec<Value>> {
        self.shared.incidents.lock().unwrap().clone()
    }
}

impl Shared {
    /// What happens to this call in place of the usual.
    fn next(&self) -> Option<Instead> {
        *self.calls.lock().unwrap() += 1;
        self.instead.lock().unwrap().pop_front()
    }

    async fn answer(&self, instead: Option<Instead>, usual: Response) -> Response {
        match instead {
            Some(Instead::Status(code)) => {
                (StatusCode::from_u16(code).unwrap(), "no_service").into_response()
            }
            Some(Instead::Later(seconds)) => {
                (StatusCode::TOO_MANY_REQUESTS, [("retry-after", seconds.to_string())]).into_response()
            }
            Some(Instead::Silence) => {
                self.never.notified().await;
                usual
            }
            None => usual,
        }
    }
}

fn json_of(headers: &HeaderMap, body: &Bytes) -> Option<Value> {
    let kind = headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let value: Value = serde_json::from_slice(body).ok()?;
    (kind.starts_with("application/json") && value.is_object()).then_some(value)
}

async fn slack(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let instead = shared.next();
    let refused = |why: &'static str| (StatusCode::BAD_REQUEST, why).into_response();
    let Some(value) = json_of(&headers, &body) else { return refused("invalid_payload") };
    let Some(text) = value["text"].as_str().filter(|text| !text.trim().is_empty()) else {
        return refused("no_text");
    };
    if text.chars().count() > 40_000 || text.contains('<') {
        return refused("invalid_payload");
    }
    if matches!(instead, None | Some(Instead::Silence)) {
        shared.texts.lock().unwrap().push(text.to_owned());
    }
    shared.answer(instead, (StatusCode::OK, "ok").into_response()).await
}

async fn pagerduty(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let instead = shared.next();
    let value = json_of(&headers, &body).unwrap_or_default();
    let text = |at: &str| value.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut errors = Vec::new();
    let mut need = |is_right: bool, why: &str| {
        if !is_right {
            errors.push(why.to_owned());
        }
    };
    need(text("/routing_key").len() == 32, "'routing_key' is missing or blank");
    let (action, key) = (text("/event_action"), text("/dedup_key"));
    need(["trigger", "acknowledge", "resolve"].contains(&action.as_str()), "'event_action' is wrong");
    need(key.len() <= 255, "'dedup_key' is longer than 255");
    if action == "trigger" {
        let summary = text("/payload/summary");
        need((1..=1024).contains(&summary.chars().count()), "'payload.summary' is missing or too long");
        let severities = ["critical", "error", "warning", "info"];
        need(severities.contains(&text("/payload/severity").as_str()), "'payload.severity' is wrong");
        need(!text("/payload/source").is_empty(), "'payload.source' is missing");
        let at = text("/payload/timestamp");
        need(at.is_empty() || at.parse::<ids::Timestamp>().is_ok(), "'payload.timestamp' is wrong");
    } else {
        need(!key.is_empty(), "'dedup_key' is missing");
    }
    if !errors.is_empty() {
        let body =
            json!({ "status": "invalid event", "message": "Event object is invalid", "errors": errors });
        return (StatusCode::BAD_REQUEST, axum::Json(body)).into_response();
    }
    if matches!(instead, None | Some(Instead::Silence)) {
        shared.incidents.lock().unwrap().entry(key.clone()).or_default().push(value);
    }
    let usual = json!({ "status": "success", "message": "Event processed", "dedup_key": key });
    shared.answer(instead, (StatusCode::ACCEPTED, axum::Json(usual)).into_response()).await
}

/// A group of Telegram, with a bot in it.
pub(crate) struct Group {
    telegram: Running,
    texts: Arc<Mutex<Vec<String>>>,
}

impl Group {
    pub(crate) async fn start() -> Self {
        let texts: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = texts.clone();
        let observer = move |call: &CallSeen<'_>| {
            if call.ok && call.chat_id == Some(CHAT) {
                kept.lock().unwrap().push(call.text.unwrap_or_default().to_owned());
            }
        };
        let options = Options {
            bots: vec![BotSpec::new("alerts", BOT_TOKEN)],
            any_chat: true,
            limits: Limits::default(),
            observer: Some(Arc::new(observer)),
            ..Options::default()
        };
        Self { telegram: Simulator::start(options).await.unwrap(), texts }
    }

    pub(crate) fn config(&self, more: &str) -> String {
        let url = self.telegram.url();
        format!(
            "[[crm.alerts]]\nname = \"group\"\nkind = \"telegram\"\nurl = \"{url}\"\nbot_token = \"{BOT_TOKEN}\"\n\
             chat = \"{CHAT}\"\n{more}"
        )
    }

    pub(crate) fn texts(&self) -> Vec<String> {
        self.texts.lock().unwrap().clone()
    }

    pub(crate) async fn told(&self, count: usize) -> Vec<String> {
        let what = format!("{count} messages stand in the group");
        until(&what, async || Some(self.texts()).filter(|texts| texts.len() >= count)).await
    }
}
