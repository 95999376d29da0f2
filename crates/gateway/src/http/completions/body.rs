//! The body of `POST /v1/chat/completions` as it is written: OpenAI's fields that are understood here.

use std::fmt;

use serde::de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// A chat completion that is asked for, in OpenAI's shape. A field that is not listed here is refused.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChatCompletionRequest)]
pub(crate) struct Body {
    /// `provider/model`, as `GET /v1/models` lists it.
    pub(super) model: String,
    /// The conversation, oldest first.
    pub(super) messages: Vec<Said>,
    /// Whether the answer is wanted piece by piece, as server-sent events.
    pub(super) stream: Option<bool>,
    pub(super) stream_options: Option<StreamOptions>,
    /// Tokens of the answer at most.
    pub(super) max_tokens: Option<u32>,
    /// The newer name of `max_tokens`.
    pub(super) max_completion_tokens: Option<u32>,
    /// 0 to 2.
    pub(super) temperature: Option<f64>,
    #[schema(value_type = Option<Vec<Object>>)]
    pub(super) tools: Option<Vec<Tool>>,
    /// "none", "auto", "required", or a function by its name.
    #[schema(value_type = Option<Object>)]
    pub(super) tool_choice: Option<ToolChoice>,
    /// `text`, `json_object` or `json_schema`.
    #[schema(value_type = Option<Object>)]
    pub(super) response_format: Option<ResponseFormat>,
    /// 0 to 1.
    pub(super) top_p: Option<f64>,
    /// A text, or up to four, at which the answer ends.
    #[schema(value_type = Option<Object>)]
    pub(super) stop: Option<Stop>,
    pub(super) seed: Option<i64>,
    /// -2 to 2.
    pub(super) presence_penalty: Option<f64>,
    /// -2 to 2.
    pub(super) frequency_penalty: Option<f64>,
    #[schema(value_type = Option<Object>)]
    pub(super) logit_bias: Option<serde_json::Map<String, serde_json::Value>>,
    pub(super) parallel_tool_calls: Option<bool>,
    pub(super) reasoning_effort: Option<String>,
    pub(super) verbosity: Option<String>,
    /// Only 1.
    pub(super) n: Option<u32>,
    /// Only false.
    pub(super) logprobs: Option<bool>,
    // Without effect on the answer: taken and left.
    #[serde(rename = "user")]
    #[schema(ignore)]
    pub(super) _user: Option<IgnoredAny>,
    #[serde(rename = "store")]
    #[schema(ignore)]
    pub(super) _store: Option<IgnoredAny>,
    #[serde(rename = "metadata")]
    #[schema(ignore)]
    pub(super) _metadata: Option<IgnoredAny>,
    #[serde(rename = "service_tier")]
    #[schema(ignore)]
    pub(super) _service_tier: Option<IgnoredAny>,
    #[serde(rename = "safety_identifier")]
    #[schema(ignore)]
    pub(super) _safety_identifier: Option<IgnoredAny>,
    #[serde(rename = "prompt_cache_key")]
    #[schema(ignore)]
    pub(super) _prompt_cache_key: Option<IgnoredAny>,
    #[serde(rename = "prompt_cache_retention")]
    #[schema(ignore)]
    pub(super) _prompt_cache_retention: Option<IgnoredAny>,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct StreamOptions {
    /// Whether the tokens that were used come in a piece of their own before the end.
    pub(super) include_usage: Option<bool>,
}

/// A message. Fields that answers have and requests do not need are left.
#[derive(Deserialize, ToSchema)]
#[schema(as = ChatMessage)]
pub(crate) struct Said {
    /// `system`, `developer`, `user`, `assistant` or `tool`.
    pub(super) role: String,
    /// A text, or a list of parts of type `text`.
    #[serde(default, deserialize_with = "content")]
    #[schema(value_type = Option<Object>)]
    pub(super) content: String,
    #[schema(value_type = Option<Vec<Object>>)]
    pub(super) tool_calls: Option<Vec<ToolUse>>,
    pub(super) tool_call_id: Option<String>,
    /// Who of several says it; for providers of OpenAI's shape.
    pub(super) name: Option<String>,
    /// What the model thought before it said this, as it came with the answer.
    pub(super) reasoning_content: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct ToolUse {
    pub(super) id: String,
    pub(super) function: Called,
}

#[derive(Deserialize)]
pub(crate) struct Called {
    pub(super) name: String,
    #[serde(default)]
    pub(super) arguments: String,
}

#[derive(Deserialize)]
pub(crate) struct Tool {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) function: Option<Function>,
}

#[derive(Deserialize)]
pub(crate) struct Function {
    pub(super) name: String,
    pub(super) description: Option<String>,
    /// A JSON schema, passed on as it is.
    pub(super) parameters: Option<Box<RawValue>>,
    pub(super) strict: Option<bool>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum ToolChoice {
    Mode(String),
    Tool { function: Named },
}

#[derive(Deserialize)]
pub(crate) struct Named {
    pub(super) name: String,
}

#[derive(Deserialize)]
pub(crate) struct ResponseFormat {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) json_schema: Option<JsonSchema>,
}

#[derive(Default, Deserialize)]
pub(crate) struct JsonSchema {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) strict: Option<bool>,
    pub(super) schema: Option<Box<RawValue>>,
}

#[derive(Deserialize, serde::Serialize)]
#[serde(untagged)]
pub(crate) enum Stop {
    One(String),
    Any(Vec<String>),
}

/// A text, nothing, or parts that are texts.
fn content<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    deserializer.deserialize_any(Content)
}

struct Content;

impl<'de> Visitor<'de> for Content {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, null or a list of parts")
    }

    fn visit_unit<E>(self) -> Result<String, E> {
        Ok(String::new())
    }

    fn visit_str<E>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_string<E>(self, text: String) -> Result<String, E> {
        Ok(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<String, A::Error> {
        let mut whole = String::new();
        while let Some(Part(text)) = parts.next_element()? {
            if whole.is_empty() {
                whole = text;
            } else {
                whole.push('\n');
                whole.push_str(&text);
            }
        }
        Ok(whole)
    }
}

/// A part of a message that is a text; no other kind reaches a model from here.
struct Part(String);

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Part;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a part of type text")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Part, A::Error> {
                let (mut kind, mut text) = (None::<String>, None::<String>);
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "type" => kind = Some(map.next_value()?),
                        "text" | "refusal" => text = Some(map.next_value()?),
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                match (kind.as_deref(), text) {
                    (Some("text" | "refusal"), Some(text)) => Ok(Part(text)),
                    (Some("text" | "refusal"), None) => Err(A::Error::missing_field("text")),
                    _ => Err(A::Error::custom(", expected a part of type text: models get texts only here")),
                }
            }
        }
        deserializer.deserialize_map(Read)
    }
}
