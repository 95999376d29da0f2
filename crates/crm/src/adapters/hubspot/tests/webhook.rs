//! That the account tells of a change as HubSpot does, by a signature that is computed here a second time.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use testkit::crms::Deal;
use testkit::crms::hubspot::Webhook;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

/// RFC 2104, for keys that are no longer than a block.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let pad = |with: u8| -> Vec<u8> { (0..64).map(|at| key.get(at).unwrap_or(&0) ^ with).collect() };
    let inner = Sha256::digest([&pad(0x36)[..], text].concat());
    Sha256::digest([&pad(0x5c)[..], &inner[..]].concat()).to_vec()
}

#[tokio::test]
async fn a_deal_that_is_moved_is_told_with_a_signature() {
    let stage = stage().await;
    let deal = stage.hubspot.add_deal(&Deal { name: "x".to_owned(), ..Deal::default() });
    assert_eq!(stage.hubspot.move_deal(&deal, "qualifiedtobuy").await, None, "nobody wants to know");

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/crm/back?account=sales", listener.local_addr().unwrap());
    let client_secret = "a-secret".to_owned();
    stage.hubspot.set_webhook(Webhook {
        url: url.clone(),
        client_secret: client_secret.clone(),
        ..Webhook::default()
    });
    let receiver = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut got = Vec::new();
        while !got.ends_with(b"}]") {
            let mut some = [0; 4096];
            let length = stream.read(&mut some).await.unwrap();
            assert!(length > 0, "all of it comes");
            got.extend_from_slice(&some[..length]);
        }
        stream.write_all(b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        String::from_utf8(got).unwrap()
    };
    let (answered, got) = tokio::join!(stage.hubspot.move_deal(&deal, "closedwon"), receiver);
    assert_eq!(answered, Some(204));
    assert_eq!(stage.hubspot.deals()[0].stage, "closedwon");

    let (head, body) = got.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /crm/back?account=sales HTTP/1.1\r\n"));
    let header = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_else(|| panic!("{name} is missing")).to_owned()
    };
    let time = header("X-HubSpot-Request-Timestamp");
    let signed = format!("POST{url}{body}{time}");
    let signature = STANDARD.encode(hmac(client_secret.as_bytes(), signed.as_bytes()));
    assert_eq!(header("X-HubSpot-Signature-v3"), signature);
    let told: Value = serde_json::from_str(body).unwrap();
    assert_eq!(told[0]["subscriptionType"], "deal.propertyChange");
    assert_eq!(told[0]["objectId"].to_string(), deal);
    assert_eq!(
        (&told[0]["propertyName"], &told[0]["propertyValue"]),
        (&json!("dealstage"), &json!("closedwon"))
    );
}
