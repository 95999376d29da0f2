//! A question as a call of a model, and what comes back as an answer.

use futures::StreamExt;
use tokio::time::Instant;

use crate::config::LlmConfig;
use crate::domain::answer::{Answer, Reply, Usage};
use crate::domain::mask::Mask;
use crate::domain::question::Question;
use crate::domain::{prompt, reply};
use crate::error::LlmError;
use crate::providers::{
    By, Call, Catalog, Finish, Message, Model, Piece, Pieces, Problem, ProviderError, Tools,
};

/// An answer of some hundred words is a few kilobytes.
const MOST_BYTES: usize = 1024 * 1024;

/// Who asks models, and for how much.
#[derive(Clone, Debug)]
pub(crate) struct Asker {
    pub(crate) catalog: Catalog,
    max_tokens: u32,
    temperature: Option<f64>,
    falls_back: bool,
}

impl Asker {
    pub(crate) fn build(config: &LlmConfig, tools: &Tools) -> Result<Self, LlmError> {
        Ok(Self::new(Catalog::build(config, tools)?, config))
    }

    pub(crate) fn new(catalog: Catalog, config: &LlmConfig) -> Self {
        Self {
            catalog,
            max_tokens: config.max_tokens,
            temperature: Some(config.temperature).filter(|temperature| *temperature >= 0.0),
            falls_back: config.fallback_offline,
        }
    }

    /// Who answers when the first model failed.
    pub(crate) fn fallback(&self) -> Option<&Model> {
        let (first, offline) = (self.catalog.first(), self.catalog.offline());
        (self.falls_back && first.info.id != offline.info.id).then_some(offline)
    }

    /// The whole answer of this model.
    pub(crate) async fn ask(
        &self,
        model: &Model,
        question: &Question,
        deadline: Instant,
    ) -> Result<Answer, ProviderError> {
        let mut mask = Mask::default();
        let call = self.call(question, &mut mask);
        let opened = model.open(&call, deadline).await?;
        let (attempts, lost) = (opened.attempts, opened.lost);
        let written = Written::read(opened.pieces).await;
        let written = written.map_err(|problem| ProviderError { problem, attempts, lost })?;
        let usage = written.usage.with(lost);
        let reply = match withheld(written.finish) {
            Some(why) => Reply::Empty(why),
            None => {
                // Nothing is shown to `offline`: it knows all that is known.
                let is_offline = model.info.id == self.catalog.offline().info.id;
                let shown = if is_offline { &question.sources } else { prompt::shown(&question.sources) };
                reply::read(&mask.reveal(&written.text), shown)
            }
        };
        Ok(Answer {
            reply,
            model: written.model.unwrap_or_else(|| model.info.id.name().to_owned()),
            usage,
            cost_micros: model.info.prices.cost_micros(usage),
            attempts,
        })
    }

    fn call(&self, question: &Question, mask: &mut Mask) -> Call {
        let mut messages = vec![Message::new(By::System, prompt::system(question))];
        let said = prompt::messages(question, mask).into_iter();
        messages.extend(said.map(|(by, text)| Message::new(if by { By::Person } else { By::Model }, text)));
        Call {
            messages,
            max_tokens: self.max_tokens,
            temperature: self.temperature,
            sources: question.sources.clone().into(),
            ..Call::default()
        }
    }
}

/// What a model wrote, from its first piece to its end.
struct Written {
    text: String,
    model: Option<String>,
    usage: Usage,
    finish: Finish,
}

impl Written {
    async fn read(mut pieces: Pieces) -> Result<Self, Problem> {
        let mut written =
            Self { text: String::new(), model: None, usage: Usage::default(), finish: Finish::Other };
        while let Some(piece) = pieces.next().await {
            match piece? {
                Piece::Text(text) if written.text.len() + text.len() > MOST_BYTES => {
                    return Err(Problem::Malformed("it is larger than 1 MiB"));
                }
                Piece::Text(text) => written.text.push_str(&text),
                Piece::Usage(usage) => written.usage = usage,
                Piece::Model(name) => written.model = Some(name),
                Piece::ToolCall { .. } | Piece::Thought(_) => {}
                Piece::End(finish) => {
                    written.finish = finish;
                    return Ok(written);
                }
            }
        }
        Err(Problem::Malformed("it has no end"))
    }
}

/// Why there is an answer and no text of it to pass on.
const fn withheld(finish: Finish) -> Option<&'static str> {
    match finish {
        Finish::Filter => Some("the provider's filter withheld the answer"),
        Finish::Refused => Some("the model refused to answer"),
        // A sentence cut in the middle may have lost its "not".
        Finish::Length => Some("the answer was cut at max_tokens"),
        Finish::Stop | Finish::ToolCalls | Finish::Other => None,
    }
}
