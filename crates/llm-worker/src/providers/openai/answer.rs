//! An answer, read with patience: providers add, leave out and reorder what they like.

use std::collections::VecDeque;
use std::time::Duration;

use ids::Secret;
use serde_json::Value;

use super::super::reading::Format;
use super::super::sse::Event;
use super::super::{Finish, Piece, Problem, failure};
use super::tools::{Calls, Part};
use crate::domain::answer::Usage;

pub(super) struct Answer {
    key: Secret,
    is_model_told: bool,
    is_refused: bool,
    /// Why it stopped; what it used comes behind that.
    finish: Option<Finish>,
    calls: Calls,
}

impl Answer {
    pub(super) fn new(key: &Secret) -> Self {
        Self {
            key: key.clone(),
            is_model_told: false,
            is_refused: false,
            finish: None,
            calls: Calls::default(),
        }
    }

    fn end(&mut self, pieces: &mut VecDeque<Piece>) {
        let finish = match self.finish {
            Some(Finish::Stop) | None if self.is_refused => Finish::Refused,
            Some(finish) => finish,
            None => Finish::Stop,
        };
        // A call that was cut has not taken nothing.
        if finish != Finish::Length {
            pieces.extend(self.calls.rest());
        }
        pieces.push_back(Piece::End(finish));
    }

    /// A piece of an answer, or all of it; the two differ in one word.
    fn read(&mut self, value: &Value, pieces: &mut VecDeque<Piece>) -> Result<(), Problem> {
        if let Some(problem) = failure::in_body(value, Duration::ZERO, &self.key) {
            return Err(problem);
        }
        let named = value.get("model").and_then(Value::as_str).filter(|name| !name.is_empty());
        if let (false, Some(name)) = (self.is_model_told, named) {
            self.is_model_told = true;
            pieces.push_back(Piece::Model(name.to_owned()));
        }
        if let Some(id) = value.get("id").and_then(Value::as_str) {
            self.calls.of_answer(id);
        }
        if let Some(choice) = value.pointer("/choices/0") {
            let delta = choice.get("delta");
            let said = delta.or_else(|| choice.get("message")).unwrap_or(&Value::Null);
            self.said(said, delta.is_none(), pieces)?;
            self.finish = match choice.get("finish_reason").and_then(Value::as_str) {
                None | Some("") => self.finish,
                Some("stop") => Some(Finish::Stop),
                Some("length") => Some(Finish::Length),
                Some("tool_calls" | "function_call") => Some(Finish::ToolCalls),
                Some("content_filter") => Some(Finish::Filter),
                Some(_) => Some(Finish::Other),
            };
        }
        if let Some(usage) = value.get("usage").filter(|usage| usage.is_object()) {
            pieces.push_back(Piece::Usage(usage_of(usage)));
        }
        Ok(())
    }

    fn said(&mut self, said: &Value, is_whole: bool, pieces: &mut VecDeque<Piece>) -> Result<(), Problem> {
        let thoughts = ["reasoning_content", "reasoning"].iter().find_map(|field| said.get(field)?.as_str());
        if let Some(thoughts) = thoughts.filter(|thoughts| !thoughts.is_empty()) {
            pieces.push_back(Piece::Thought(thoughts.to_owned()));
        }
        let text = text(said.get("content").unwrap_or(&Value::Null));
        if !text.is_empty() {
            pieces.push_back(Piece::Text(text));
        }
        let refusal = said.get("refusal").and_then(Value::as_str);
        self.is_refused |= refusal.is_some_and(|refusal| !refusal.is_empty());
        let calls = said.get("tool_calls").and_then(Value::as_array);
        for call in calls.into_iter().flatten() {
            let text = |path: &str| {
                let text = call.pointer(path).and_then(Value::as_str);
                text.filter(|text| !text.is_empty()).map(str::to_owned)
            };
            let arguments = match call.pointer("/function/arguments") {
                // Some send the arguments as what they are.
                Some(object @ Value::Object(_)) => object.to_string(),
                other => other.and_then(Value::as_str).unwrap_or("").to_owned(),
            };
            let index = call.get("index").and_then(Value::as_u64);
            let (id, name) = (text("/id"), text("/function/name"));
            pieces.push_back(self.calls.take(Part { index, id, name, arguments, is_whole })?);
        }
        Ok(())
    }
}

impl Format for Answer {
    fn event(&mut self, event: &Event, pieces: &mut VecDeque<Piece>) -> Result<(), Problem> {
        let data = event.data.trim();
        if data == "[DONE]" {
            self.end(pieces);
            return Ok(());
        }
        if data.is_empty() {
            return Ok(());
        }
        let value = serde_json::from_str(data).map_err(|_| Problem::Malformed("an event is not JSON"))?;
        self.read(&value, pieces)
    }

    fn whole(&mut self, body: &[u8], pieces: &mut VecDeque<Piece>) -> Result<(), Problem> {
        let value = failure::json(body).ok_or(Problem::Malformed("it is not JSON"))?;
        if value.pointer("/choices/0").is_none() {
            let problem = failure::in_body(&value, Duration::ZERO, &self.key);
            return Err(problem.unwrap_or(Problem::Malformed("it holds no choice")));
        }
        self.read(&value, pieces)?;
        self.end(pieces);
        Ok(())
    }

    /// Some send no `[DONE]`; without a reason to stop, the connection was cut.
    fn over(&mut self, pieces: &mut VecDeque<Piece>) -> Result<(), Problem> {
        if self.finish.is_none() {
            return Err(Problem::Cut);
        }
        self.end(pieces);
        Ok(())
    }
}

/// Content is a string, or parts of which some are text.
fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts
            .iter()
            .filter_map(|part| part.get("text").and_then(Value::as_str).or(part.as_str()))
            .collect(),
        _ => String::new(),
    }
}

fn usage_of(usage: &Value) -> Usage {
    let count = |path: &str| -> Option<i64> {
        let number = usage.pointer(path)?;
        // Some count in floats.
        let count = number.as_i64().or_else(|| number.as_f64().map(|float| float as i64))?;
        Some(count.clamp(0, 1_000_000_000))
    };
    let (prompt, completion) = (count("/prompt_tokens"), count("/completion_tokens"));
    let cached = count("/prompt_tokens_details/cached_tokens").or_else(|| count("/prompt_cache_hit_tokens"));
    Usage {
        prompt: prompt.unwrap_or(0),
        cached: cached.unwrap_or(0).min(prompt.unwrap_or(0)),
        completion: completion.unwrap_or(0),
        reported: prompt.is_some() && completion.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole(body: &str) -> Result<Vec<Piece>, Problem> {
        let mut pieces = VecDeque::new();
        Answer::new(&Secret::new("sk-key")).whole(body.as_bytes(), &mut pieces)?;
        Ok(pieces.into())
    }

    fn streamed(events: &[&str]) -> Result<Vec<Piece>, Problem> {
        let (mut answer, mut pieces) = (Answer::new(&Secret::new("sk-key")), VecDeque::new());
        for data in events {
            answer.event(&Event { name: String::new(), data: (*data).to_owned() }, &mut pieces)?;
        }
        Ok(pieces.into())
    }

    fn ends(body: &str, wanted: Finish) {
        assert!(whole(body).unwrap().last() == Some(&Piece::End(wanted)), "{body}");
    }

    #[test]
    fn a_full_answer_and_the_least_there_can_be() {
        let full = whole(
            r#"{"id":"x","object":"chat.completion","model":"m-2","new_field":{"a":[1]},
                "choices":[{"index":0,"message":{"role":"assistant","content":"Hi","reasoning_content":"hm"},
                "finish_reason":"stop"}],"usage":{"prompt_tokens":120,"completion_tokens":7.0,
                "prompt_tokens_details":{"cached_tokens":100}}}"#,
        );
        let usage = Usage { prompt: 120, cached: 100, completion: 7, reported: true };
        let wanted = [
            Piece::Model("m-2".into()),
            Piece::Thought("hm".into()),
            Piece::Text("Hi".into()),
            Piece::Usage(usage),
            Piece::End(Finish::Stop),
        ];
        assert!(full.unwrap() == wanted);
        let least = whole(r#"{"choices":[{"message":{"content":"Hi"}}]}"#).unwrap();
        assert!(least == [Piece::Text("Hi".into()), Piece::End(Finish::Stop)]);
        let parts =
            r#"{"choices":[{"message":{"content":[{"type":"text","text":"H"},"i",{"type":"image"}]}}]}"#;
        assert!(whole(parts).unwrap()[0] == Piece::Text("Hi".into()));
    }

    #[test]
    fn an_answer_that_may_not_be_passed_on_says_why() {
        let with =
            |reason: &str| format!(r#"{{"choices":[{{"message":{{"content":"It is n"}},{reason}}}]}}"#);
        ends(&with(r#""finish_reason":"length""#), Finish::Length);
        ends(&with(r#""finish_reason":"content_filter""#), Finish::Filter);
        ends(&with(r#""finish_reason":"something_new""#), Finish::Other);
        ends(r#"{"choices":[{"message":{"content":null,"refusal":"I can not"}}]}"#, Finish::Refused);
    }

    #[test]
    fn an_error_with_status_200_is_still_an_error() {
        let problem = |result: Result<Vec<Piece>, Problem>| result.err().map(|problem| problem.word());
        for (body, word) in [
            (r#"{"error":{"code":503,"message":"overloaded"}}"#, "busy"),
            (r#"[{"error":{"code":429,"type":"insufficient_quota"}}]"#, "quota"),
            (r#"{"error":{"type":"server_error","message":"sorry"}}"#, "busy"),
            (r#"{"error":{"type":"invalid_request_error","message":"no"}}"#, "refused"),
            ("{}", "malformed"),
            ("[1]", "malformed"),
            (r#"{"choices":[]}"#, "malformed"),
        ] {
            assert_eq!(problem(whole(body)), Some(word), "{body}");
        }
        assert_eq!(problem(streamed(&[r#"{"error":{"code":529,"message":"sorry"}}"#])), Some("busy"));
        assert_eq!(problem(streamed(&["{\"choices\":"])), Some("malformed"));
    }

    proptest! {
        #[test]
        fn any_body_is_read_without_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut pieces = VecDeque::new();
            let _ = Answer::new(&Secret::default()).whole(&body, &mut pieces);
        }

        #[test]
        fn any_shape_is_read_without_panic(
            choice in "(null|1|\"x\"|\\[\\]|\\{\"(message|delta)\":(null|1|\\{\"(content|tool_calls|refusal)\":(1|null|\\[1\\]|\\[\\{\"index\":(-1|null|1e9)\\}\\])\\})\\})",
            usage in "(null|1|\\{\"prompt_tokens\":(-5|1e300|\"7\"|null)\\})",
        ) {
            let body = format!(r#"{{"choices":[{choice}],"usage":{usage}}}"#);
            let _ = (whole(&body), streamed(&[&body, "[DONE]"]));
        }

        #[test]
        fn text_is_the_same_however_it_is_cut(parts in proptest::collection::vec(".{0,12}", 0..8)) {
            let events: Vec<String> = parts
                .iter()
                .map(|text| serde_json::json!({ "choices": [{ "delta": { "content": text } }] }).to_string())
                .collect();
            let events: Vec<&str> = events.iter().map(String::as_str).collect();
            let read: String = streamed(&events)
                .unwrap()
                .into_iter()
                .filter_map(|piece| match piece { Piece::Text(text) => Some(text), _ => None })
                .collect();
            prop_assert_eq!(read, parts.concat());
        }
    }
}
