//! What the wire formats make of the same things.

#![expect(clippy::needless_pass_by_value, reason = "values are written where they are used")]

use serde_json::{Value, json};

use crate::config::Kind;

pub(super) const MODEL: &str = "model-1";

/// Every kind of provider that is reached by HTTP.
pub(super) const ALL: [Kind; 6] =
    [Kind::OpenAi, Kind::Anthropic, Kind::LongCat, Kind::DeepSeek, Kind::Gemini, Kind::Ollama];

pub(super) fn is_anthropic(kind: Kind) -> bool {
    kind == Kind::Anthropic
}

fn openai(rest: Value) -> String {
    let mut chunk =
        json!({ "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "model-1-0613" });
    chunk.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    format!("data: {chunk}\n\n")
}

fn delta(delta: Value, reason: Option<&str>) -> String {
    openai(json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": reason }] }))
}

fn event(name: &str, data: Value) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}

/// What comes before the first text.
pub(super) fn start(kind: Kind) -> String {
    if !is_anthropic(kind) {
        return delta(json!({ "role": "assistant", "content": "" }), None);
    }
    let usage = json!({
        "input_tokens": 30, "cache_read_input_tokens": 60, "cache_creation_input_tokens": 10, "output_tokens": 1,
    });
    let message =
        json!({ "id": "m", "role": "assistant", "model": "model-1-0613", "content": [], "usage": usage });
    event("message_start", json!({ "type": "message_start", "message": message }))
        + &event(
            "content_block_start",
            json!({
                "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" },
            }),
        )
        + &event("ping", json!({ "type": "ping" }))
}

pub(super) fn text(kind: Kind, text: &str) -> String {
    if !is_anthropic(kind) {
        return delta(json!({ "content": text }), None);
    }
    let delta = json!({ "type": "text_delta", "text": text });
    event("content_block_delta", json!({ "type": "content_block_delta", "index": 0, "delta": delta }))
}

/// Two calls of tools, in pieces: `weather({"city":"Омск"})` and `now({})`.
pub(super) fn tools(kind: Kind) -> Vec<String> {
    if !is_anthropic(kind) {
        let call = |index: u32, rest: Value| {
            let mut call = json!({ "index": index });
            call.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            delta(json!({ "tool_calls": [call] }), None)
        };
        let begin = |index, id: &str, name: &str| {
            call(
                index,
                json!({ "id": id, "type": "function", "function": { "name": name, "arguments": "" } }),
            )
        };
        let more = |index, part: &str| call(index, json!({ "function": { "arguments": part } }));
        return vec![
            begin(0, "call-a", "weather"),
            more(0, "{\"city\""),
            more(0, ":\"Омск\"}"),
            begin(1, "call-b", "now"),
            more(1, "{}"),
        ];
    }
    let begin = |index: u32, id: &str, name: &str| {
        let block = json!({ "type": "tool_use", "id": id, "name": name, "input": {} });
        event(
            "content_block_start",
            json!({
                "type": "content_block_start", "index": index, "content_block": block,
            }),
        )
    };
    let more = |index: u32, part: &str| {
        let delta = json!({ "type": "input_json_delta", "partial_json": part });
        event("content_block_delta", json!({ "type": "content_block_delta", "index": index, "delta": delta }))
    };
    let stop =
        |index: u32| event("content_block_stop", json!({ "type": "content_block_stop", "index": index }));
    vec![
        stop(0),
        begin(1, "call-a", "weather"),
        more(1, ""),
        more(1, "{\"city\""),
        more(1, ":\"Омск\"}"),
        stop(1),
        begin(2, "call-b", "now"),
        more(2, "{}"),
        stop(2),
    ]
}

/// The end, of 100 tokens of prompt (60 of them cached) and 7 of answer.
pub(super) fn end(kind: Kind, with_tools: bool) -> String {
    if !is_anthropic(kind) {
        let usage = json!({
            "prompt_tokens": 100, "completion_tokens": 7, "prompt_tokens_details": { "cached_tokens": 60 },
        });
        let reason = if with_tools { "tool_calls" } else { "stop" };
        return delta(json!({}), Some(reason))
            + &openai(json!({ "choices": [], "usage": usage }))
            + "data: [DONE]\n\n";
    }
    let reason = if with_tools { "tool_use" } else { "end_turn" };
    event(
        "message_delta",
        json!({
            "type": "message_delta", "delta": { "stop_reason": reason }, "usage": { "output_tokens": 7 },
        }),
    ) + &event("message_stop", json!({ "type": "message_stop" }))
}

/// An error, as a body or as an event in a stream.
pub(super) fn error(kind: Kind, word: &str) -> Value {
    let error = json!({ "type": word, "code": word, "message": "it is so" });
    if is_anthropic(kind) { json!({ "type": "error", "error": error }) } else { json!({ "error": error }) }
}

pub(super) fn error_event(kind: Kind, word: &str) -> String {
    let error = error(kind, word);
    if is_anthropic(kind) { event("error", error) } else { format!("data: {error}\n\n") }
}

/// The whole answer "Hello!" of a server that does not stream.
pub(super) fn whole(kind: Kind) -> String {
    let body = if is_anthropic(kind) {
        json!({
            "type": "message", "model": "model-1-0613", "stop_reason": "end_turn",
            "content": [{ "type": "text", "text": "Hello!" }],
            "usage": { "input_tokens": 40, "cache_read_input_tokens": 60, "output_tokens": 7 },
        })
    } else {
        json!({
            "model": "model-1-0613",
            "choices": [{ "message": { "content": "Hello!" }, "finish_reason": "stop" }],
            "usage": {
                "prompt_tokens": 100, "completion_tokens": 7, "prompt_tokens_details": { "cached_tokens": 60 },
            },
        })
    };
    body.to_string()
}
