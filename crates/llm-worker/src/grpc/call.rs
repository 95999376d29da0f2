//! From what is asked over gRPC to a call of a model.

use std::sync::Arc;

use rpc::llm::call_failure::Reason;
use rpc::llm::call_tool_choice::Choice;
use rpc::llm::{CallFailure, CallMessage, CallSpeaker, CallTool, CallToolChoice, CompleteRequest};
use serde_json::{Map, Value};

use super::failure::{field, told, unknown_model};
use crate::money::estimate;
use crate::providers::{
    AnswerSchema, By, Call, Catalog, Message, Model, OFFLINE, ToolCall, ToolChoice, ToolSpec,
};

/// A call that can be made.
pub(super) struct Wanted {
    pub(super) model: Arc<Model>,
    pub(super) call: Call,
    /// What of it is text.
    pub(super) prompt_bytes: usize,
    /// Its tokens at most.
    pub(super) most_tokens: i64,
}

/// No tokenizer makes fewer tokens of a long text: what has more bytes than this for each of a model's tokens does not
/// fit. Whether the rest does, the provider knows.
const MOST_BYTES_PER_TOKEN: usize = 8;
/// Tokens that stand around a message, or a tool.
const AROUND_EACH: usize = 8;
/// Room for an answer that nobody gave a limit for, where a long prompt leaves less.
const LEAST_ANSWER: u32 = 256;

/// The model of this name. `offline` is none for programs: it reads what a bot knows.
pub(super) fn model(catalog: &Catalog, id: &str) -> Result<Arc<Model>, Box<CallFailure>> {
    let model = catalog.model(id).filter(|model| model.provider.name() != OFFLINE);
    model.ok_or_else(|| Box::new(unknown_model()))
}

pub(super) fn wanted(catalog: &Catalog, request: CompleteRequest) -> Result<Wanted, Box<CallFailure>> {
    let model = model(catalog, &request.model)?;
    let most = model.info.max_output_tokens;
    if request.messages.iter().all(|message| message.text.trim().is_empty()) {
        return Err(Box::new(field("messages", "there is nothing to answer")));
    }
    if request.max_tokens.is_some_and(|tokens| tokens == 0 || tokens > most) {
        let message = format!("must be 1 to {most}, which is what this model may write");
        return Err(Box::new(field("max_tokens", message)));
    }
    if request.temperature.is_some_and(|temperature| !(0.0..=2.0).contains(&temperature)) {
        return Err(Box::new(field("temperature", "must be 0 to 2")));
    }
    let (prompt_bytes, most_tokens) = (prompt_bytes(&request), most_tokens(&request));
    let context = model.info.context_tokens;
    if usize::try_from(context).is_ok_and(|context| prompt_bytes / MOST_BYTES_PER_TOKEN > context) {
        let message =
            format!("the messages do not fit into the {context} tokens of this model; shorten them");
        return Err(Box::new(CallFailure { field: "messages".to_owned(), ..told(Reason::TooLong, message) }));
    }
    let left = u32::try_from(i64::from(context) - estimate::tokens(prompt_bytes)).unwrap_or(0);
    let answer_schema = json("response_format", &request.answer_schema)?.map(|schema| AnswerSchema {
        name: Some(request.answer_name).filter(|name| !name.is_empty()),
        description: Some(request.answer_description).filter(|description| !description.is_empty()),
        strict: request.answer_strict,
        schema,
    });
    let call = Call {
        messages: request.messages.into_iter().map(message).collect(),
        max_tokens: request.max_tokens.unwrap_or_else(|| most.min(left.max(LEAST_ANSWER))),
        temperature: request.temperature,
        tools: request.tools.into_iter().map(tool).collect::<Result<_, _>>()?,
        tool_choice: request.tool_choice.and_then(tool_choice),
        answer_schema,
        extra: extra(&request.extra)?,
        ..Call::default()
    };
    Ok(Wanted { model, call, prompt_bytes, most_tokens })
}

/// Everything that the provider counts as the prompt.
fn parts(request: &CompleteRequest) -> impl Iterator<Item = &str> {
    let messages = request.messages.iter().flat_map(|message| {
        let calls = message.tool_calls.iter().flat_map(|call| [&call.id, &call.name, &call.arguments]);
        [&message.text, &message.name, &message.thoughts, &message.tool_call_id].into_iter().chain(calls)
    });
    let tools = request.tools.iter().flat_map(|tool| [&tool.name, &tool.description, &tool.parameters]);
    let answer = [&request.answer_schema, &request.answer_name, &request.answer_description];
    messages.chain(tools).chain(answer).map(String::as_str)
}

/// Bytes of it, with what is put around each message and tool.
fn prompt_bytes(request: &CompleteRequest) -> usize {
    let around = 3 * AROUND_EACH * (request.messages.len() + request.tools.len());
    parts(request).map(str::len).sum::<usize>() + around
}

fn most_tokens(request: &CompleteRequest) -> i64 {
    let around = AROUND_EACH * (request.messages.len() + request.tools.len());
    let texts = parts(request).fold(0_i64, |sum, text| sum.saturating_add(estimate::most_tokens(text)));
    texts.saturating_add(i64::try_from(around).unwrap_or(i64::MAX))
}

fn message(message: CallMessage) -> Message {
    let by = match message.by() {
        CallSpeaker::System => By::System,
        CallSpeaker::Person | CallSpeaker::Unspecified => By::Person,
        CallSpeaker::Model => By::Model,
        CallSpeaker::Tool => By::Tool,
    };
    let tool_calls = message.tool_calls.into_iter();
    let tool_calls =
        tool_calls.map(|call| ToolCall { id: call.id, name: call.name, arguments: call.arguments });
    Message {
        by,
        text: message.text,
        name: Some(message.name).filter(|name| !name.is_empty()),
        thoughts: Some(message.thoughts).filter(|thoughts| !thoughts.is_empty()),
        tool_calls: tool_calls.collect(),
        tool_call_id: Some(message.tool_call_id).filter(|id| !id.is_empty()),
    }
}

fn tool(tool: CallTool) -> Result<ToolSpec, Box<CallFailure>> {
    let parameters = json("tools", &tool.parameters)?;
    let nothing = || serde_json::json!({"type": "object", "properties": {}});
    let parameters = parameters.unwrap_or_else(nothing);
    Ok(ToolSpec { name: tool.name, description: tool.description, parameters, strict: tool.strict })
}

fn tool_choice(choice: CallToolChoice) -> Option<ToolChoice> {
    match choice.choice? {
        Choice::Tool(name) => Some(ToolChoice::Tool(name)),
        Choice::Mode(mode) => match mode.as_str() {
            "none" => Some(ToolChoice::None),
            "required" => Some(ToolChoice::Required),
            _ => Some(ToolChoice::Auto),
        },
    }
}

/// A JSON object, or none where nothing is written.
fn json(name: &str, text: &str) -> Result<Option<Value>, Box<CallFailure>> {
    if text.is_empty() {
        return Ok(None);
    }
    let value: Option<Value> = serde_json::from_str(text).ok();
    let object = value.filter(Value::is_object);
    object.map(Some).ok_or_else(|| Box::new(field(name, "holds a schema that is no JSON object")))
}

fn extra(text: &str) -> Result<Map<String, Value>, Box<CallFailure>> {
    match json("extra", text)? {
        Some(Value::Object(fields)) => Ok(fields),
        _ => Ok(Map::new()),
    }
}
