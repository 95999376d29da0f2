//! A completion, read with patience: providers add, leave out and reorder what they like.

use std::time::Duration;

use ids::Secret;
use serde::Deserialize;
use serde_json::Value;

use super::{Finish, Problem, failure};
use crate::domain::answer::Usage;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Completion {
    pub(super) text: String,
    pub(super) finish: Finish,
    pub(super) model: Option<String>,
    pub(super) usage: Usage,
}

/// Reads the body of an answer with status 200, which may turn out to be an error all the same.
pub(super) fn read(body: &[u8], wait: Duration, key: &Secret) -> Result<Completion, Problem> {
    let value = json(body).ok_or(Problem::Malformed("it is not JSON"))?;
    let Some(choice) = value.pointer("/choices/0") else {
        return Err(match failure::in_body(&value, wait, key) {
            Some(problem) => problem,
            None => Problem::Malformed("it holds no choice"),
        });
    };
    let message = choice.get("message").unwrap_or(&Value::Null);
    let refused = message.get("refusal").and_then(Value::as_str).is_some_and(|said| !said.is_empty());
    let finish = match choice.get("finish_reason").and_then(Value::as_str) {
        Some("content_filter") => Finish::Filter,
        _ if refused => Finish::Refused,
        Some("length") => Finish::Length,
        Some("tool_calls") => Finish::ToolCalls,
        Some("stop") | None => Finish::Stop,
        Some(_) => Finish::Other,
    };
    Ok(Completion {
        text: text(message.get("content").unwrap_or(&Value::Null)),
        finish,
        model: value.get("model").and_then(Value::as_str).filter(|name| !name.is_empty()).map(str::to_owned),
        usage: usage(value.get("usage").unwrap_or(&Value::Null)),
    })
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

/// Content is a string, or parts of which some are text.
fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts
            .iter()
            .filter_map(|part| part.get("text").and_then(Value::as_str).or(part.as_str()))
            .collect(),
        _ => String::new(),
    }
}

fn usage(usage: &Value) -> Usage {
    let count = |path: &str| -> Option<i64> {
        let number = usage.pointer(path)?;
        // Some count in floats.
        let count = number.as_i64().or_else(|| number.as_f64().map(|float| float as i64))?;
        Some(count.clamp(0, 1_000_000_000))
    };
    let (prompt, completion) = (count("/prompt_tokens"), count("/completion_tokens"));
    let cached = count("/prompt_tokens_details/cached_tokens").or_else(|| count("/prompt_cache_hit_tokens"));
    Usage {
        prompt: prompt.unwrap_or(0),
        cached: cached.unwrap_or(0).min(prompt.unwrap_or(0)),
        completion: completion.unwrap_or(0),
        reported: prompt.is_some() && completion.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(body: &str) -> Result<Completion, Problem> {
        read(body.as_bytes(), Duration::ZERO, &Secret::new("sk-key"))
    }

    #[test]
    fn a_full_answer_and_the_least_there_can_be() {
        let full = parsed(
            r#"{"id":"x","object":"chat.completion","model":"m-2","new_field":{"a":[1]},
                "choices":[{"index":0,"message":{"role":"assistant","content":"Hi","reasoning_content":"hm"},
                "finish_reason":"stop"}],"usage":{"prompt_tokens":120,"completion_tokens":7.0,
                "prompt_tokens_details":{"cached_tokens":100}}}"#,
        )
        .unwrap();
        let usage = Usage { prompt: 120, cached: 100, completion: 7, reported: true };
        assert_eq!((full.text.as_str(), full.model.as_deref(), full.usage), ("Hi", Some("m-2"), usage));

        let least = parsed(r#"{"choices":[{"message":{"content":"Hi"}}]}"#).unwrap();
        assert_eq!((least.text.as_str(), least.model, least.usage.reported), ("Hi", None, false));
        let parts =
            r#"{"choices":[{"message":{"content":[{"type":"text","text":"H"},"i",{"type":"image"}]}}]}"#;
        assert_eq!(parsed(parts).unwrap().text, "Hi");
    }

    #[test]
    fn what_holds_the_connection_open_is_passed_over() {
        let body =
            "\n\n\r\n: keep-alive\n\n: keep-alive\r\n{\"choices\":[{\"message\":{\"content\":\"Hi\"}}]}\n\n";
        assert_eq!(parsed(body).unwrap().text, "Hi");
        assert!(matches!(parsed(": keep-alive"), Err(Problem::Malformed(_))));
    }

    #[test]
    fn an_answer_that_may_not_be_passed_on_says_why() {
        let with =
            |reason: &str| format!(r#"{{"choices":[{{"message":{{"content":"It is n"}},{reason}}}]}}"#);
        assert!(parsed(&with(r#""finish_reason":"length""#)).unwrap().finish == Finish::Length);
        assert!(parsed(&with(r#""finish_reason":"content_filter""#)).unwrap().finish == Finish::Filter);
        assert!(parsed(&with(r#""finish_reason":"something_new""#)).unwrap().finish == Finish::Other);
        let refused = r#"{"choices":[{"message":{"content":null,"refusal":"I can not"}}]}"#;
        assert!(parsed(refused).unwrap().finish == Finish::Refused);
    }

    #[test]
    fn an_error_with_status_200_is_still_an_error() {
        let busy = parsed(r#"{"error":{"code":503,"message":"overloaded"}}"#).unwrap_err();
        assert!(matches!(busy, Problem::Busy { status: 503, .. }));
        let quota = parsed(r#"[{"error":{"code":429,"type":"insufficient_quota"}}]"#).unwrap_err();
        assert!(matches!(quota, Problem::Quota { .. }));
        assert!(matches!(parsed("{}"), Err(Problem::Malformed(_))));
        assert!(matches!(parsed("<html>"), Err(Problem::Malformed(_))));
        assert!(matches!(parsed(r#"{"choices":[]}"#), Err(Problem::Malformed(_))));
    }

    proptest! {
        #[test]
        fn any_body_is_read_without_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&body, Duration::ZERO, &Secret::default());
        }

        #[test]
        fn any_shape_is_read_without_panic(
            choice in "(null|1|\"x\"|\\[\\]|\\{\"message\":(null|1|\\{\"content\":(1|null|\\[1\\])\\})\\})",
            usage in "(null|1|\\{\"prompt_tokens\":(-5|1e300|\"7\"|null)\\})",
        ) {
            let body = format!(r#"{{"choices":[{choice}],"usage":{usage}}}"#);
            let _ = parsed(&body);
        }
    }
}
