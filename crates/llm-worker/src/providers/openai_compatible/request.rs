//! The body of a call.

use serde_json::{Value, json};

use crate::config::{LlmConfig, MaxTokensField};
use crate::domain::mask::Mask;
use crate::domain::prompt;
use crate::domain::question::Question;

/// What every call of this worker asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    max_tokens: u32,
    max_tokens_field: MaxTokensField,
    temperature: f64,
}

impl Settings {
    pub(super) const fn of(config: &LlmConfig) -> Self {
        Self {
            max_tokens: config.max_tokens,
            max_tokens_field: config.max_tokens_field,
            temperature: config.temperature,
        }
    }
}

/// The body as JSON; `mask` then knows what it hides. It holds a person's words: never log it.
pub(super) fn body(model: &str, settings: &Settings, question: &Question, mask: &mut Mask) -> Vec<u8> {
    let mut messages = vec![json!({ "role": "system", "content": prompt::system(question) })];
    messages.extend(prompt::messages(question, mask).into_iter().map(
        |(by_person, text)| json!({ "role": if by_person { "user" } else { "assistant" }, "content": text }),
    ));
    let limit = match settings.max_tokens_field {
        MaxTokensField::MaxTokens => "max_tokens",
        MaxTokensField::MaxCompletionTokens => "max_completion_tokens",
    };
    let mut body = json!({ "model": model, "messages": messages, "stream": false });
    body[limit] = Value::from(settings.max_tokens);
    if settings.temperature >= 0.0 {
        body["temperature"] = Value::from(settings.temperature);
    }
    body.to_string().into_bytes()
}
