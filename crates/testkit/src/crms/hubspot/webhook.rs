//! What HubSpot tells of a change: a signed post to the address of the app.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use ids::Clock;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::OrPanic;

/// Where an app is told of changes, and with what it knows that HubSpot tells it.
#[derive(Clone, Debug, Default)]
pub struct Webhook {
    /// `http://127.0.0.1:<port>/<path>`, or any other where `through` leads to it.
    pub url: String,
    /// `127.0.0.1:<port>` of who answers at that address, as a proxy would have it.
    pub through: Option<String>,
    pub client_secret: String,
    /// Milliseconds by which HubSpot's clock is behind ours when it signs.
    pub behind_ms: i64,
}

/// Posts that this property of a deal was changed; returns the status of the answer.
pub(super) async fn post(webhook: &Webhook, event: u64, deal: u64, property: &str, value: &str) -> u16 {
    let now = Clock::system().now_ms() - webhook.behind_ms;
    let body = json!([{
        "eventId": event, "subscriptionId": 25, "portalId": 145, "appId": 7, "occurredAt": now,
        "subscriptionType": "deal.propertyChange", "attemptNumber": 0, "objectId": deal,
        "propertyName": property, "propertyValue": value, "changeSource": "CRM_UI",
    }])
    .to_string();
    let (host, path) = parts(&webhook.url);
    let signature = signature(&webhook.client_secret, &webhook.url, &body, now);
    let older: String = Sha256::digest(format!("{}{body}", webhook.client_secret))
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         user-agent: HubSpot Connect 2.0\r\nX-HubSpot-Signature-v3: {signature}\r\n\
         X-HubSpot-Request-Timestamp: {now}\r\nX-HubSpot-Signature: {older}\r\nX-HubSpot-Signature-Version: v1\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(webhook.through.as_deref().unwrap_or(host))
        .await
        .or_panic("connect to the webhook's address");
    stream.write_all(request.as_bytes()).await.or_panic("post a webhook");
    let mut said = Vec::new();
    stream.read_to_end(&mut said).await.or_panic("read the answer to a webhook");
    let status = String::from_utf8_lossy(&said).split(' ').nth(1).and_then(|code| code.parse().ok());
    status.unwrap_or_else(|| panic!("the answer to a webhook has no status"))
}

/// Version 3: method, address, body and time, in base64.
fn signature(secret: &str, url: &str, body: &str, time: i64) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).or_panic("take a key");
    mac.update(format!("POST{url}{body}{time}").as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn parts(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").unwrap_or_else(|| panic!("{url} is no address")).1;
    match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, "/"),
    }
}
