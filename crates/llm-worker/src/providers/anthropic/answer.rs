//! An answer, read with patience: events and blocks that are not known are passed over.

use std::collections::VecDeque;
use std::time::Duration;

use ids::Secret;
use serde_json::Value;

use super::super::reading::Format;
use super::super::sse::Event;
use super::super::{Finish, Piece, Problem, failure};
use crate::domain::answer::Usage;

/// Calls of tools in one answer at most.
const MOST_TOOL_CALLS: u32 = 128;

pub(super) struct Answer {
    key: Secret,
    usage: Usage,
    finish: Option<Finish>,
    /// Calls of tools so far, and the block of the last one.
    tool_calls: u32,
    tool_block: Option<u64>,
    /// Whether the last one has arguments.
    has_arguments: bool,
}

impl Answer {
    pub(super) fn new(key: &Secret) -> Self {
        Self {
            key: key.clone(),
            usage: Usage::default(),
            finish: None,
            tool_calls: 0,
            tool_block: None,
            has_arguments: false,
        }
    }

    fn used(&mut self, usage: Option<&Value>, pieces: &mut VecDeque<Piece>) {
        let Some(usage) = usage.filter(|usage| usage.is_object()) else { return };
        let count = |name: &str| {
            let number = usage.get(name)?;
            let count = number.as_i64().or_else(|| number.as_f64().map(|float| float as i64))?;
            Some(count.clamp(0, 1_000_000_000))
        };
        if let Some(fresh) = count("input_tokens") {
            // It holds neither what was read from the cache nor what was written to it.
            let cached = count("cache_read_input_tokens").unwrap_or(0);
            self.usage.prompt = fresh + cached + count("cache_creation_input_tokens").unwrap_or(0);
            self.usage.cached = cached;
            self.usage.reported = true;
        }
        if let Some(written) = count("output_tokens") {
            self.usage.completion = written;
        }
        pieces.push_back(Piece::Usage(self.usage));
    }

    fn message(&mut self, message: &Value, pieces: &mut VecDeque<Piece>) {
        if let Some(name) = message.get("model").and_then(Value::as_str).filter(|name| !name.is_empty()) {
            pieces.push_back(Piece::Model(name.to_owned()));
        }
        self.used(message.get("usage"), pieces);
    }

    fn block(&mut self, index: u64, block: &Value, pieces: &mut VecDeque<Piece>) {
        let text = |name: &str| block.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        match text("type") {
            Some("text") => pieces.extend(text("text").map(|text| Piece::Text(text.to_owned()))),
            Some("thinking") => pieces.extend(text("thinking").map(|text| Piece::Thought(text.to_owned()))),
            Some("tool_use") => {
                let input = block.get("input").and_then(Value::as_object).filter(|input| !input.is_empty());
                pieces.push_back(Piece::ToolCall {
                    index: self.tool_calls.min(MOST_TOOL_CALLS),
                    id: text("id").map(str::to_owned),
                    name: text("name").map(str::to_owned),
                    arguments: input
                        .map(|input| Value::Object(input.clone()).to_string())
                        .unwrap_or_default(),
                });
                self.has_arguments = input.is_some();
                self.tool_block = Some(index);
                self.tool_calls = self.tool_calls.saturating_add(1);
            }
            _ => {}
        }
    }

    /// The block ends: a tool that takes nothing is called with an empty object.
    fn block_ends(&mut self, index: u64, pieces: &mut VecDeque<Piece>) {
        if self.tool_block == Some(index) {
            self.tool_block = None;
            if !self.has_arguments {
                pieces.push_back(self.arguments("{}"));
            }
        }
    }

    /// More arguments of the last call.
    fn arguments(&self, more: &str) -> Piece {
        let index = self.tool_calls.saturating_sub(1).min(MOST_TOOL_CALLS);
        Piece::ToolCall { index, id: None, name: None, arguments: more.to_owned() }
    }

    fn delta(&mut self, index: u64, delta: &Value, pieces: &mut VecDeque<Piece>) {
        let text = |name: &str| delta.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        match text("type") {
            Some("text_delta") => pieces.extend(text("text").map(|text| Piece::Text(text.to_owned()))),
            Some("thinking_delta") => {
                pieces.extend(text("thinking").map(|text| Piece::Thought(text.to_owned())));
            }
            Some("input_json_delta") if self.tool_block == Some(index) => {
                if let Some(more) = text("partial_json") {
                    self.has_arguments = true;
                    pieces.push_back(self.arguments(more));
                }
            }
            _ => {}
        }
    }

    fn stopped(&mut self, reason: Option<&Value>) {
        self.finish = match reason.and_then(Value::as_str) {
            None => self.finish,
            Some("end_turn" | "stop_sequence") => Some(Finish::Stop),
            Some("max_tokens" | "model_context_window_exceeded") => Some(Finish::Length),
            Some("tool_use") => Some(Finish::ToolCalls),
            Some("refusal") => Some(Finish::Refused),
            Some(_) => Some(Finish::Other),
        };
    }
}

impl Format for Answer {
    fn event(&mut self, event: &Event, pieces: &mut VecDeque<Piece>) -> Result<(), Problem> {
        let malformed = || Problem::Malformed("an event is not JSON");
        if event.data.trim().is_empty() {
            return Ok(());
        }
        let value: Value = serde_json::from_str(&event.data).map_err(|_| malformed())?;
        // The name stands in the data as well, and some compatible servers send no other.
        let name = value.get("type").and_then(Value::as_str).unwrap_or(&event.name);
        let index = value.get("index").and_then(Value::as_u64).unwrap_or(0);
        let part = |name: &str| value.get(name).unwrap_or(&Value::Null);
        match name {
            "message_start" => self.message(part("message"), pieces),
            "content_block_start" => self.block(index, part("content_block"), pieces),
            "content_block_delta" => self.delta(index, part("delta"), pieces),
            "content_block_stop" => self.block_ends(index, pieces),
            "message_delta" => {
                self.stopped(value.pointer("/delta/stop_reason"));
                self.used(value.get("usage"), pieces);
            }
            "message_stop" => pieces.push_back(Piece::End(self.finish.unwrap_or(Finish::Stop))),
            "error" => {
                let problem = failure::in_body(&value, Duration::ZERO, &self.key);
                return Err(problem.unwrap_or(Problem::Busy { status: 500, wait: Duration::ZERO }));
            }
            _ => {}
        }
        Ok(())
    }

    fn whole(&mut self, body: &[u8], pieces: &mut VecDeque<Piece>) -> Result<(), Problem> {
        let value = failure::json(body).ok_or(Problem::Malformed("it is not JSON"))?;
        if let Some(problem) = failure::in_body(&value, Duration::ZERO, &self.key) {
            return Err(problem);
        }
        let blocks = value.get("content").and_then(Value::as_array);
        let blocks = blocks.ok_or(Problem::Malformed("it holds no content"))?;
        self.message(&value, pieces);
        for (index, block) in (0..).zip(blocks) {
            self.block(index, block, pieces);
            self.block_ends(index, pieces);
        }
        self.stopped(value.get("stop_reason"));
        pieces.push_back(Piece::End(self.finish.unwrap_or(Finish::Stop)));
        Ok(())
    }

    fn over(&mut self, pieces: &mut VecDeque<Piece>) -> Result<(), Problem> {
        let finish = self.finish.ok_or(Problem::Cut)?;
        pieces.push_back(Piece::End(finish));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(events: &[Value]) -> Result<Vec<Piece>, Problem> {
        let (mut answer, mut pieces) = (Answer::new(&Secret::new("sk-key")), VecDeque::new());
        for data in events {
            answer.event(&Event { name: String::new(), data: data.to_string() }, &mut pieces)?;
        }
        Ok(pieces.into())
    }

    #[test]
    fn tokens_of_the_cache_are_tokens_of_the_prompt() {
        let start = json!({ "type": "message_start", "message": { "model": "c-1", "usage": {
            "input_tokens": 10, "cache_read_input_tokens": 70, "cache_creation_input_tokens": 20, "output_tokens": 1 } } });
        let delta = json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" }, "usage": { "output_tokens": 9 } });
        let stop = json!({ "type": "message_stop" });
        let used = |completion| Piece::Usage(Usage { prompt: 100, cached: 70, completion, reported: true });
        let wanted = [Piece::Model("c-1".into()), used(1), used(9), Piece::End(Finish::Stop)];
        assert!(read(&[start, delta, stop]).unwrap() == wanted);
    }

    #[test]
    fn what_is_not_known_is_passed_over() {
        let unknown = [
            json!({ "type": "something_new", "data": 1 }),
            json!({ "type": "ping" }),
            json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "server_tool_use" } }),
            json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "citations_delta" } }),
            json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "input_json_delta", "partial_json": "{" } }),
        ];
        assert!(read(&unknown).unwrap().is_empty());
    }

    #[test]
    fn an_error_in_the_stream_is_what_its_type_says() {
        for (kind, word) in [
            ("overloaded_error", "busy"),
            ("rate_limit_error", "rate_limited"),
            ("authentication_error", "key_refused"),
            ("invalid_request_error", "refused"),
            ("something_new", "busy"),
        ] {
            let error = json!({ "type": "error", "error": { "type": kind, "message": "m" } });
            assert_eq!(read(&[error]).err().map(|problem| problem.word()), Some(word), "{kind}");
        }
    }

    proptest! {
        #[test]
        fn any_shape_is_read_without_panic(
            name in "(message_start|content_block_start|content_block_delta|message_delta|message_stop|error|x)",
            inside in "(null|1|\\{\"(type|usage|text|stop_reason|partial_json)\":(\"tool_use\"|\"text\"|\"input_json_delta\"|1e300|-1|null|\\{\"input_tokens\":(-4|1e300|\"x\")\\})\\})",
        ) {
            let body = format!(
                r#"{{"type":"{name}","index":-1,"message":{inside},"content_block":{inside},"delta":{inside},"usage":{inside}}}"#
            );
            let (mut answer, mut pieces) = (Answer::new(&Secret::default()), VecDeque::new());
            for _ in 0..2 {
                let _ = answer.event(&Event { name: String::new(), data: body.clone() }, &mut pieces);
            }
            let _ = answer.whole(body.as_bytes(), &mut pieces);
        }
    }
}
