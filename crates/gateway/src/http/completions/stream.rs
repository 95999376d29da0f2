//! The answer piece by piece: server-sent events as OpenAI sends them, written straight from what comes.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use ids::Clock;
use rpc::llm::{CallFinish, CallToolPiece, CallUsage, CompleteResponse};
use rpc::{Status, Streaming};
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep, sleep_until};

use super::answer::{Title, UsageObject, finish_reason};
use super::failure::Failed;

/// What stands between us and the caller takes a silent connection for a dead one.
const QUIET: Duration = Duration::from_secs(15);
const STILL_HERE: &[u8] = b": keep-alive\n\n";
/// What is ready goes out together, up to about this much.
const TOGETHER: usize = 16 * 1024;

/// The body of a streamed answer. Dropped when the caller goes away, and with it the call.
pub(super) struct Events {
    pieces: Streaming<CompleteResponse>,
    writer: Writer,
    clock: Clock,
    model: String,
    last: Instant,
    quiet: Pin<Box<Sleep>>,
    ended: bool,
    /// Its place among the requests under way.
    _room: OwnedSemaphorePermit,
}

impl Events {
    pub(super) fn new(
        title: &Title<'_>,
        include_usage: bool,
        pieces: Streaming<CompleteResponse>,
        clock: Clock,
        room: OwnedSemaphorePermit,
    ) -> Self {
        let last = Instant::now();
        Self {
            pieces,
            writer: Writer::new(title, include_usage),
            clock,
            model: title.model.to_owned(),
            last,
            quiet: Box::pin(sleep_until(last + QUIET)),
            ended: false,
            _room: room,
        }
    }

    /// What the next piece, or the end of pieces, adds to `out`.
    fn take(&mut self, next: Option<Result<CompleteResponse, Status>>, out: &mut Vec<u8>) {
        let failure = match next {
            Some(Ok(piece)) => {
                self.ended = self.writer.write(&piece, out);
                return;
            }
            Some(Err(status)) => rpc::failure(&status),
            None => rpc::failure(&Status::unavailable("the answer has no end")),
        };
        let failed = Failed::of_call(&failure, &self.model, self.clock.now_ms());
        tracing::warn!(code = failed.error.code, "a streamed completion broke off");
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(&failed.json());
        out.extend_from_slice(b"\n\n");
        self.ended = true;
    }
}

impl Stream for Events {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let mut out = Vec::new();
        while !this.ended && out.len() < TOGETHER {
            match Pin::new(&mut this.pieces).poll_next(cx) {
                Poll::Ready(next) => this.take(next, &mut out),
                Poll::Pending => break,
            }
        }
        if !out.is_empty() {
            this.last = Instant::now();
            return Poll::Ready(Some(Ok(out.into())));
        }
        if this.ended {
            return Poll::Ready(None);
        }
        loop {
            ready!(this.quiet.as_mut().poll(cx));
            let now = Instant::now();
            // Set once and looked at when it rings: cheaper than winding it at each piece.
            let due = this.last + QUIET;
            if now >= due {
                this.last = now;
                this.quiet.as_mut().reset(now + QUIET);
                return Poll::Ready(Some(Ok(Bytes::from_static(STILL_HERE))));
            }
            this.quiet.as_mut().reset(due);
        }
    }
}

/// Writes chunks of one answer.
struct Writer {
    /// What each chunk begins with.
    head: String,
    include_usage: bool,
    usage: Option<CallUsage>,
    begun: bool,
}

#[derive(Serialize)]
struct ToolDelta<'a> {
    index: u32,
    #[serde(skip_serializing_if = "str::is_empty")]
    id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    r#type: &'a str,
    function: FunctionDelta<'a>,
}

#[derive(Serialize)]
struct FunctionDelta<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    arguments: &'a str,
}

impl<'a> From<&'a CallToolPiece> for ToolDelta<'a> {
    fn from(piece: &'a CallToolPiece) -> Self {
        let function = FunctionDelta { name: &piece.name, arguments: &piece.arguments };
        let begins = if piece.id.is_empty() { "" } else { "function" };
        Self { index: piece.index, id: &piece.id, r#type: begins, function }
    }
}

impl Writer {
    fn new(title: &Title<'_>, include_usage: bool) -> Self {
        let model = serde_json::Value::from(title.model);
        let (id, created) = (title.id, title.created);
        let head = format!(
            r#"data: {{"id":"{id}","object":"chat.completion.chunk","created":{created},"model":{model},"choices":["#
        );
        Self { head, include_usage, usage: None, begun: false }
    }

    /// Writes what came; whether it was the end.
    fn write(&mut self, piece: &CompleteResponse, out: &mut Vec<u8>) -> bool {
        if !self.begun {
            self.begun = true;
            self.choice(out, r#"{"role":"assistant","content":""}"#.as_bytes(), None);
        }
        for (name, text) in [("reasoning_content", &piece.thoughts), ("content", &piece.text)] {
            if !text.is_empty() {
                self.begin(out, br#"{"index":0,"delta":{""#);
                out.extend_from_slice(name.as_bytes());
                out.extend_from_slice(br#"":"#);
                json(out, text);
                out.push(b'}');
                self.end_of_choice(out, None);
            }
        }
        if !piece.tool_calls.is_empty() {
            let calls: Vec<ToolDelta<'_>> = piece.tool_calls.iter().map(Into::into).collect();
            self.begin(out, br#"{"index":0,"delta":{"tool_calls":"#);
            json(out, &calls);
            out.push(b'}');
            self.end_of_choice(out, None);
        }
        self.usage = piece.usage.or(self.usage);
        if piece.finish() == CallFinish::Unspecified {
            return false;
        }
        self.choice(out, b"{}", Some(finish_reason(piece.finish())));
        if self.include_usage {
            self.begin(out, br#"],"usage":"#);
            json(out, &UsageObject::from(self.usage.unwrap_or_default()));
            out.extend_from_slice(b"}\n\n");
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
        true
    }

    fn choice(&self, out: &mut Vec<u8>, delta: &[u8], finish: Option<&str>) {
        self.begin(out, br#"{"index":0,"delta":"#);
        out.extend_from_slice(delta);
        self.end_of_choice(out, finish);
    }

    fn begin(&self, out: &mut Vec<u8>, what: &[u8]) {
        out.extend_from_slice(self.head.as_bytes());
        out.extend_from_slice(what);
    }

    fn end_of_choice(&self, out: &mut Vec<u8>, finish: Option<&str>) {
        out.extend_from_slice(br#","finish_reason":"#);
        json(out, &finish);
        let end: &[u8] = if self.include_usage { b"}],\"usage\":null}\n\n" } else { b"}]}\n\n" };
        out.extend_from_slice(end);
    }
}

fn json<T: Serialize>(out: &mut Vec<u8>, value: &T) {
    // A vector takes everything, and what is written here has no key that is no text.
    let _ = serde_json::to_writer(out, value);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn written(include_usage: bool, pieces: &[CompleteResponse]) -> (Vec<Value>, bool) {
        let title = Title { id: "chatcmpl-1", created: 7, model: "a/\"b" };
        let mut writer = Writer::new(&title, include_usage);
        let mut out = Vec::new();
        let ended = pieces.iter().map(|piece| writer.write(piece, &mut out)).last().unwrap();
        let text = String::from_utf8(out).unwrap();
        let mut events: Vec<&str> = text.split_terminator("\n\n").collect();
        if ended {
            assert_eq!(events.pop(), Some("data: [DONE]"));
        }
        let parse = |event: &&str| serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap();
        (events.iter().map(parse).collect(), ended)
    }

    fn text(text: &str) -> CompleteResponse {
        CompleteResponse { text: text.to_owned(), ..Default::default() }
    }

    #[test]
    fn chunks_are_those_of_openai() {
        let usage = Some(CallUsage { prompt_tokens: 3, cached_tokens: 0, completion_tokens: 2 });
        let last = CompleteResponse { usage, finish: CallFinish::Length.into(), ..text("\n\u{2028}\"") };
        let (events, ended) = written(true, &[text("Hi"), last]);
        assert!(ended);
        let choices: Vec<_> = events.iter().map(|event| event["choices"].clone()).collect();
        let choice =
            |delta: Value, finish: Value| json!([{"index": 0, "delta": delta, "finish_reason": finish}]);
        assert_eq!(
            choices,
            [
                choice(json!({"role": "assistant", "content": ""}), Value::Null),
                choice(json!({"content": "Hi"}), Value::Null),
                choice(json!({"content": "\n\u{2028}\""}), Value::Null),
                choice(json!({}), json!("length")),
                json!([]),
            ]
        );
        let usages: Vec<_> = events.iter().map(|event| event["usage"]["total_tokens"].clone()).collect();
        assert_eq!(usages.last(), Some(&json!(5)));
        assert!(usages[..4].iter().all(Value::is_null));
        for event in &events {
            assert_eq!(
                (&event["id"], &event["object"], &event["created"], &event["model"]),
                (&json!("chatcmpl-1"), &json!("chat.completion.chunk"), &json!(7), &json!("a/\"b"))
            );
        }
    }

    #[test]
    fn usage_is_told_to_those_who_ask() {
        let last = CompleteResponse { finish: CallFinish::Stop.into(), ..Default::default() };
        let (events, _) = written(false, &[text("Hi"), last]);
        assert!(events.iter().all(|event| event.get("usage").is_none()) && events.len() == 3);
    }

    #[test]
    fn a_tool_call_comes_in_pieces() {
        let piece = |id: &str, name: &str, arguments: &str| CompleteResponse {
            tool_calls: vec![CallToolPiece {
                index: 1,
                id: id.to_owned(),
                name: name.to_owned(),
                arguments: arguments.to_owned(),
            }],
            ..Default::default()
        };
        let (events, ended) = written(false, &[piece("c1", "find", ""), piece("", "", "{\"a\"")]);
        assert!(!ended);
        let delta = |at: usize| events[at]["choices"][0]["delta"]["tool_calls"][0].clone();
        let first = json!({"index": 1, "id": "c1", "type": "function", "function": {"name": "find", "arguments": ""}});
        assert_eq!(delta(1), first);
        assert_eq!(delta(2), json!({"index": 1, "function": {"arguments": "{\"a\""}}));
    }
}
