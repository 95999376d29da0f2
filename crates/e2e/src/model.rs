use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const KEY: &str = "sk-of-the-end-to-end-tests";
const NAME: &str = "parrot-1";

/// An OpenAI-compatible endpoint that says what it is told to say, and refuses what the real ones refuse.
#[derive(Debug)]
pub struct Model {
    server: MockServer,
    /// What it answers; `None`: it is down.
    answer: Arc<Mutex<Option<String>>>,
}

impl Model {
    /// What it counts for each answer.
    pub const PROMPT_TOKENS: i64 = 1_000;
    pub const COMPLETION_TOKENS: i64 = 100;

    pub async fn start(answer: &str) -> Self {
        let server = MockServer::start().await;
        let answer = Arc::new(Mutex::new(Some(answer.to_owned())));
        let says = Arc::clone(&answer);
        Mock::given(method("POST"))
            .and(path("/v1/chat/completions"))
            .and(header("authorization", format!("Bearer {KEY}").as_str()))
            .and(header("content-type", "application/json"))
            .respond_with(move |request: &Request| respond(request, says.lock().unwrap().as_deref()))
            .mount(&server)
            .await;
        Self { server, answer }
    }

    #[must_use]
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.server.uri())
    }

    #[must_use]
    pub fn key(&self) -> &'static str {
        KEY
    }

    #[must_use]
    pub fn name(&self) -> &'static str {
        NAME
    }

    /// From now on it answers this.
    pub fn says(&self, answer: &str) {
        *self.answer.lock().unwrap() = Some(answer.to_owned());
    }

    /// From now on every call fails.
    pub fn breaks(&self) {
        *self.answer.lock().unwrap() = None;
    }

    /// The bodies of all calls.
    pub async fn calls(&self) -> Vec<Value> {
        let calls = self.server.received_requests().await.unwrap();
        calls.iter().map(|call| serde_json::from_slice(&call.body).unwrap()).collect()
    }
}

fn respond(request: &Request, answer: Option<&str>) -> ResponseTemplate {
    let error = |status, message: &str| {
        let error = json!({ "error": { "message": message, "type": "invalid_request_error" } });
        ResponseTemplate::new(status).set_body_json(error)
    };
    if let Some(wrong) = what_is_wrong(&request.body) {
        return error(400, &wrong);
    }
    let Some(answer) = answer else { return error(500, "the server had an error") };
    let chunk = |rest: Value| {
        let mut chunk = json!({
            "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_800_000_000, "model": NAME,
        });
        chunk.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        format!("data: {chunk}\n\n")
    };
    let delta = |delta: Value, reason: Value| {
        chunk(json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": reason }] }))
    };
    let mut body = delta(json!({ "role": "assistant", "content": "" }), Value::Null);
    for word in answer.split_inclusive(' ') {
        body += &delta(json!({ "content": word }), Value::Null);
    }
    body += &delta(json!({}), json!("stop"));
    body += &chunk(json!({ "choices": [], "usage": {
        "prompt_tokens": Model::PROMPT_TOKENS, "completion_tokens": Model::COMPLETION_TOKENS,
        "total_tokens": Model::PROMPT_TOKENS + Model::COMPLETION_TOKENS,
    } }));
    body += "data: [DONE]\n\n";
    ResponseTemplate::new(200).set_body_raw(body, "text/event-stream")
}

fn what_is_wrong(body: &[u8]) -> Option<String> {
    const KNOWN: [&str; 6] = ["model", "messages", "stream", "stream_options", "max_tokens", "temperature"];
    let body: Value = serde_json::from_slice(body).ok()?;
    let Some(fields) = body.as_object() else { return Some("the body is no object".to_owned()) };
    if let Some(unknown) = fields.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return Some(format!("unknown parameter: {unknown}"));
    }
    if body["stream"] != true {
        return Some("answers come as streams here".to_owned());
    }
    if body["model"] != NAME {
        return Some(format!("the model {} does not exist", body["model"]));
    }
    let messages = body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let role = |at: Option<&Value>| at.map(|message| message["role"].as_str().unwrap_or("").to_owned());
    if role(messages.first()).as_deref() != Some("system") || role(messages.last()).as_deref() != Some("user")
    {
        return Some("messages begin with the system's and end with the user's".to_owned());
    }
    let empty = |message: &Value| message["content"].as_str().is_none_or(|text| text.trim().is_empty());
    messages.iter().any(empty).then(|| "a message has no content".to_owned())
}
