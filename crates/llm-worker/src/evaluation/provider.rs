//! A provider on the loopback, in OpenAI's shape, that writes what a script says and looks closely at what it is shown.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::shown::Shown;
use crate::http_server::{self, Request};

/// What it has to be shown, and by whom.
pub(super) const MODEL: &str = "scripted";
pub(super) const KEY: &str = "key-of-the-evaluation";
/// Letters of `{rules_start}`.
const START: usize = 400;
/// No question is asked so often.
const MOST_CALLS: usize = 8;

/// What it writes.
#[derive(Clone, Debug, Default)]
pub(super) struct Script {
    /// Call after call, and the last for ever; placeholders are filled with what the call shows.
    pub(super) says: Vec<String>,
    /// A tool that it calls beside.
    pub(super) tool: Option<String>,
    /// The source that `{source}` stands for is of this title.
    pub(super) source: Option<String>,
}

/// The provider; it is gone when this is dropped.
pub(super) struct Scripted {
    /// `http://127.0.0.1:…/v1`
    pub(super) base_url: String,
    seen: Arc<Mutex<Seen>>,
    serving: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Seen {
    shown: Vec<Shown>,
    faults: Vec<String>,
}

impl Scripted {
    pub(super) async fn start(script: Script) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let base_url = format!("http://{}/v1", listener.local_addr()?);
        let (seen, script) = (Arc::<Mutex<Seen>>::default(), Arc::new(script));
        let all = seen.clone();
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, script.clone(), all.clone()));
            }
        });
        Ok(Self { base_url, seen, serving })
    }

    /// What it was shown, call after call, and what was wrong with that.
    pub(super) fn seen(&self) -> (Vec<Shown>, Vec<String>) {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        (seen.shown.clone(), seen.faults.clone())
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(mut stream: TcpStream, script: Arc<Script>, seen: Arc<Mutex<Seen>>) {
    while let Some(request) = Request::read(&mut stream).await {
        let answer = answer(&request, &script, &mut seen.lock().unwrap_or_else(PoisonError::into_inner));
        if stream.write_all(&answer).await.is_err() {
            return;
        }
    }
}

/// What is written to this request; what is wrong with it is noted, and refused.
fn answer(request: &Request, script: &Script, seen: &mut Seen) -> Vec<u8> {
    match looked_at(request, script, seen.shown.len()) {
        Ok((shown, says)) => {
            let answer = streamed(&says, script.tool.as_deref(), shown.tokens());
            seen.shown.push(shown);
            answer
        }
        Err(fault) => {
            let body = json!({ "error": { "type": "invalid_request_error", "message": fault } }).to_string();
            seen.faults.push(fault);
            http_server::response(400, "content-type: application/json\r\n", &body)
        }
    }
}

fn looked_at(request: &Request, script: &Script, nth: usize) -> Result<(Shown, String), String> {
    if !request.head.starts_with("post /v1/chat/completions http/1.1\r\n") {
        return Err("it was asked for something else than /v1/chat/completions".to_owned());
    }
    if !request.head.contains(&format!("authorization: bearer {KEY}\r\n")) {
        return Err("it was shown another key than its own".to_owned());
    }
    let shown = Shown::read(&request.body)?;
    if nth >= MOST_CALLS {
        return Err(format!("it was asked more than {MOST_CALLS} times"));
    }
    // Whoever was told to write it better may stay by what they said.
    let says = script.says.get(nth).or(script.says.last()).map_or("", String::as_str);
    let says = filled(says, script, &shown)?;
    Ok((shown, says))
}

/// A text of a script with what the call shows.
fn filled(says: &str, script: &Script, shown: &Shown) -> Result<String, String> {
    let start: String = shown.rules.chars().take(START).collect();
    let mut says = says.replace("{rules}", &shown.rules).replace("{rules_start}", &start);
    if says.contains("{rules_numbered}") {
        let words = shown.rules.split_whitespace().enumerate();
        let numbered = words.map(|(nth, word)| format!("{} {word}", nth + 1)).collect::<Vec<_>>();
        says = says.replace("{rules_numbered}", &numbered.join(" "));
    }
    if says.contains("{rules_parted}") {
        let parted = shown.rules.split_whitespace().collect::<Vec<_>>().join(" banana ");
        says = says.replace("{rules_parted}", &parted);
    }
    if says.contains("{rules_reversed}") {
        says = says.replace("{rules_reversed}", &shown.rules.chars().rev().collect::<String>());
    }
    if says.contains("{fence}") {
        let fence = shown.blocks.first().ok_or("it was shown no block, whose {fence} could be written")?;
        says = says.replace("{fence}", &fence.fence);
    }
    if says.contains("{source}") {
        let title =
            script.source.as_deref().ok_or("the case has no document and cites nothing for {source}")?;
        let number = shown.source(title).and_then(|block| block.number);
        let number = number.ok_or_else(|| format!("it was shown no source about `{title}`"))?;
        says = says.replace("{source}", &number.to_string());
    }
    Ok(says)
}

/// The text in two pieces and the tool, as a stream.
fn streamed(says: &str, tool: Option<&str>, prompt_tokens: usize) -> Vec<u8> {
    let half = says.char_indices().nth(says.chars().count() / 2).map_or(0, |(at, _)| at);
    let (one, two) = says.split_at(half);
    let delta = |delta: Value, reason: Option<&str>| {
        event(&json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": reason }] }))
    };
    let mut answer = http_server::stream_head();
    for text in [one, two] {
        answer.extend(delta(json!({ "content": text }), None));
    }
    if let Some(tool) = tool {
        let function = json!({ "name": tool, "arguments": "{}" });
        let call = json!([{ "index": 0, "id": "call-1", "type": "function", "function": function }]);
        answer.extend(delta(json!({ "tool_calls": call }), None));
    }
    answer.extend(delta(json!({}), Some(if tool.is_some() { "tool_calls" } else { "stop" })));
    let usage =
        json!({ "prompt_tokens": prompt_tokens, "completion_tokens": says.chars().count().div_ceil(4) });
    answer.extend(event(&json!({ "choices": [], "usage": usage })));
    answer.extend(http_server::chunk(b"data: [DONE]\n\n"));
    answer.extend(http_server::last_chunk());
    answer
}

fn event(rest: &Value) -> Vec<u8> {
    let mut event = json!({ "id": "c", "object": "chat.completion.chunk", "created": 1, "model": MODEL });
    if let (Some(event), Some(rest)) = (event.as_object_mut(), rest.as_object()) {
        event.extend(rest.clone());
    }
    http_server::chunk(format!("data: {event}\n\n").as_bytes())
}
