//! A provider that speaks OpenAI's shape over plain HTTP/1.1 and does as it is told, down to the connection.

mod told;

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};

pub use told::Told;

/// What it does with the next calls.
#[derive(Clone, Debug)]
pub enum Script {
    /// Answers this, word by word where a stream is asked for.
    Says(String),
    /// Answers with a call of a tool.
    Calls { name: &'static str, arguments: &'static str },
    /// Refuses: status, more header lines, body.
    Refuses(u16, &'static str, &'static str),
    /// Begins to answer, where a stream is asked for, and then says nothing more.
    Hangs,
    /// Begins to answer and cuts the connection.
    Cuts,
    /// Answers what the test says, as a stream, when it says it: [`Upstream::next_call`].
    AsTold,
}

/// What it has seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    pub calls: usize,
    /// Calls whose connection was closed by whoever made them, before they were answered.
    pub cancelled: usize,
}

#[derive(Clone, Debug)]
pub struct Upstream {
    url: String,
    script: Arc<Mutex<Script>>,
    bodies: Arc<Mutex<Vec<Value>>>,
    seen: Arc<watch::Sender<Seen>>,
    told: mpsc::UnboundedSender<Told>,
    calls: Arc<tokio::sync::Mutex<mpsc::UnboundedReceiver<Told>>>,
}

impl Upstream {
    pub const PROMPT_TOKENS: i64 = 1_000;
    pub const COMPLETION_TOKENS: i64 = 100;

    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (told, calls) = mpsc::unbounded_channel();
        let upstream = Self {
            told,
            calls: Arc::new(tokio::sync::Mutex::new(calls)),
            url: format!("http://{}/v1", listener.local_addr().unwrap()),
            script: Arc::new(Mutex::new(Script::Says("Good day.".to_owned()))),
            bodies: Arc::default(),
            seen: Arc::new(watch::Sender::new(Seen::default())),
        };
        let serving = upstream.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        upstream
    }

    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn does(&self, script: Script) {
        *self.script.lock().unwrap() = script;
    }

    /// The body of the last call.
    #[must_use]
    pub fn last(&self) -> Value {
        self.bodies.lock().unwrap().last().cloned().unwrap()
    }

    #[must_use]
    pub fn calls(&self) -> usize {
        self.seen.borrow().calls
    }

    /// The next call that is answered as the test says.
    pub async fn next_call(&self) -> Told {
        let mut calls = self.calls.lock().await;
        let next = tokio::time::timeout(std::time::Duration::from_secs(45), calls.recv()).await;
        next.expect("nobody asked within 45 s").unwrap()
    }

    /// Waits until it has seen that.
    pub async fn sees(&self, what: impl FnMut(&Seen) -> bool) {
        let mut seen = self.seen.subscribe();
        let wait = tokio::time::timeout(std::time::Duration::from_secs(30), seen.wait_for(what));
        wait.await.expect("the provider did not see it within 30 s").unwrap();
    }

    async fn serve(self, mut stream: TcpStream) {
        let mut buffer = Vec::new();
        while let Some(body) = read(&mut stream, &mut buffer).await {
            self.bodies.lock().unwrap().push(body.clone());
            self.seen.send_modify(|seen| seen.calls += 1);
            let script = self.script.lock().unwrap().clone();
            if !self.answer(&mut stream, &body, script).await {
                return;
            }
        }
    }

    /// Whether the connection stays.
    async fn answer(&self, stream: &mut TcpStream, body: &Value, script: Script) -> bool {
        let streamed = body["stream"] == true;
        let usage = json!({
            "prompt_tokens": Self::PROMPT_TOKENS, "completion_tokens": Self::COMPLETION_TOKENS,
            "total_tokens": Self::PROMPT_TOKENS + Self::COMPLETION_TOKENS
        });
        match script {
            Script::Says(text) if streamed => {
                let words = text.split_inclusive(' ').map(|word| json!({"content": word}));
                let with_usage = body["stream_options"]["include_usage"] == true;
                write(stream, &events(words, "stop", with_usage.then_some(usage))).await
            }
            Script::Says(text) => {
                let message = json!({"role": "assistant", "content": text});
                write(stream, &whole(&message, "stop", &usage)).await
            }
            Script::Calls { name, arguments } => {
                let call = json!({"index": 0, "id": "call_1", "type": "function",
                    "function": {"name": name, "arguments": arguments}});
                if streamed {
                    let with_usage = body["stream_options"]["include_usage"] == true;
                    let delta = [json!({"tool_calls": [call]})];
                    write(stream, &events(delta, "tool_calls", with_usage.then_some(usage))).await
                } else {
                    let message = json!({"role": "assistant", "content": null, "tool_calls": [call]});
                    write(stream, &whole(&message, "tool_calls", &usage)).await
                }
            }
            Script::Refuses(status, headers, body) => {
                let length = body.len();
                write(
                    stream,
                    &format!("HTTP/1.1 {status} no\r\n{headers}content-length: {length}\r\n\r\n{body}"),
                )
                .await
            }
            Script::Hangs => {
                if streamed {
                    write(stream, &begun()).await;
                }
                // Nothing more is sent to us, so the next byte is the end.
                if matches!(stream.read(&mut [0; 1]).await, Ok(0) | Err(_)) {
                    self.seen.send_modify(|seen| seen.cancelled += 1);
                }
                false
            }
            Script::AsTold => {
                let (call, orders) = Told::new(body.clone());
                let _ = self.told.send(call);
                if told::serve(stream, orders, &usage).await {
                    self.seen.send_modify(|seen| seen.cancelled += 1);
                }
                false
            }
            Script::Cuts => {
                write(stream, &begun()).await;
                false
            }
        }
    }
}

const STREAM: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

fn chunk(choices: &Value, usage: &Value) -> String {
    let chunk = json!({"id": "u-1", "object": "chat.completion.chunk", "created": 1, "model": "parrot-1-2026",
        "choices": choices, "usage": usage});
    format!("data: {chunk}\n\n")
}

fn begun() -> String {
    let choices =
        json!([{"index": 0, "delta": {"role": "assistant", "content": "Good "}, "finish_reason": null}]);
    format!("{STREAM}{}", chunk(&choices, &Value::Null))
}

fn events(deltas: impl IntoIterator<Item = Value>, finish: &str, usage: Option<Value>) -> String {
    let mut text = STREAM.replace("connection: close", "transfer-encoding: chunked");
    let mut events = String::new();
    for delta in deltas {
        let choices = json!([{"index": 0, "delta": delta, "finish_reason": null}]);
        events.push_str(&chunk(&choices, &Value::Null));
    }
    let choices = json!([{"index": 0, "delta": {}, "finish_reason": finish}]);
    events.push_str(&chunk(&choices, &Value::Null));
    if let Some(usage) = usage {
        events.push_str(&chunk(&json!([]), &usage));
    }
    events.push_str("data: [DONE]\n\n");
    text.push_str(&format!("{:x}\r\n{events}\r\n0\r\n\r\n", events.len()));
    text
}

fn whole(message: &Value, finish: &str, usage: &Value) -> String {
    let body = json!({"id": "u-1", "object": "chat.completion", "created": 1, "model": "parrot-1-2026",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}], "usage": usage})
    .to_string();
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
}

async fn write(stream: &mut TcpStream, text: &str) -> bool {
    stream.write_all(text.as_bytes()).await.is_ok()
}

/// The JSON body of the next request; `None` when there is none.
async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Value> {
    loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            while buffer.len() < end + 4 + length {
                if stream.read_buf(buffer).await.ok()? == 0 {
                    return None;
                }
            }
            let rest = buffer.split_off(end + 4 + length);
            let body = serde_json::from_slice(&buffer[end + 4..]).unwrap_or(Value::Null);
            *buffer = rest;
            return Some(body);
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}
