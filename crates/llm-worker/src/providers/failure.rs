//! What a status, its headers and its body mean: which failures are worth another call, and after how long.

use std::time::Duration;

use ids::{Clock, Secret};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde::Deserialize;
use serde_json::Value;

use super::Problem;

/// The problem that an answer with this status tells. The one table of what is repeated: 408, 409, 429 (of
/// rate), 500, 502, 503, 504 and 529.
pub(super) fn of(status: u16, wait: Duration, body: &[u8], key: &Secret) -> Problem {
    let value = json(body).unwrap_or(Value::Null);
    let words = Words::of(&value);
    problem(status, wait, &words, key)
}

/// The problem that a body tells whose status was 200.
pub(super) fn in_body(value: &Value, wait: Duration, key: &Secret) -> Option<Problem> {
    error_object(value)?;
    let words = Words::of(value);
    let told = words.code.parse().ok().filter(|status| (400..600).contains(status));
    let status = told.or_else(|| status_of(&words.kind)).or_else(|| status_of(&words.code)).unwrap_or(500);
    Some(problem(status, wait, &words, key))
}

fn problem(status: u16, wait: Duration, words: &Words, key: &Secret) -> Problem {
    // A quota used up comes with 429, 403, 402 or (Anthropic's own limit of spending) 400, and only its words
    // tell it from a rate.
    if status == 402 || matches!(status, 200 | 400 | 403 | 429) && words.tell_of_quota() {
        return Problem::Quota { status, code: scrubbed(words.best(), key) };
    }
    let said = || scrubbed(&words.told(status), key);
    match status {
        429 => Problem::RateLimited { status, wait },
        408 | 409 | 500 | 502 | 503 | 504 | 529 => Problem::Busy { status, wait },
        401 | 403 => Problem::Key { status, said: said() },
        404 => Problem::NoModel { status, said: said() },
        413 => Problem::TooLong { status, said: said() },
        400 | 422 if words.tell_of_length() => Problem::TooLong { status, said: said() },
        400 | 422 if words.tell_of_model() => Problem::NoModel { status, said: said() },
        _ => Problem::Refused { status, said: said() },
    }
}

/// The status that an error of this type would have had, if it had come in time. For errors in the middle of a
/// stream, whose status was 200.
fn status_of(kind: &str) -> Option<u16> {
    Some(match kind {
        "overloaded_error" => 529,
        "rate_limit_error" | "rate_limit_exceeded" => 429,
        "api_error" | "server_error" | "internal_error" | "timeout_error" => 500,
        "authentication_error" | "invalid_api_key" => 401,
        "permission_error" => 403,
        "billing_error" => 402,
        "not_found_error" | "model_not_found" => 404,
        "request_too_large" => 413,
        "invalid_request_error" => 400,
        _ => return None,
    })
}

/// How long the provider asks to wait: `retry-after-ms`, or `Retry-After` in seconds or as a date.
pub(super) fn wait(headers: &HeaderMap, clock: &Clock) -> Duration {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let seconds = |text: &str, unit: f64| text.parse().ok().map(|number: f64| number * unit);
    let asked = text("retry-after-ms").and_then(|ms| seconds(ms, 0.001)).or_else(|| {
        let after = text(RETRY_AFTER.as_str())?;
        seconds(after, 1.0).or_else(|| {
            let at = jiff::fmt::rfc2822::parse(after).ok()?.timestamp();
            Some(at.duration_since(clock.now()).as_secs_f64())
        })
    });
    asked.map_or(Duration::ZERO, |seconds| {
        Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
    })
}

/// The parts of an error that providers agree on, as text.
#[derive(Default)]
struct Words {
    code: String,
    kind: String,
    message: String,
}

impl Words {
    fn of(value: &Value) -> Self {
        let Some(error) = error_object(value) else { return Self::default() };
        let text = |name: &str| match error.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let kind = if text("type").is_empty() { text("status") } else { text("type") };
        let message = error.as_str().map_or_else(|| text("message"), str::to_owned);
        Self { code: text("code"), kind, message }
    }

    fn tell_of_quota(&self) -> bool {
        [&self.code, &self.kind].into_iter().any(|word| {
            let word = word.to_ascii_lowercase();
            ["quota", "credit", "billing", "balance"].iter().any(|stem| word.contains(stem))
        }) || self.message.starts_with("Your credit balance is too low")
            || self.message.starts_with("You have reached your specified API usage limits")
    }

    fn tell_of_length(&self) -> bool {
        self.code == "context_length_exceeded" || self.message.starts_with("prompt is too long")
    }

    fn tell_of_model(&self) -> bool {
        self.code == "model_not_found"
    }

    fn best(&self) -> &str {
        if self.code.is_empty() { &self.kind } else { &self.code }
    }

    /// Type and code. The message as well where it speaks of the account or the model; about the request it
    /// may quote the person.
    fn told(&self, status: u16) -> String {
        let quotable = if matches!(status, 401..=404) { self.message.as_str() } else { "" };
        let words: Vec<&str> = [self.kind.as_str(), self.code.as_str(), quotable]
            .into_iter()
            .filter(|word| !word.is_empty())
            .collect();
        if words.is_empty() { "no reason given".to_owned() } else { words.join(", ") }
    }
}

/// The first JSON value of a body. Under load, providers send empty lines and `: keep-alive` before it to
/// hold the connection.
pub(super) fn json(body: &[u8]) -> Option<Value> {
    let mut rest = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    loop {
        rest = rest.trim_ascii_start();
        if !rest.starts_with(b":") {
            break;
        }
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        rest = &rest[end..];
    }
    Value::deserialize(&mut serde_json::Deserializer::from_slice(rest)).ok()
}

/// `{"error": {...}}`, `{"error": "..."}`, or a list of one such, as some endpoints answer.
fn error_object(value: &Value) -> Option<&Value> {
    let value = value.get(0).unwrap_or(value);
    value.get("error").filter(|error| !error.is_null())
}

/// The text in one short line, without the key or anything that looks like a part of one.
fn scrubbed(text: &str, key: &Secret) -> String {
    let text = if key.is_empty() { text.to_owned() } else { text.replace(key.expose(), "***") };
    let words = text.split_whitespace().map(|word| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        if bare.starts_with("sk-") || bare.contains("***") { "***" } else { word }
    });
    let line = words.collect::<Vec<_>>().join(" ");
    line.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ids::{ManualClock, Timestamp};

    fn told(status: u16, body: &str) -> Problem {
        of(status, Duration::from_secs(3), body.as_bytes(), &Secret::new("my-own-key"))
    }

    #[test]
    fn the_table_of_what_is_repeated() {
        for status in [408, 409, 429, 500, 502, 503, 504, 529] {
            let problem = told(status, "");
            assert!(problem.is_retryable() && problem.wait() == Duration::from_secs(3), "{status}");
        }
        for status in [301, 400, 401, 402, 403, 404, 405, 413, 422, 501, 505] {
            assert!(!told(status, "").is_retryable(), "{status}");
        }
    }

    #[test]
    fn a_quota_is_told_from_a_rate_by_its_code() {
        let error = |word: &str| format!(r#"{{"error":{{"message":"m","type":"{word}","code":"{word}"}}}}"#);
        for word in ["insufficient_quota", "credit_balance_exhausted", "billing_hard_limit_reached"] {
            assert!(matches!(told(429, &error(word)), Problem::Quota { .. }), "{word}");
        }
        for word in ["rate_limit_exceeded", "requests", "RESOURCE_EXHAUSTED"] {
            assert!(matches!(told(429, &error(word)), Problem::RateLimited { .. }), "{word}");
        }
        assert!(matches!(told(403, &error("insufficient_quota")), Problem::Quota { .. }));
        assert!(matches!(told(402, ""), Problem::Quota { .. }));
        assert!(matches!(told(503, &error("insufficient_quota")), Problem::Busy { .. }));
    }

    #[test]
    fn errors_are_read_in_each_of_their_shapes_and_tell_no_key() {
        let said = |status, body| told(status, body).to_string();
        let object = r#"{"error":{"message":"Incorrect API key provided: sk-ab***yz, my-own-key.","code":"invalid_api_key"}}"#;
        assert_eq!(
            said(401, object),
            "it refuses the key (status 401, invalid_api_key, Incorrect API key provided: *** ***.)"
        );
        let list = r#"[{"error":{"code":404,"status":"NOT_FOUND","message":"no such model"}}]"#;
        assert_eq!(
            said(404, list),
            "it knows no such model or address (status 404, NOT_FOUND, 404, no such model)"
        );
        assert_eq!(
            said(404, r#"{"error":"model 'x' not found"}"#),
            "it knows no such model or address (status 404, model 'x' not found)"
        );
        let quoting = r#"{"error":{"type":"invalid_request_error","message":"can not parse: I am Ivan"}}"#;
        assert_eq!(said(400, quoting), "it refuses the call (status 400, invalid_request_error)");
        assert_eq!(said(413, "<html>"), "the prompt is too long for it (status 413, no reason given)");
    }

    #[test]
    fn the_wait_is_read_in_each_of_its_forms() {
        let hands = ManualClock::at("2026-11-21T03:00:00Z".parse::<Timestamp>().unwrap());
        let wait_of = |name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            wait(&headers, &hands.clock())
        };
        assert_eq!(wait_of("retry-after", "7"), Duration::from_secs(7));
        assert_eq!(wait_of("retry-after", "0.5"), Duration::from_millis(500));
        assert_eq!(wait_of("retry-after-ms", "250"), Duration::from_millis(250));
        assert_eq!(wait_of("retry-after", "Sat, 21 Nov 2026 03:00:09 GMT"), Duration::from_secs(9));
        assert_eq!(wait_of("retry-after", "Sat, 21 Nov 2020 03:00:09 GMT"), Duration::ZERO);
        for nonsense in ["soon", "-4", "NaN", ""] {
            assert_eq!(wait_of("retry-after", nonsense), Duration::ZERO, "{nonsense}");
        }
        assert_eq!(wait_of("retry-after", "1e300"), Duration::MAX);
        assert_eq!(wait(&HeaderMap::new(), &hands.clock()), Duration::ZERO);
    }
}
