//! From the body to the call: read once, every mistake told with the field that it is in.

use rpc::llm::call_tool_choice::Choice;
use rpc::llm::{CallMessage, CallSpeaker, CallTool, CallToolChoice, CallToolUse, CompleteRequest};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::body::{Body, JsonSchema, ResponseFormat, Said, Stop, Tool, ToolChoice};
use super::failure::Failed;

/// A call, and how its answer is wanted.
pub(super) struct Wanted {
    pub(super) call: CompleteRequest,
    pub(super) stream: bool,
    pub(super) include_usage: bool,
}

const INVALID_VALUE: &str = "invalid_value";
const MOST_TOOLS: usize = 128;
const LONGEST_NAME: usize = 64;
const MOST_STOPS: usize = 4;
/// Bytes. What is longer belongs into a message.
const LONGEST_DESCRIPTION: usize = 4_096;

/// Reads a body.
pub(super) fn wanted(bytes: &[u8]) -> Result<Wanted, Failed> {
    let body: Body = serde_json::from_slice(bytes).map_err(|_| unread(bytes))?;
    check(&body)?;
    let stream = body.stream.unwrap_or(false);
    let include_usage = body.stream_options.as_ref().and_then(|options| options.include_usage);
    let extra = extra(&body);
    let messages = messages(body.messages)?;
    let tools = tools(body.tools.unwrap_or_default())?;
    let tool_choice = body.tool_choice.map(|choice| tool_choice(choice, &tools)).transpose()?;
    let answer = answer_schema(body.response_format)?;
    let call = CompleteRequest {
        request_id: String::new(),
        model: body.model,
        messages,
        max_tokens: body.max_completion_tokens.or(body.max_tokens),
        temperature: body.temperature,
        tools,
        tool_choice,
        answer_schema: answer.schema.map(|schema| schema.get().to_owned()).unwrap_or_default(),
        answer_name: answer.name.unwrap_or_default(),
        answer_description: answer.description.unwrap_or_default(),
        answer_strict: answer.strict,
        extra,
        whole: !stream,
        payer: None,
    };
    Ok(Wanted { call, stream, include_usage: include_usage.unwrap_or(false) })
}

/// Why a body can not be read. It is read once more for that, noting the way to the fault.
fn unread(bytes: &[u8]) -> Failed {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let Err(error) = serde_path_to_error::deserialize::<_, Body>(&mut reader) else {
        return Failed::field("", "invalid_json", "there is more after the JSON object");
    };
    let (path, text) = (error.path().to_string(), error.inner().to_string());
    let path = if path == "." { String::new() } else { path };
    let quoted = |begin: &str| text.strip_prefix(begin)?.split('`').next().map(str::to_owned);
    if !error.inner().is_data() {
        return Failed::field("", "invalid_json", "the body is no JSON, or not all of it");
    }
    if let Some(name) = quoted("unknown field `") {
        let message = format!("Unrecognized request argument supplied: {name}");
        return Failed::field(name, "unknown_parameter", message);
    }
    if let Some(name) = quoted("missing field `") {
        let param = if path.is_empty() { name } else { format!("{path}.{name}") };
        let message = format!("Missing required parameter: '{param}'");
        return Failed::field(param, "missing_required_parameter", message);
    }
    // What was found is the caller's own text: only what should have been there is told.
    let end = text.rfind(" at line").unwrap_or(text.len());
    let expected = text.get(..end).and_then(|text| text.rsplit_once(", expected "));
    let message = match expected {
        Some((_, expected)) => format!("Invalid type for '{path}': expected {expected}"),
        None => format!("Invalid value for '{path}'"),
    };
    Failed::field(path, "invalid_type", message)
}

fn check(body: &Body) -> Result<(), Failed> {
    let wrong = |field: &str, what: &str| Err(Failed::field(field, INVALID_VALUE, what));
    let within =
        |value: Option<f64>, least: f64, most: f64| value.is_none_or(|value| (least..=most).contains(&value));
    if body.n.is_some_and(|n| n != 1) {
        return wrong("n", "one answer at a time: n must be 1");
    }
    if body.logprobs == Some(true) {
        return wrong("logprobs", "logprobs are not passed on; leave them out");
    }
    if body.max_tokens == Some(0) || body.max_completion_tokens == Some(0) {
        let field = if body.max_tokens == Some(0) { "max_tokens" } else { "max_completion_tokens" };
        return wrong(field, "must be at least 1");
    }
    if !within(body.temperature, 0.0, 2.0) {
        return wrong("temperature", "must be 0 to 2");
    }
    if !within(body.top_p, 0.0, 1.0) {
        return wrong("top_p", "must be 0 to 1");
    }
    if !within(body.presence_penalty, -2.0, 2.0) {
        return wrong("presence_penalty", "must be -2 to 2");
    }
    if !within(body.frequency_penalty, -2.0, 2.0) {
        return wrong("frequency_penalty", "must be -2 to 2");
    }
    if let Some(Stop::Any(texts)) = &body.stop
        && texts.len() > MOST_STOPS
    {
        return wrong("stop", "at most four texts");
    }
    Ok(())
}

/// What goes on as it came, to providers that know it.
fn extra(body: &Body) -> String {
    let mut extra = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        extra.extend(value.map(|value| (name.to_owned(), value)));
    };
    put("top_p", body.top_p.map(Value::from));
    put("stop", body.stop.as_ref().map(|stop| json!(stop)));
    put("seed", body.seed.map(Value::from));
    put("presence_penalty", body.presence_penalty.map(Value::from));
    put("frequency_penalty", body.frequency_penalty.map(Value::from));
    put("logit_bias", body.logit_bias.clone().map(Value::from));
    put("parallel_tool_calls", body.parallel_tool_calls.map(Value::from));
    put("reasoning_effort", body.reasoning_effort.clone().map(Value::from));
    put("verbosity", body.verbosity.clone().map(Value::from));
    let is_json = body.response_format.as_ref().is_some_and(|format| format.kind == "json_object");
    put("response_format", is_json.then(|| json!({"type": "json_object"})));
    if extra.is_empty() { String::new() } else { Value::from(extra).to_string() }
}

fn messages(said: Vec<Said>) -> Result<Vec<CallMessage>, Failed> {
    if said.iter().all(|one| one.content.trim().is_empty()) {
        let what = if said.is_empty() { "there is no message" } else { "no message has words" };
        return Err(Failed::field("messages", "empty_conversation", what));
    }
    let mut messages = Vec::with_capacity(said.len());
    for (at, one) in said.into_iter().enumerate() {
        let wrong = |field: &str, what: &str| {
            Err(Failed::field(format!("messages[{at}].{field}"), INVALID_VALUE, what))
        };
        let by = match one.role.as_str() {
            "system" | "developer" => CallSpeaker::System,
            "user" => CallSpeaker::Person,
            "assistant" => CallSpeaker::Model,
            "tool" => CallSpeaker::Tool,
            _ => return wrong("role", "must be system, developer, user, assistant or tool"),
        };
        if by == CallSpeaker::Tool && one.tool_call_id.is_none() {
            return wrong("tool_call_id", "a message of a tool says which call it answers");
        }
        let name = one.name.unwrap_or_default();
        let fits = |c: char| !c.is_whitespace() && !matches!(c, '<' | '>' | '|' | '/' | '\\');
        if name.len() > LONGEST_NAME || !name.chars().all(fits) {
            return wrong("name", "must be 1 to 64 bytes without spaces, <, >, |, / and \\");
        }
        let tool_calls = one.tool_calls.unwrap_or_default().into_iter().map(|call| CallToolUse {
            id: call.id,
            name: call.function.name,
            arguments: call.function.arguments,
        });
        messages.push(CallMessage {
            by: by.into(),
            text: one.content,
            tool_calls: tool_calls.collect(),
            tool_call_id: one.tool_call_id.unwrap_or_default(),
            thoughts: one.reasoning_content.unwrap_or_default(),
            name,
        });
    }
    Ok(messages)
}

fn tools(tools: Vec<Tool>) -> Result<Vec<CallTool>, Failed> {
    if tools.len() > MOST_TOOLS {
        return Err(Failed::field("tools", INVALID_VALUE, "at most 128 tools"));
    }
    let mut taken = Vec::with_capacity(tools.len());
    for (at, tool) in tools.into_iter().enumerate() {
        let wrong =
            |field: &str, what: &str| Err(Failed::field(format!("tools[{at}].{field}"), INVALID_VALUE, what));
        let (true, Some(function)) = (tool.kind == "function", tool.function) else {
            return wrong("type", "must be function, with the function");
        };
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if !(1..=64).contains(&function.name.len()) || !function.name.bytes().all(fits) {
            return wrong("function.name", "must be 1 to 64 letters, digits, _ or -");
        }
        let parameters = match function.parameters.as_deref().map(RawValue::get) {
            None => "",
            Some(schema) if schema.starts_with('{') => schema,
            Some(_) => return wrong("function.parameters", "must be a JSON schema, an object"),
        };
        taken.push(CallTool {
            name: function.name,
            description: function.description.unwrap_or_default(),
            parameters: parameters.to_owned(),
            strict: function.strict,
        });
    }
    Ok(taken)
}

fn tool_choice(choice: ToolChoice, tools: &[CallTool]) -> Result<CallToolChoice, Failed> {
    let wrong = |what: &str| Err(Failed::field("tool_choice", INVALID_VALUE, what));
    let choice = match choice {
        ToolChoice::Mode(mode) if !matches!(mode.as_str(), "none" | "auto" | "required") => {
            return wrong("must be none, auto, required or a function");
        }
        ToolChoice::Mode(mode) if mode == "required" && tools.is_empty() => {
            return wrong("a tool is required and none is given");
        }
        ToolChoice::Mode(mode) => Choice::Mode(mode),
        ToolChoice::Tool { function } if !tools.iter().any(|tool| tool.name == function.name) => {
            return wrong("names a function that is not among the tools");
        }
        ToolChoice::Tool { function } => Choice::Tool(function.name),
    };
    Ok(CallToolChoice { choice: Some(choice) })
}

/// The schema that the answer must follow, as it came; nothing where none is wanted.
fn answer_schema(format: Option<ResponseFormat>) -> Result<JsonSchema, Failed> {
    let wrong = |field: &str, what: &str| Err(Failed::field(field, INVALID_VALUE, what));
    let Some(format) = format else { return Ok(JsonSchema::default()) };
    match format.kind.as_str() {
        "text" | "json_object" => Ok(JsonSchema::default()),
        "json_schema" => {
            let answer = format.json_schema.unwrap_or_default();
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
            match (&answer.schema, answer.name.as_deref()) {
                (Some(schema), _) if !schema.get().starts_with('{') => {
                    wrong("response_format.json_schema.schema", "must be a JSON schema, an object")
                }
                (None, _) => wrong("response_format.json_schema.schema", "must be a JSON schema, an object"),
                (Some(_), Some(name))
                    if !(1..=LONGEST_NAME).contains(&name.len()) || !name.bytes().all(fits) =>
                {
                    wrong("response_format.json_schema.name", "must be 1 to 64 letters, digits, _ or -")
                }
                _ if answer.description.as_ref().is_some_and(|text| text.len() > LONGEST_DESCRIPTION) => {
                    wrong("response_format.json_schema.description", "must be at most 4096 bytes")
                }
                (Some(_), _) => Ok(answer),
            }
        }
        _ => wrong("response_format.type", "must be text, json_object or json_schema"),
    }
}

#[cfg(test)]
mod tests;
