//! The body of a call.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::super::{AnswerSchema, By, Call, Message, ToolChoice};
use crate::config::MaxTokensField;

/// In what the endpoints differ that say they speak the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) struct Dialect {
    pub(in super::super) max_tokens: MaxTokensField,
    /// Whether a stream is asked to count its tokens.
    pub(in super::super) stream_usage: bool,
    pub(in super::super) schemas: Schemas,
    /// A temperature above it is refused.
    pub(in super::super) hottest: f64,
    /// Whether a message of the model is to hold the thoughts that led to its calls of tools.
    pub(in super::super) thoughts: bool,
}

/// How an answer is held to a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Schemas {
    Schema,
    /// It is JSON; the schema stands in the prompt.
    Object,
    /// Not at all; the prompt asks for it.
    None,
}

/// It holds a person's words: never log it.
#[derive(Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    messages: Vec<Spoken<'a>>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<Value>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

#[derive(Serialize)]
struct Spoken<'a> {
    role: &'static str,
    /// `null` beside calls of tools.
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'a str>,
}

/// What this program says itself; `extra` says none of it a second time.
const OURS: [&str; 9] = [
    "model",
    "messages",
    "stream",
    "stream_options",
    "max_tokens",
    "max_completion_tokens",
    "temperature",
    "tools",
    "tool_choice",
];

pub(super) fn body<'a>(model: &'a str, dialect: Dialect, call: &'a Call) -> Body<'a> {
    let mut extra = call.extra.clone();
    extra.retain(|name, _| !OURS.contains(&name.as_str()));
    let response_format = match (&call.answer_schema, dialect.schemas) {
        (Some(answer), Schemas::Schema) => Some(json!({
            "type": "json_schema", "json_schema": answer_format(answer),
        })),
        (Some(_), Schemas::Object) => Some(json!({ "type": "json_object" })),
        _ => None,
    };
    if response_format.is_some() {
        extra.remove("response_format");
    }
    let limit = |field| (dialect.max_tokens == field).then_some(call.max_tokens);
    Body {
        model,
        messages: call.messages.iter().map(|message| spoken(message, dialect)).collect(),
        stream: true,
        stream_options: dialect.stream_usage.then(|| json!({ "include_usage": true })),
        max_tokens: limit(MaxTokensField::MaxTokens),
        max_completion_tokens: limit(MaxTokensField::MaxCompletionTokens),
        temperature: call.temperature.map(|temperature| temperature.min(dialect.hottest)),
        tools: call.tools.iter().map(tool).collect(),
        tool_choice: call.tool_choice.as_ref().filter(|_| !call.tools.is_empty()).map(choice),
        response_format,
        extra,
    }
}

/// The schema whole, as whoever asks wants it.
fn answer_format(answer: &AnswerSchema) -> Value {
    let mut format = json!({ "name": answer.name.as_deref().unwrap_or("answer"), "schema": answer.schema });
    if let Some(strict) = answer.strict {
        format["strict"] = strict.into();
    }
    if let Some(description) = &answer.description {
        format["description"] = description.as_str().into();
    }
    format
}

fn spoken(message: &Message, dialect: Dialect) -> Spoken<'_> {
    let role = match message.by {
        By::System => "system",
        By::Person => "user",
        By::Model => "assistant",
        By::Tool => "tool",
    };
    let calls = message.tool_calls.iter().map(|call| {
        json!({
            "id": call.id, "type": "function",
            "function": { "name": call.name, "arguments": call.arguments },
        })
    });
    let tool_calls: Vec<Value> = calls.collect();
    Spoken {
        role,
        content: Some(message.text.as_str()).filter(|text| tool_calls.is_empty() || !text.is_empty()),
        name: message.name.as_deref(),
        reasoning_content: message.thoughts.as_deref().filter(|_| dialect.thoughts),
        tool_calls,
        tool_call_id: message.tool_call_id.as_deref(),
    }
}

fn tool(tool: &super::super::ToolSpec) -> Value {
    let mut function = json!({
        "name": tool.name, "description": tool.description, "parameters": tool.parameters,
    });
    if let Some(strict) = tool.strict {
        function["strict"] = strict.into();
    }
    json!({ "type": "function", "function": function })
}

fn choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => json!("auto"),
        ToolChoice::None => json!("none"),
        ToolChoice::Required => json!("required"),
        ToolChoice::Tool(name) => json!({ "type": "function", "function": { "name": name } }),
    }
}
