//! What bots say to Telegram at their start.

use serde_json::json;
use testkit::until;
use wiremock::matchers::{path, path_regex};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{stage, start};

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_whose_token_was_revoked_keeps_no_other_from_being_introduced() {
    let telegram = MockServer::start().await;
    let refused = json!({ "ok": false, "error_code": 401, "description": "Unauthorized" });
    Mock::given(path_regex("^/bot1:token-of-a/"))
        .respond_with(ResponseTemplate::new(401).set_body_json(refused))
        .mount(&telegram)
        .await;
    let me =
        json!({ "ok": true, "result": { "id": 1, "is_bot": true, "first_name": "B", "username": "b_bot" } });
    Mock::given(path("/bot1:token-of-b/getMe"))
        .respond_with(ResponseTemplate::new(200).set_body_json(me))
        .mount(&telegram)
        .await;
    let done = json!({ "ok": true, "result": true });
    Mock::given(path("/bot1:token-of-b/setMyCommands"))
        .respond_with(ResponseTemplate::new(200).set_body_json(done))
        .mount(&telegram)
        .await;
    let stage = stage().await;
    let app = start(&stage, &telegram.uri()).await;
    until("the second bot is introduced", async || {
        let calls = telegram.received_requests().await.unwrap();
        calls.iter().any(|call| call.url.path() == "/bot1:token-of-b/setMyCommands").then_some(())
    })
    .await;
    app.stop().await;
}
