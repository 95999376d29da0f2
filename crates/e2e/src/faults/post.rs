use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::{Client, StatusCode};
use serde_json::json;

use crate::BOT;
use crate::settings::WEBHOOK_SECRET;

/// Telegram waits longer before it delivers again; nothing here depends on how long.
const AGAIN_AFTER: Duration = Duration::from_millis(100);
/// No fault lasts as long.
const GIVE_UP_AFTER: Duration = Duration::from_secs(90);

/// Delivers updates to the webhook as Telegram does: again and again, until they are answered 200.
#[derive(Debug)]
pub(super) struct Post {
    client: Client,
    url: String,
    /// How often the answer was 503, and how often there was none.
    pub(super) unavailable: AtomicUsize,
    pub(super) unanswered: AtomicUsize,
}

impl Post {
    pub(super) fn new(gateway: &str) -> Self {
        let url = format!("{gateway}/telegram/{BOT}");
        Self { client: crate::http(), url, unavailable: AtomicUsize::new(0), unanswered: AtomicUsize::new(0) }
    }

    /// Delivers a private message. Returns when it was accepted.
    pub(super) async fn deliver(&self, update_id: i64, chat_id: i64, nth: usize, text: &str) -> Instant {
        let who = json!({ "id": chat_id, "is_bot": false, "first_name": "Ann", "language_code": "en" });
        let chat = json!({ "id": chat_id, "type": "private", "first_name": "Ann" });
        let message =
            json!({ "message_id": nth + 1, "date": 1_800_000_000, "from": who, "chat": chat, "text": text });
        let update = json!({ "update_id": update_id, "message": message });
        let began = Instant::now();
        while !self.is_accepted(&update).await {
            assert!(began.elapsed() < GIVE_UP_AFTER, "update {update_id} is not accepted");
            tokio::time::sleep(AGAIN_AFTER).await;
        }
        Instant::now()
    }

    async fn is_accepted(&self, update: &serde_json::Value) -> bool {
        let call = self.client.post(&self.url).header("X-Telegram-Bot-Api-Secret-Token", WEBHOOK_SECRET);
        let Ok(answer) = call.json(update).send().await else {
            self.unanswered.fetch_add(1, Ordering::Relaxed);
            return false;
        };
        if answer.status() == StatusCode::OK {
            return true;
        }
        let status = answer.status();
        let retry_after = answer.headers().get("retry-after").cloned();
        let said = answer.text().await.unwrap_or_default();
        assert_eq!(
            status,
            StatusCode::SERVICE_UNAVAILABLE,
            "an update is taken or to be brought again: {said}"
        );
        assert!(retry_after.is_some(), "Telegram is told when to come again: {said}");
        self.unavailable.fetch_add(1, Ordering::Relaxed);
        false
    }
}
