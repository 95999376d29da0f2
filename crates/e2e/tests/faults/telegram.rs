use std::time::Duration;

use e2e::faults::{Town, Twice};
use serde_json::json;

/// Every way in which a send can go wrong, each in ten chats. Only where Telegram took a message and its
/// answer was lost is a message sent twice, and it always is: nothing else would be safe.
pub(crate) async fn telegram_fails(town: &mut Town) {
    let taken_and_lost = json!({ "times": 1, "when": "after", "fail": "drop" });
    let lost = json!({ "times": 1, "when": "before", "fail": "drop" });
    let failed = |status: u16, times: u8| json!({ "times": times, "fail": { "status": status } });
    let ways = [
        vec![taken_and_lost.clone()],
        vec![lost.clone()],
        vec![json!({ "times": 2, "fail": { "status": 429, "retry_after": 1 } })],
        vec![failed(500, 2)],
        vec![json!({ "times": 3, "delay_ms": 1500 })],
        vec![failed(502, 1)],
        // An error is not an unknown outcome: the one repetition that those have is still to come.
        vec![failed(500, 1), lost],
        vec![failed(500, 1), taken_and_lost],
    ];
    for (chat, way) in ways.iter().flat_map(|way| [way; 10]).enumerate() {
        for rule in way {
            let mut rule = rule.clone();
            rule["method"] = json!("sendMessage");
            rule["chat"] = json!(town.chat_id(chat));
            town.telegram_breaks(&rule).await;
        }
    }
    let asking = town.ask(4, Duration::from_millis(500));
    town.check("Telegram fails", asking, Twice::Exactly(20), &[]).await;
}
