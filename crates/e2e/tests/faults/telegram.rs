use std::time::Duration;

use e2e::faults::{Town, Twice};
use serde_json::json;

/// Every way in which a send can go wrong, each in ten chats. Only where Telegram took a message and its
/// answer was lost is a message sent twice, and it always is: nothing else would be safe.
pub(crate) async fn telegram_fails(town: &mut Town) {
    let refused = |status: u16, retry_after: Option<u64>| json!({ "times": 2, "fail": { "status": status, "retry_after": retry_after } });
    let ways = [
        json!({ "times": 1, "when": "after", "fail": "drop" }),
        json!({ "times": 1, "when": "before", "fail": "drop" }),
        refused(429, Some(1)),
        refused(500, None),
        refused(502, None),
        json!({ "times": 3, "delay_ms": 1500 }),
    ];
    for (chat, way) in ways.iter().flat_map(|way| [way; 10]).enumerate() {
        let mut rule = way.clone();
        rule["method"] = json!("sendMessage");
        rule["chat"] = json!(town.chat_id(chat));
        town.telegram_breaks(&rule).await;
    }
    let asking = town.ask(4, Duration::from_millis(500));
    town.check("Telegram fails", asking, Twice::Exactly(10), &[]).await;
}
