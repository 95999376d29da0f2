//! Every way a call can fail is told apart, and none shows the token.

use std::time::Duration;

use ids::Secret;
use serde_json::json;
use telegram::client::{Block, Lost, SendMessage};
use telegram::{BotApi, SendError, http_client};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;
use wiremock::matchers::path;
use wiremock::{Mock, ResponseTemplate};

use crate::{TOKEN, all_texts, api_at, path_of, server};

async fn send(api: &BotApi) -> SendError {
    let error = api.send_message(&SendMessage::new(42, "hi")).await.unwrap_err();
    let texts = all_texts(&error);
    for secret in [TOKEN, &TOKEN[7..], "AAHdq"] {
        assert!(!texts.contains(secret), "shows the token: {texts}");
    }
    error
}

async fn answered(answer: ResponseTemplate) -> SendError {
    let (server, api) = server().await;
    Mock::given(path(path_of("sendMessage"))).respond_with(answer).mount(&server).await;
    send(&api).await
}

fn refusal(code: u16, description: &str) -> ResponseTemplate {
    ResponseTemplate::new(code)
        .set_body_json(json!({ "ok": false, "error_code": code, "description": description }))
}

/// A server that reads one request and then does something else than to answer properly.
async fn rude_server(bytes: &'static [u8]) -> BotApi {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = [0; 2048];
            let _ = stream.read(&mut buffer).await;
            let _ = stream.write_all(bytes).await;
        }
    });
    api_at(&format!("http://{address}"))
}

#[tokio::test]
async fn too_many_requests_say_how_long_to_wait() {
    let body = json!({
        "ok": false, "error_code": 429, "description": "Too Many Requests: retry after 11",
        "parameters": { "retry_after": 11 },
    });
    let error = answered(ResponseTemplate::new(429).set_body_json(body)).await;
    assert_eq!(error.retry_after(), Some(Duration::from_secs(11)));
    let error = answered(ResponseTemplate::new(429).insert_header("Retry-After", "5")).await;
    assert_eq!(error.retry_after(), Some(Duration::from_secs(5)));
}

#[tokio::test]
async fn answers_become_what_they_mean() {
    let blocked = answered(refusal(403, "Forbidden: bot was blocked by the user")).await;
    assert!(matches!(blocked, SendError::Blocked(Block::ByUser)));
    assert!(matches!(answered(refusal(400, "Bad Request: chat not found")).await, SendError::ChatNotFound));
    assert!(matches!(answered(refusal(401, "Unauthorized")).await, SendError::Unauthorized));
    assert!(matches!(answered(refusal(404, "Not Found")).await, SendError::Unauthorized));
    assert!(matches!(answered(refusal(409, "Conflict: terminated by other")).await, SendError::Conflict(_)));
    assert!(matches!(answered(refusal(500, "Internal Server Error")).await, SendError::Server(500)));
    assert!(matches!(answered(ResponseTemplate::new(502)).await, SendError::Server(502)));
    let refused = answered(refusal(400, "Bad Request: message text is empty")).await;
    assert_eq!(refused.to_string(), "telegram refused the call: Bad Request: message text is empty");
    let body = json!({
        "ok": false, "error_code": 400, "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": { "migrate_to_chat_id": -1_001_234 },
    });
    let migrated = answered(ResponseTemplate::new(400).set_body_json(body)).await;
    assert!(matches!(migrated, SendError::ChatMigrated(-1_001_234)));
}

#[tokio::test]
async fn a_token_that_the_server_repeats_goes_no_further() {
    let error = answered(refusal(400, &format!("Bad Request: no method /bot{TOKEN}/x"))).await;
    assert_eq!(error.to_string(), "telegram refused the call: Bad Request: no method /bot***/x");
}

#[tokio::test]
async fn a_server_that_is_not_there_got_nothing() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = send(&api_at(&format!("http://{free}"))).await;
    assert!(matches!(error, SendError::NotSent(_)), "{error:?}");
    assert!(error.certainly_not_done());
    let text = classify::chain(&error);
    assert!(text.starts_with("the call was not sent: could not connect to the bot api server: "), "{text}");

    // Built for this machine, so no proxy of the environment looks the name up in our place.
    let http = http_client(&Url::parse("http://127.0.0.1").unwrap()).unwrap();
    let nowhere = Url::parse("http://no-such-host.invalid").unwrap();
    let error = send(&BotApi::new(&nowhere, &Secret::new(TOKEN), http).unwrap()).await;
    assert!(matches!(error, SendError::NotSent(_)), "{error:?}");
}

#[tokio::test]
async fn a_server_that_does_not_answer_in_time_may_have_done_it() {
    let (server, api) = server().await;
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(60));
    Mock::given(path(path_of("sendMessage"))).respond_with(slow).mount(&server).await;
    let api = api.with_timeouts(Duration::from_millis(100), Duration::from_millis(100));
    let error = send(&api).await;
    assert!(matches!(error, SendError::Unknown(Lost::Timeout)), "{error:?}");
    assert!(!error.certainly_not_done());
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_leaves_it_unknown() {
    for bytes in [
        &b""[..],
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"ok\":true,",
    ] {
        let error = send(&rude_server(bytes).await).await;
        assert!(matches!(error, SendError::Unknown(Lost::Connection(_))), "{bytes:?}: {error:?}");
    }
    let error = answered(ResponseTemplate::new(200).set_body_string("<html>welcome</html>")).await;
    assert!(matches!(error, SendError::Unknown(Lost::Answer(_))), "{error:?}");
    let error = answered(ResponseTemplate::new(200).set_body_string(r#"{"ok":true,"result":true}"#)).await;
    assert!(matches!(error, SendError::Unknown(Lost::Answer(_))), "a success without a message: {error:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let away = ResponseTemplate::new(302).insert_header("Location", "http://127.0.0.1:1/steal");
    assert!(matches!(answered(away).await, SendError::Refused(_)));
}

#[test]
fn a_client_prints_its_server_only() {
    let api = api_at("http://127.0.0.1:8081/some/path");
    assert_eq!(format!("{api:?}"), r#"BotApi { server: "http://127.0.0.1:8081", .. }"#);
}
