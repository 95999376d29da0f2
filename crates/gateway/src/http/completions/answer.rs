//! The answer in one piece.

use rpc::llm::{CallFinish, CallUsage, CompleteResponse};
use rpc::{Status, Streaming};
use serde::Serialize;
use utoipa::ToSchema;

/// A completion, in OpenAI's shape.
#[derive(Serialize, ToSchema)]
#[schema(as = ChatCompletion)]
pub(crate) struct Completion<'a> {
    id: &'a str,
    /// `chat.completion`
    object: &'static str,
    /// Unix seconds.
    created: i64,
    model: &'a str,
    #[schema(inline)]
    choices: [Choice<'a>; 1],
    #[schema(inline)]
    usage: UsageObject,
}

#[derive(Serialize, ToSchema)]
struct Choice<'a> {
    index: u32,
    #[schema(inline)]
    message: MessageObject<'a>,
    /// `stop`, `length`, `tool_calls` or `content_filter`.
    finish_reason: &'static str,
    /// Always null.
    logprobs: Option<bool>,
}

#[derive(Serialize, ToSchema)]
struct MessageObject<'a> {
    /// `assistant`
    role: &'static str,
    /// Null where the model called tools instead of answering.
    content: Option<&'a str>,
    /// What the model thought before it answered, where its provider tells.
    #[serde(skip_serializing_if = "str::is_empty")]
    reasoning_content: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    tool_calls: Vec<ToolCallObject<'a>>,
}

#[derive(Serialize)]
struct ToolCallObject<'a> {
    id: &'a str,
    r#type: &'static str,
    function: FunctionObject<'a>,
}

#[derive(Serialize)]
struct FunctionObject<'a> {
    name: &'a str,
    arguments: &'a str,
}

/// What was used. Tokens are the provider's count; 0 where it does not say.
#[derive(Clone, Copy, Serialize, ToSchema)]
pub(super) struct UsageObject {
    prompt_tokens: i64,
    completion_tokens: i64,
    total_tokens: i64,
    #[schema(inline)]
    prompt_tokens_details: PromptDetails,
}

#[derive(Clone, Copy, Serialize, ToSchema)]
struct PromptDetails {
    cached_tokens: i64,
}

impl From<CallUsage> for UsageObject {
    fn from(usage: CallUsage) -> Self {
        Self {
            prompt_tokens: usage.prompt_tokens,
            completion_tokens: usage.completion_tokens,
            total_tokens: usage.prompt_tokens.saturating_add(usage.completion_tokens),
            prompt_tokens_details: PromptDetails { cached_tokens: usage.cached_tokens },
        }
    }
}

/// What a completion is called.
pub(super) struct Title<'a> {
    pub(super) id: &'a str,
    pub(super) created: i64,
    pub(super) model: &'a str,
}

/// OpenAI's word for why a model stopped.
pub(super) fn finish_reason(finish: CallFinish) -> &'static str {
    match finish {
        CallFinish::Length => "length",
        CallFinish::ToolCalls => "tool_calls",
        CallFinish::Filter | CallFinish::Refused => "content_filter",
        CallFinish::Unspecified | CallFinish::Stop | CallFinish::Other => "stop",
    }
}

/// Reads the answer to its end.
pub(super) async fn whole(mut pieces: Streaming<CompleteResponse>) -> Result<CompleteResponse, Status> {
    let mut whole = CompleteResponse::default();
    while let Some(piece) = pieces.message().await? {
        add(&mut whole, piece);
    }
    if whole.finish() == CallFinish::Unspecified {
        return Err(Status::unavailable("the answer has no end"));
    }
    Ok(whole)
}

fn add(whole: &mut CompleteResponse, piece: CompleteResponse) {
    for (whole, more) in [(&mut whole.text, piece.text), (&mut whole.thoughts, piece.thoughts)] {
        if whole.is_empty() {
            *whole = more;
        } else {
            whole.push_str(&more);
        }
    }
    for call in piece.tool_calls {
        match whole.tool_calls.iter_mut().find(|known| known.index == call.index) {
            None => whole.tool_calls.push(call),
            Some(known) => {
                if known.id.is_empty() {
                    known.id = call.id;
                }
                if known.name.is_empty() {
                    known.name = call.name;
                }
                known.arguments.push_str(&call.arguments);
            }
        }
    }
    whole.usage = piece.usage.or(whole.usage);
    whole.finish = whole.finish.max(piece.finish);
}

/// The body of the answer.
pub(super) fn json(title: &Title<'_>, answer: &CompleteResponse) -> Vec<u8> {
    let tool_calls = answer.tool_calls.iter().map(|call| ToolCallObject {
        id: &call.id,
        r#type: "function",
        function: FunctionObject { name: &call.name, arguments: &call.arguments },
    });
    let says = !answer.text.is_empty() || answer.tool_calls.is_empty();
    let completion = Completion {
        id: title.id,
        object: "chat.completion",
        created: title.created,
        model: title.model,
        choices: [Choice {
            index: 0,
            message: MessageObject {
                role: "assistant",
                content: says.then_some(answer.text.as_str()),
                reasoning_content: &answer.thoughts,
                tool_calls: tool_calls.collect(),
            },
            finish_reason: finish_reason(answer.finish()),
            logprobs: None,
        }],
        usage: answer.usage.unwrap_or_default().into(),
    };
    serde_json::to_vec(&completion).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use rpc::llm::CallToolPiece;

    use super::*;

    fn tool(index: u32, id: &str, name: &str, arguments: &str) -> CallToolPiece {
        let (id, name, arguments) = (id.to_owned(), name.to_owned(), arguments.to_owned());
        CallToolPiece { index, id, name, arguments }
    }

    #[test]
    fn pieces_are_joined_in_their_order() {
        let mut whole = CompleteResponse::default();
        add(&mut whole, CompleteResponse { text: "He".to_owned(), ..Default::default() });
        let calls = vec![tool(0, "c0", "find", "{\"a\""), tool(1, "c1", "drop", "")];
        add(&mut whole, CompleteResponse { text: "llo".to_owned(), tool_calls: calls, ..Default::default() });
        let usage = CallUsage { prompt_tokens: 3, cached_tokens: 1, completion_tokens: 2 };
        let calls = vec![tool(0, "", "", ":1}")];
        let finish = CallFinish::ToolCalls.into();
        add(
            &mut whole,
            CompleteResponse { tool_calls: calls, usage: Some(usage), finish, ..Default::default() },
        );
        let title = Title { id: "chatcmpl-1", created: 7, model: "a/b" };
        let json: serde_json::Value = serde_json::from_slice(&json(&title, &whole)).unwrap();
        let expected = serde_json::json!({
            "id": "chatcmpl-1", "object": "chat.completion", "created": 7, "model": "a/b",
            "choices": [{
                "index": 0, "finish_reason": "tool_calls", "logprobs": null,
                "message": {"role": "assistant", "content": "Hello", "tool_calls": [
                    {"id": "c0", "type": "function", "function": {"name": "find", "arguments": "{\"a\":1}"}},
                    {"id": "c1", "type": "function", "function": {"name": "drop", "arguments": ""}}
                ]}
            }],
            "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5,
                "prompt_tokens_details": {"cached_tokens": 1}}
        });
        assert_eq!(json, expected);
    }

    #[test]
    fn who_only_calls_tools_says_nothing() {
        let title = Title { id: "1", created: 0, model: "m" };
        let said = |answer: &CompleteResponse| {
            let json: serde_json::Value = serde_json::from_slice(&json(&title, answer)).unwrap();
            json["choices"][0]["message"]["content"].clone()
        };
        let calls = vec![tool(0, "c0", "find", "{}")];
        assert!(said(&CompleteResponse { tool_calls: calls, ..Default::default() }).is_null());
        assert_eq!(said(&CompleteResponse::default()), "");
    }
}
