use proptest::prelude::*;

use super::*;

fn ask(more: &str) -> String {
    format!(r#"{{"model": "a/b", "messages": [{{"role": "user", "content": "Hi"}}]{more}}}"#)
}

/// Parameter and code of the refusal.
fn refused(body: &str) -> (String, &'static str) {
    let failed = wanted(body.as_bytes()).map(|_| ()).unwrap_err();
    assert_eq!(failed.status.as_u16(), 400);
    (failed.error.param.unwrap_or_default(), failed.error.code)
}

fn field(more: &str) -> String {
    refused(&ask(more)).0
}

#[test]
fn a_full_request_becomes_a_call() {
    let body = r#"{
        "model": "deepseek/v4", "stream": true, "stream_options": {"include_usage": true},
        "messages": [
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "name": "ann", "content": [{"type": "text", "text": "One"}, {"type": "text", "text": "two"}]},
            {"role": "assistant", "content": null, "refusal": null, "annotations": [],
             "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "find", "arguments": "{\"q\":1}"}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "found"}
        ],
        "max_tokens": 9, "max_completion_tokens": 8, "temperature": 0, "top_p": 0.5, "stop": ["a", "b"], "seed": 7,
        "tools": [{"type": "function", "function": {"name": "find", "strict": true, "parameters": {"type":  "object"}}}],
        "tool_choice": {"type": "function", "function": {"name": "find"}},
        "response_format": {"type": "json_schema", "json_schema": {"name": "x", "strict": true, "schema": {"type": "object"}}},
        "user": "u-1", "n": 1, "logprobs": false, "metadata": {"a": "b"}
    }"#;
    let Wanted { call, stream, include_usage } =
        wanted(body.as_bytes()).map_err(|f| f.error.message).unwrap();
    assert!(stream && include_usage && !call.whole);
    assert_eq!((call.model.as_str(), call.max_tokens, call.temperature), ("deepseek/v4", Some(8), Some(0.0)));
    let said: Vec<_> =
        call.messages.iter().map(|m| (m.by, m.text.as_str(), m.tool_call_id.as_str())).collect();
    assert_eq!(said, [(1, "Be brief.", ""), (2, "One\ntwo", ""), (3, "", ""), (4, "found", "c1")]);
    assert_eq!(call.messages[2].tool_calls[0].arguments, r#"{"q":1}"#);
    assert_eq!(call.tools[0].parameters, r#"{"type":  "object"}"#);
    assert!(call.tool_choice.unwrap().choice == Some(Choice::Tool("find".to_owned())));
    assert_eq!(call.answer_schema, r#"{"type": "object"}"#);
    assert_eq!((call.answer_name.as_str(), call.answer_strict), ("x", Some(true)));
    assert_eq!((call.tools[0].strict, call.messages[1].name.as_str()), (Some(true), "ann"));
    assert_eq!(call.extra, r#"{"seed":7,"stop":["a","b"],"top_p":0.5}"#);
    let plain = wanted(ask("").as_bytes()).map_err(|f| f.error.message).unwrap();
    assert!(plain.call.whole && plain.call.extra.is_empty() && plain.call.temperature.is_none());
}

#[test]
fn an_empty_conversation_is_refused() {
    for messages in ["[]", r#"[{"role": "user", "content": " \n"}]"#, r#"[{"role": "user"}]"#] {
        let body = format!(r#"{{"model": "a/b", "messages": {messages}}}"#);
        assert_eq!(refused(&body), ("messages".to_owned(), "empty_conversation"), "{messages}");
    }
}

#[test]
fn a_mistake_is_told_with_its_field() {
    for (more, expected) in [
        (r#", "temperature": "hot""#, "temperature"),
        (r#", "temperature": 2.1"#, "temperature"),
        (r#", "top_p": -1"#, "top_p"),
        (r#", "max_tokens": 0"#, "max_tokens"),
        (r#", "max_tokens": -5"#, "max_tokens"),
        (r#", "n": 2"#, "n"),
        (r#", "logprobs": true"#, "logprobs"),
        (r#", "presence_penalty": 3"#, "presence_penalty"),
        (r#", "stop": ["1", "2", "3", "4", "5"]"#, "stop"),
        (r#", "stream": "yes""#, "stream"),
        (r#", "tools": [{"type": "web"}]"#, "tools[0].type"),
        (r#", "tools": [{"type": "function", "function": {"name": "a b"}}]"#, "tools[0].function.name"),
        (
            r#", "tools": [{"type": "function", "function": {"name": "a", "parameters": 1}}]"#,
            "tools[0].function.parameters",
        ),
        (r#", "tool_choice": "sometimes""#, "tool_choice"),
        (r#", "tool_choice": {"type": "function", "function": {"name": "x"}}"#, "tool_choice"),
        (r#", "response_format": {"type": "xml"}"#, "response_format.type"),
        (r#", "response_format": {"type": "json_schema"}"#, "response_format.json_schema.schema"),
        (
            r#", "response_format": {"type": "json_schema", "json_schema": {"name": "a b", "schema": {}}}"#,
            "response_format.json_schema.name",
        ),
    ] {
        assert_eq!(field(more), expected, "{more}");
    }
    let described = |bytes: usize| {
        let format = serde_json::json!({"type": "json_schema", "json_schema": {
            "name": "x", "description": "d".repeat(bytes), "schema": {"type": "object"}
        }});
        let body = serde_json::json!({
            "model": "a/b", "messages": [{"role": "user", "content": "x"}], "response_format": format
        });
        wanted(body.to_string().as_bytes())
    };
    assert_eq!(described(4_096).map_err(|f| f.error.message).unwrap().call.answer_description.len(), 4_096);
    let refused_by = described(4_097).err().and_then(|failed| failed.error.param);
    assert_eq!(refused_by.as_deref(), Some("response_format.json_schema.description"));
    let message = |message: &str| {
        refused(&format!(
            r#"{{"model": "a/b", "messages": [{{"role": "user", "content": "x"}}, {message}]}}"#
        ))
    };
    assert_eq!(message(r#"{"role": "robot", "content": "x"}"#).0, "messages[1].role");
    assert_eq!(message(r#"{"role": "tool", "content": "x"}"#).0, "messages[1].tool_call_id");
    assert_eq!(message(r#"{"content": "x"}"#), ("messages[1].role".to_owned(), "missing_required_parameter"));
    assert_eq!(message(r#"{"role": "user", "name": "a b", "content": "x"}"#).0, "messages[1].name");
    assert_eq!(message(r#"{"role": "user", "content": 5}"#).0, "messages[1].content");
    let image = r#"{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://a"}}]}"#;
    assert!(message(image).0.starts_with("messages[1].content"), "{image}");
}

#[test]
fn what_is_missing_unknown_or_no_json_is_told_apart() {
    assert_eq!(refused(r#"{"messages": []}"#), ("model".to_owned(), "missing_required_parameter"));
    assert_eq!(refused(r#"{"model": "a/b"}"#), ("messages".to_owned(), "missing_required_parameter"));
    assert_eq!(refused(&ask(r#", "temprature": 1"#)), ("temprature".to_owned(), "unknown_parameter"));
    for body in ["", "{", "[", "{\"model\": \"a/b\", \"messages\": [}", &format!("{} x", ask(""))] {
        assert_eq!(refused(body), (String::new(), "invalid_json"), "{body}");
    }
    let failed = wanted(b"{\"model\": \"\xff\xfe\", \"messages\": []}").map(|_| ()).unwrap_err();
    assert_eq!(failed.error.code, "invalid_json");
}

#[test]
fn a_refusal_does_not_repeat_what_was_said() {
    let failed =
        wanted(br#"{"model": {"secret": 1}, "messages": "my password is hunter2"}"#).map(|_| ()).unwrap_err();
    assert!(!failed.error.message.contains("hunter2"), "{}", failed.error.message);
}

proptest! {
    #[test]
    fn any_body_is_read_or_refused(body in ".{0,300}") {
        let _ = wanted(body.as_bytes());
    }

    #[test]
    fn any_value_of_a_field_is_taken_or_told_with_that_field(
        name in "(temperature|top_p|stop|tools|tool_choice|response_format|seed|n|stream|stream_options|logit_bias)",
        value in r#"(null|true|[1-9][0-9]{0,2}|-1\.5|"x"|\[\]|\[1\]|\{\}|\{"a": 1\})"#,
    ) {
        if let Err(failed) = wanted(ask(&format!(r#", "{name}": {value}"#)).as_bytes()) {
            let param = failed.error.param.unwrap_or_default();
            prop_assert!(param.starts_with(&name), "{name} {value}: {param}");
        }
    }
}
