//! What HubSpot tells of a change: a signed post to the address of the app.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use ids::Clock;
use serde_json::json;
use sha2::{Digest, Sha256};

/// Whoever has not answered by then has not been told.
const PATIENCE: Duration = Duration::from_secs(5);

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

/// Posts that this property of a deal was changed; the status that came back in time.
pub(super) async fn post(
    webhook: &Webhook,
    event: u64,
    deal: u64,
    property: &str,
    value: &str,
) -> Option<u16> {
    let now = Clock::system().now_ms() - webhook.behind_ms;
    let body = json!([{
        "eventId": event, "subscriptionId": 25, "portalId": 145, "appId": 7, "occurredAt": now,
        "subscriptionType": "deal.propertyChange", "attemptNumber": 0, "objectId": deal,
        "propertyName": property, "propertyValue": value, "changeSource": "CRM_UI",
    }])
    .to_string();
    let signature = signature(&webhook.client_secret, &webhook.url, &body, now);
    let older: String = Sha256::digest(format!("{}{body}", webhook.client_secret))
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let headers = format!(
        "Content-Type: application/json\r\nUser-Agent: HubSpot Connect 2.0\r\nX-HubSpot-Signature-v3: {signature}\r\n\
         X-HubSpot-Request-Timestamp: {now}\r\nX-HubSpot-Signature: {older}\r\nX-HubSpot-Signature-Version: v1\r\n"
    );
    crate::post::post(&webhook.url, webhook.through.as_deref(), &headers, &body, PATIENCE).await
}

/// Version 3: method, address, body and time, in base64.
fn signature(secret: &str, url: &str, body: &str, time: i64) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
    let mut mac = mac.unwrap_or_else(|_| unreachable!("a key of any length is taken"));
    mac.update(format!("POST{url}{body}{time}").as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}
