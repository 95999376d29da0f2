//! Headers of the operator's own.

use std::collections::BTreeMap;

use ids::Secret;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

/// More are a mistake.
const MOST: usize = 16;
/// Names and values together. Servers refuse more than 8 KiB, ours and the standard's among them.
const MOST_BYTES: usize = 4096;
/// What belongs to HTTP itself: whoever set it could change where a call ends or how it is read.
const NOT_OURS: [&str; 11] = [
    "connection",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];
/// The body's, the standard's, those of proxies.
const NOT_OURS_FROM: [&str; 4] = ["content-", "webhook-", "proxy-", "x-forwarded-"];

/// The headers, checked; or what is wrong with one of them, without its value.
pub(super) fn checked(configured: &BTreeMap<String, Secret>) -> Result<HeaderMap, String> {
    if configured.len() > MOST {
        return Err(format!("headers may be {MOST} at most"));
    }
    let bytes: usize = configured.iter().map(|(name, value)| name.len() + value.expose().len()).sum();
    if bytes > MOST_BYTES {
        return Err(format!("headers may have {MOST_BYTES} bytes together, not {bytes}"));
    }
    let mut headers = HeaderMap::with_capacity(configured.len());
    for (written, value) in configured {
        let named = |why: &str| format!("the header {written:?} {why}");
        let name: HeaderName = written.parse().map_err(|_| named("is no name of a header"))?;
        let is_theirs = NOT_OURS.contains(&name.as_str())
            || NOT_OURS_FROM.iter().any(|begin| name.as_str().starts_with(begin));
        if is_theirs {
            return Err(named("is not yours to set; leave it out"));
        }
        if value.is_empty() {
            return Err(named("has no value"));
        }
        // A line break would begin another header, or a body.
        let is_plain = value.expose().bytes().all(|byte| (b' '..=b'~').contains(&byte));
        let mut value = Some(value.expose())
            .filter(|_| is_plain)
            .and_then(|value| HeaderValue::from_str(value).ok())
            .ok_or_else(|| named("may have visible ASCII characters and spaces only, and no line break"))?;
        value.set_sensitive(true);
        if headers.insert(name, value).is_some() {
            return Err(named("is there twice; capitals make no difference"));
        }
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[(&str, &str)]) -> Result<HeaderMap, String> {
        checked(&headers.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect())
    }

    #[test]
    fn what_is_the_operators_is_taken_and_never_printed() {
        let headers = of(&[("X-Team", "sales"), ("authorization", "Bearer hunter2")]).unwrap();
        assert_eq!(headers["x-team"], "sales");
        assert_eq!(headers["Authorization"], "Bearer hunter2");
        assert!(!format!("{headers:?}").contains("hunter2"), "{headers:?}");
    }

    #[test]
    fn what_is_wrong_is_named_without_the_value() {
        for (name, value, why) in [
            ("Host", "hunter2", "not yours to set"),
            ("content-type", "hunter2", "not yours to set"),
            ("Content-Length", "hunter2", "not yours to set"),
            ("Webhook-Signature", "hunter2", "not yours to set"),
            ("webhook-anything", "hunter2", "not yours to set"),
            ("Connection", "hunter2", "not yours to set"),
            ("Keep-Alive", "hunter2", "not yours to set"),
            ("Transfer-Encoding", "hunter2", "not yours to set"),
            ("TE", "hunter2", "not yours to set"),
            ("Trailer", "hunter2", "not yours to set"),
            ("Upgrade", "hunter2", "not yours to set"),
            ("Proxy-Authorization", "hunter2", "not yours to set"),
            ("X-Forwarded-For", "hunter2", "not yours to set"),
            ("X Team", "hunter2", "is no name"),
            ("", "hunter2", "is no name"),
            ("X-Team:", "hunter2", "is no name"),
            ("X-Тeam", "hunter2", "is no name"),
            ("X-Team", "hunter2\r\nHost: evil.example", "no line break"),
            ("X-Team", "hunter2\nX-Other: 1", "no line break"),
            ("X-Team", "hunter2\0", "no line break"),
            ("X-Team", "hunter2: Продажи", "visible ASCII"),
            ("X-Team", "", "has no value"),
        ] {
            let error = of(&[(name, value)]).unwrap_err();
            assert!(error.contains(why) && !error.contains("hunter2"), "{name}: {error}");
        }
        let twice = of(&[("X-Team", "a"), ("x-team", "b")]).unwrap_err();
        assert!(twice.contains("there twice"), "{twice}");
    }

    #[test]
    fn there_is_an_end_to_their_number_and_their_size() {
        let many = |count: usize| -> BTreeMap<String, Secret> {
            (0..count).map(|n| (format!("x-{n}"), Secret::new("1"))).collect()
        };
        assert_eq!(checked(&many(MOST)).unwrap().len(), MOST);
        assert_eq!(checked(&many(MOST + 1)).unwrap_err(), "headers may be 16 at most");
        let long = |bytes: usize| of(&[("x", &"a".repeat(bytes))]);
        assert!(long(MOST_BYTES - 1).is_ok());
        assert_eq!(long(MOST_BYTES).unwrap_err(), "headers may have 4096 bytes together, not 4097");
    }
}
