//! One call of a model, in the words of no provider: what is asked, and what comes back piece by piece.

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use futures::Stream;
use serde_json::{Map, Value};

use super::Problem;
use crate::domain::answer::Usage;
use crate::domain::question::Source;

/// What is asked of a model. It holds a person's words, masked as they may be: it has no `Debug`.
#[derive(Clone, Default)]
pub(crate) struct Call {
    pub(crate) messages: Vec<Message>,
    /// Tokens of the answer at most, thoughts included.
    pub(crate) max_tokens: u32,
    /// `None`: the model's own. It is not sent to models that are configured to take none.
    pub(crate) temperature: Option<f64>,
    pub(crate) tools: Vec<ToolSpec>,
    pub(crate) tool_choice: Option<ToolChoice>,
    /// The answer must be JSON of this schema. Where a provider can not promise that, it is asked for in words.
    pub(crate) answer_schema: Option<AnswerSchema>,
    /// Further fields of OpenAI's shape (`top_p`, `stop`, `seed`), passed on to providers that speak it. An
    /// allow-list is kept by whoever takes them from outside.
    pub(crate) extra: Map<String, Value>,
    /// What the bot knows, in the order in which the prompt numbers it. Only `offline` reads it; for all others
    /// it stands in the messages.
    pub(crate) sources: Arc<[Source]>,
}

/// What an answer must look like.
#[derive(Clone, PartialEq)]
pub(crate) struct AnswerSchema {
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    /// `None`: as the provider does by itself.
    pub(crate) strict: Option<bool>,
    /// A JSON schema of an object.
    pub(crate) schema: Value,
}

#[derive(Clone, Default)]
pub(crate) struct Message {
    pub(crate) by: By,
    /// Who of several says it.
    pub(crate) name: Option<String>,
    pub(crate) text: String,
    /// What the model thought before it said this. Some want it back beside calls of tools.
    pub(crate) thoughts: Option<String>,
    /// The tools that the model called with this message.
    pub(crate) tool_calls: Vec<ToolCall>,
    /// Which call this message of a tool answers.
    pub(crate) tool_call_id: Option<String>,
}

impl Message {
    pub(crate) fn new(by: By, text: impl Into<String>) -> Self {
        Self { by, text: text.into(), ..Self::default() }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum By {
    System,
    #[default]
    Person,
    Model,
    Tool,
}

#[derive(Clone, PartialEq)]
pub(crate) struct ToolSpec {
    pub(crate) name: String,
    pub(crate) description: String,
    /// A JSON schema of an object.
    pub(crate) parameters: Value,
    /// Whether the arguments must hold to it to the letter; `None`: as the provider does by itself.
    pub(crate) strict: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ToolChoice {
    Auto,
    None,
    /// Some tool must be called.
    Required,
    Tool(String),
}

#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct ToolCall {
    pub(crate) id: String,
    pub(crate) name: String,
    /// JSON as the model wrote it, which may be none.
    pub(crate) arguments: String,
}

/// What comes back, in order. A stream that is good has exactly one `End`, and nothing after it; a stream that
/// breaks ends with a [`Problem`] instead.
#[derive(Clone, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    /// A piece of what the model thinks before it answers: for nobody's eyes.
    Thought(String),
    /// A piece of a tool call: `id` and `name` come once, `arguments` in pieces to join by `index`.
    ToolCall {
        index: u32,
        id: Option<String>,
        name: Option<String>,
        arguments: String,
    },
    /// Tokens so far. It may come more than once: the last counts.
    Usage(Usage),
    /// The model that answers, as the provider names it.
    Model(String),
    End(Finish),
}

/// Why a model stopped writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finish {
    Stop,
    /// At `max_tokens`: a sentence cut in the middle may have lost its "not".
    Length,
    ToolCalls,
    /// The provider's filter withheld the rest.
    Filter,
    /// The model said that it will not answer.
    Refused,
    Other,
}

impl Finish {
    /// The word for the ledger and the metrics.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
            Self::Filter => "filter",
            Self::Refused => "refused",
            Self::Other => "other",
        }
    }
}

/// Dropping it cancels the call: the connection is closed, and providers stop writing then.
pub(crate) type Pieces = Pin<Box<dyn Stream<Item = Result<Piece, Problem>> + Send>>;

/// A model that a provider says it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// As the provider spells it.
    pub(crate) name: String,
    /// What prompt and answer together may take, where it is said.
    pub(crate) context_tokens: Option<u32>,
}

impl Call {
    /// Whether there is anything to answer.
    pub(crate) fn asks(&self) -> bool {
        let said = |message: &Message| message.by != By::System && !message.text.trim().is_empty();
        self.messages.iter().any(said)
    }

    /// The call as it is asked of who can not be held to a schema: the first messages say what is wanted.
    pub(super) fn in_words(&self) -> Cow<'_, Self> {
        let format = self.extra.get("response_format").and_then(|format| format.get("type"));
        let words = match &self.answer_schema {
            Some(answer) => {
                let about = answer.description.as_ref().map(|what| format!(" ({what})")).unwrap_or_default();
                format!(
                    "Answer with one JSON object that follows this JSON schema{about} and with nothing else:\n{}",
                    answer.schema
                )
            }
            None if format.and_then(Value::as_str) == Some("json_object") => {
                "Answer with one JSON object and with nothing else.".to_owned()
            }
            None => return Cow::Borrowed(self),
        };
        let mut call = self.clone();
        let first = call.messages.iter().take_while(|message| message.by == By::System).count();
        call.messages.insert(first, Message::new(By::System, words));
        Cow::Owned(call)
    }
}

/// One wire format at one address with one key. It makes one call: it repeats nothing and waits for nobody.
#[async_trait]
pub(crate) trait Endpoint: Send + Sync {
    /// `Ok` once status and headers are good. A failure before that is the provider's to repeat; one in the
    /// stream is not, for somebody may have seen what came before it.
    async fn open(&self, model: &str, call: &Call) -> Result<Pieces, Problem>;

    /// What models there are; empty where that is not offered.
    async fn models(&self) -> Result<Vec<Listed>, Problem>;
}
