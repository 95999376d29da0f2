//! As much of a Bot API server as the gateway uses: updates that wait until they are confirmed, and a webhook.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::{Value, json};
use tokio::sync::Notify;

/// How long a question stays open when there is nothing to tell; the real one waits as long as it is asked to.
const HOLD: Duration = Duration::from_millis(100);

#[derive(Clone, Default)]
pub(crate) struct BotApi {
    port: u16,
    state: Arc<Mutex<Seen>>,
    news: Arc<Notify>,
}

/// What the server knows, and what it is to do.
#[derive(Default)]
pub(crate) struct Seen {
    /// Not yet confirmed, by update id.
    pub(crate) waiting: BTreeMap<i64, Value>,
    /// What `getUpdates` refuses next: status and description.
    pub(crate) refusals: VecDeque<(u16, &'static str)>,
    /// Questions that were answered with updates.
    pub(crate) told: usize,
    /// Questions that are open now, and the most that ever were.
    pub(crate) open: usize,
    pub(crate) most_open: usize,
    /// The parameters of the last `setWebhook`.
    pub(crate) webhook: Option<Value>,
    /// The address that `getWebhookInfo` names instead of the one that was set.
    pub(crate) other_webhook: Option<String>,
    /// Every call's method.
    pub(crate) calls: Vec<String>,
}

impl BotApi {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let api = Self { port: listener.local_addr().unwrap().port(), ..Self::default() };
        let app = Router::new().route("/{token}/{method}", post(call)).with_state(api.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        api
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.state.lock().unwrap()
    }

    /// A person writes: message `update_id` in a chat.
    pub(crate) fn write(&self, chat: i64, update_id: i64) {
        self.add(update_id, message(chat, update_id));
    }

    pub(crate) fn add(&self, update_id: i64, update: Value) {
        self.seen().waiting.insert(update_id, update);
        self.news.notify_waiters();
    }

    /// How often a method was called.
    pub(crate) fn called(&self, method: &str) -> usize {
        self.seen().calls.iter().filter(|one| *one == method).count()
    }

    async fn get_updates(&self, parameters: &Value) -> Result<Value, (u16, &'static str)> {
        {
            let mut seen = self.seen();
            if let Some(refusal) = seen.refusals.pop_front() {
                return Err(refusal);
            }
            if seen.webhook.is_some() {
                return Err((409, "Conflict: can't use getUpdates method while webhook is active"));
            }
            if let Some(offset) = parameters["offset"].as_i64() {
                seen.waiting = seen.waiting.split_off(&offset);
            }
            seen.open += 1;
            seen.most_open = seen.most_open.max(seen.open);
        }
        let news = self.news.notified();
        if self.seen().waiting.is_empty() {
            let _ = tokio::time::timeout(HOLD, news).await;
        }
        let mut seen = self.seen();
        seen.open -= 1;
        let updates: Vec<Value> = seen.waiting.values().take(100).cloned().collect();
        seen.told += usize::from(!updates.is_empty());
        Ok(Value::Array(updates))
    }

    async fn answer(&self, method: &str, parameters: Value) -> Result<Value, (u16, &'static str)> {
        self.seen().calls.push(method.to_owned());
        match method {
            "getUpdates" => self.get_updates(&parameters).await,
            "setWebhook" => {
                self.seen().webhook = Some(parameters);
                Ok(Value::Bool(true))
            }
            "deleteWebhook" => {
                self.seen().webhook = None;
                Ok(Value::Bool(true))
            }
            "getWebhookInfo" => {
                let seen = self.seen();
                let set = seen.webhook.as_ref().and_then(|set| set["url"].as_str()).unwrap_or_default();
                let url = seen.other_webhook.as_deref().unwrap_or(set);
                Ok(json!({ "url": url, "pending_update_count": 0 }))
            }
            _ => Err((404, "Not Found: method not found")),
        }
    }
}

pub(crate) fn message(chat: i64, update_id: i64) -> Value {
    json!({
        "update_id": update_id,
        "message": {
            "message_id": update_id, "date": 1_760_000_000, "text": "hello",
            "chat": { "id": chat, "type": "private", "first_name": "Ada" },
            "from": { "id": chat, "is_bot": false, "first_name": "Ada" }
        }
    })
}

async fn call(
    State(api): State<BotApi>,
    Path((_, method)): Path<(String, String)>,
    body: String,
) -> (StatusCode, String) {
    let parameters = serde_json::from_str(&body).unwrap_or_default();
    let (status, answer) = match api.answer(&method, parameters).await {
        Ok(result) => (200, json!({ "ok": true, "result": result })),
        Err((code, text)) => (code, json!({ "ok": false, "error_code": code, "description": text })),
    };
    (StatusCode::from_u16(status).unwrap(), answer.to_string())
}
