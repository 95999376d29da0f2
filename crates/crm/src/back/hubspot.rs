//! A webhook of HubSpot: a list of changes, signed together with where and when it is posted.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ids::Secret;
use ring::hmac::{self, HMAC_SHA256, Key};
use serde_json::Value;

use super::form::is_id;

/// What was signed longer ago than this is not taken, whoever has signed it: HubSpot's own rule. Milliseconds.
const OLDEST_MS: i64 = 5 * 60 * 1_000;
/// The number that HubSpot has for deals, where an event names the kind of its object so.
const DEALS: &str = "0-3";

/// What the headers say.
pub(super) struct Signed<'a> {
    /// `X-HubSpot-Signature-v3`
    pub(super) signature: &'a str,
    /// `X-HubSpot-Request-Timestamp`, Unix milliseconds.
    pub(super) time: &'a str,
}

/// Whether HubSpot has posted this body to this address, and lately. Takes as long for a right signature as for a wrong one.
pub(super) fn verifies(secret: &Secret, signed: &Signed<'_>, url: &str, body: &[u8], now_ms: i64) -> bool {
    let Ok(time) = signed.time.parse::<i64>() else { return false };
    if now_ms.abs_diff(time) > OLDEST_MS.unsigned_abs() {
        return false;
    }
    let Ok(signature) = STANDARD.decode(signed.signature) else { return false };
    let key = Key::new(HMAC_SHA256, secret.expose().as_bytes());
    let text = [b"POST", url.as_bytes(), body, signed.time.as_bytes()].concat();
    hmac::verify(&key, &text, &signature).is_ok()
}

/// The deals that it tells of. Nothing where the body is not JSON.
pub(super) fn deals(body: &[u8]) -> Option<Vec<String>> {
    let told: Value = serde_json::from_slice(body).ok()?;
    let text = |event: &Value, name: &str| match event.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let deal = |event: &Value| {
        let what = text(event, "subscriptionType");
        let is_deal = what.starts_with("deal.")
            || (what.starts_with("object.") && text(event, "objectTypeId") == DEALS);
        let id = text(event, "objectId");
        (is_deal && is_id(&id)).then_some(id)
    };
    Some(told.as_array().into_iter().flatten().filter_map(deal).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const URL: &str = "https://bot.example.com/crm/sales";

    fn signature(body: &[u8], time: &str) -> String {
        let key = Key::new(HMAC_SHA256, b"s3cret");
        STANDARD.encode(hmac::sign(&key, &[b"POST", URL.as_bytes(), body, time.as_bytes()].concat()))
    }

    fn is_taken(signature: &str, time: &str, url: &str, body: &[u8], now_ms: i64) -> bool {
        verifies(&Secret::new("s3cret"), &Signed { signature, time }, url, body, now_ms)
    }

    #[test]
    fn only_what_was_signed_here_and_lately_is_taken() {
        let (time, body) = ("1760000000000", b"[]".as_slice());
        let (right, now) = (signature(body, time), 1_760_000_000_000);
        assert!(is_taken(&right, time, URL, body, now));
        assert!(
            is_taken(&right, time, URL, body, now + OLDEST_MS)
                && is_taken(&right, time, URL, body, now - OLDEST_MS)
        );
        assert!(!is_taken(&right, time, URL, body, now + OLDEST_MS + 1), "it is old");
        assert!(!is_taken(&right, time, URL, body, now - OLDEST_MS - 1), "it is of tomorrow");
        assert!(!is_taken(&right, "1760000000001", URL, body, now), "of another time");
        assert!(
            !is_taken(&right, time, "https://bot.example.com/crm/other", body, now),
            "of another address"
        );
        assert!(!is_taken(&right, time, URL, b"[ ]", now), "of another body");
        for wrong in ["", "=", "AAAA", &right[1..], &signature(b"[]", "1")] {
            assert!(!is_taken(wrong, time, URL, body, now), "{wrong}");
        }
        for time in ["", "x", "-9223372036854775808", "9223372036854775807", "1760000000000 "] {
            assert!(!is_taken(&signature(body, time), time, URL, body, now), "{time}");
        }
    }

    #[test]
    fn deals_are_told_in_the_older_form_and_in_the_newer() {
        let body = br#"[{"subscriptionType":"deal.propertyChange","objectId":7},
            {"subscriptionType":"object.propertyChange","objectTypeId":"0-3","objectId":8},
            {"subscriptionType":"object.propertyChange","objectTypeId":"0-1","objectId":9},
            {"subscriptionType":"contact.creation","objectId":10},{"subscriptionType":"deal.deletion","objectId":"11"},
            {"subscriptionType":"deal.creation","objectId":-1},{"subscriptionType":"deal.creation"},7,null,[]]"#;
        assert_eq!(deals(body).unwrap(), ["7", "8", "11"]);
        assert_eq!(deals(b"{}").unwrap(), [""; 0]);
        assert_eq!(deals(b"event=x"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(body in prop::collection::vec(any::<u8>(), 0..200), time in ".{0,20}", signature in ".{0,60}") {
            prop_assert!(!is_taken(&signature, &time, URL, &body, 0));
            prop_assert!(deals(&body).unwrap_or_default().iter().all(|id| is_id(id)));
        }
    }
}
