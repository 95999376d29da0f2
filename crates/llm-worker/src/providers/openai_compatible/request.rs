//! The body of a call.

use serde_json::{Value, json};

use super::super::{By, Call};
use crate::config::MaxTokensField;

/// The body as JSON. It holds a person's words: never log it.
pub(super) fn body(model: &str, limit: MaxTokensField, call: &Call) -> Vec<u8> {
    let messages: Vec<Value> = call
        .messages
        .iter()
        .map(|message| {
            let role = match message.by {
                By::System => "system",
                By::Person => "user",
                By::Model => "assistant",
                By::Tool => "tool",
            };
            json!({ "role": role, "content": message.text })
        })
        .collect();
    let limit = match limit {
        MaxTokensField::MaxTokens => "max_tokens",
        MaxTokensField::MaxCompletionTokens => "max_completion_tokens",
    };
    let mut body = json!({ "model": model, "messages": messages, "stream": false });
    body[limit] = Value::from(call.max_tokens);
    if let Some(temperature) = call.temperature {
        body["temperature"] = Value::from(temperature);
    }
    body.to_string().into_bytes()
}
