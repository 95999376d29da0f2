//! A question as a call of a model, and what comes back as an answer.

use futures::StreamExt;
use ids::Ids;
use tokio::time::{Instant, timeout_at};

use super::meter::Meter;
use crate::config::LlmConfig;
use crate::domain::answer::{Answer, Reply, Usage};
use crate::domain::context::{Budget, Counter, Fence, TooSmall};
use crate::domain::mask::{Mask, Unmask};
use crate::domain::question::Question;
use crate::domain::{prompt, reply};
use crate::error::LlmError;
use crate::live::{Gate, Shown, Viewer};
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
    /// Tokens of a prompt at most.
    prompt_tokens: u32,
    temperature: Option<f64>,
    falls_back: bool,
    ids: Ids,
}

impl Asker {
    pub(crate) fn build(config: &LlmConfig, tools: &Tools) -> Result<Self, LlmError> {
        Ok(Self::new(Catalog::build(config, tools)?, config, tools.ids.clone()))
    }

    pub(crate) fn new(catalog: Catalog, config: &LlmConfig, ids: Ids) -> Self {
        Self {
            catalog,
            max_tokens: config.max_tokens,
            prompt_tokens: config.prompt_tokens,
            temperature: Some(config.temperature).filter(|temperature| *temperature >= 0.0),
            falls_back: config.fallback_offline,
            ids,
        }
    }

    /// Tokens of an answer at most.
    pub(crate) const fn max_tokens(&self) -> u32 {
        self.max_tokens
    }

    /// Who answers where every model failed, or there is none.
    pub(crate) fn fallback(&self) -> Option<&Model> {
        (self.falls_back || !self.has_models()).then_some(self.catalog.offline())
    }

    /// Whether anybody outside can be asked.
    pub(crate) fn has_models(&self) -> bool {
        self.catalog.models().iter().any(|model| !self.is_offline(model))
    }

    /// The whole answer of this model, or an end at the deadline; the meter shows what has come so far, and so
    /// does the viewer see it.
    pub(super) async fn ask_in_time(
        &self,
        model: &Model,
        question: &Question,
        deadline: Instant,
        meter: &Meter,
        viewer: Option<&Viewer>,
    ) -> Result<Answer, ProviderError> {
        let asked = timeout_at(deadline, self.ask_metered(model, question, deadline, meter, viewer)).await;
        asked.unwrap_or_else(|_| {
            // Nobody was asked who still waited for a place.
            let tries = meter.seen().tries;
            let problem = if tries.attempts == 0 { Problem::Crowded } else { Problem::TimedOut };
            Err(tries.cut_off(problem))
        })
    }

    async fn ask_metered(
        &self,
        model: &Model,
        question: &Question,
        deadline: Instant,
        meter: &Meter,
        viewer: Option<&Viewer>,
    ) -> Result<Answer, ProviderError> {
        let mut mask = question.memory.mask.clone();
        let (call, shown) = self
            .call(model, question, &mut mask)
            .map_err(|too_small| ProviderError::new(too_small.into(), 0))?;
        let opened = model.open_told(&call, deadline, &|tries| meter.tries(tries)).await?;
        let (attempts, lost) = (opened.attempts, opened.lost);
        let sources = &question.sources[..shown];
        let live = viewer.map(|viewer| Shown { gate: Gate::new(question, sources), screen: viewer.screen() });
        let written = Written::read(opened.pieces, mask.unmask(), meter, live).await;
        let written = written.map_err(|problem| meter.seen().tries.cut_off(problem))?;
        let usage = written.usage.after(lost);
        let reply = match withheld(written.finish) {
            Some(why) => Reply::Empty(why),
            None => reply::read(&written.text, sources),
        };
        Ok(Answer {
            reply,
            model: written.model.unwrap_or_else(|| model.info.id.name().to_owned()),
            usage,
            cost_micros: model.info.prices.cost_micros(usage),
            attempts,
        })
    }

    /// The call, and how many of the question's sources it shows.
    fn call(&self, model: &Model, question: &Question, mask: &mut Mask) -> Result<(Call, usize), TooSmall> {
        let mut call = Call {
            max_tokens: self.max_tokens,
            temperature: self.temperature,
            sources: question.sources.clone().into(),
            ..Call::default()
        };
        if self.is_offline(model) {
            // It knows all that is known, and reads no prompt.
            let asked = question.words_of_person().last().unwrap_or_default();
            call.messages.push(Message::new(By::Person, asked));
            return Ok((call, question.sources.len()));
        }
        let room = model.info.context_tokens.saturating_sub(self.max_tokens);
        let budget =
            Budget { tokens: self.prompt_tokens.min(room) as usize, counter: Counter(model.info.tokenizer) };
        let fence = Fence::new(&self.ids.uuid().simple().to_string()[20..]);
        let context = prompt::context(question, budget, &fence, mask)?;
        call.messages.push(Message::new(By::System, context.system));
        let said = context.said.into_iter();
        call.messages
            .extend(said.map(|(by, text)| Message::new(if by { By::Person } else { By::Model }, text)));
        Ok((call, context.sources))
    }

    /// What the first model makes of a text, by an instruction of our own: nobody is answered. The text is masked
    /// and stays so.
    pub(crate) async fn note(
        &self,
        instruction: &str,
        text: &str,
        deadline: Instant,
        meter: &Meter,
    ) -> Result<Noted, ProviderError> {
        let model = self.catalog.first();
        let fence = Fence::new(&self.ids.uuid().simple().to_string()[20..]);
        let counter = Counter(model.info.tokenizer);
        let text = fence.wrap("data", &[], &counter.cut(text, self.prompt_tokens as usize));
        let call = Call {
            messages: vec![Message::new(By::System, instruction), Message::new(By::Person, text)],
            max_tokens: self.max_tokens,
            temperature: self.temperature,
            ..Call::default()
        };
        let opened = model.open_told(&call, deadline, &|tries| meter.tries(tries)).await?;
        let read = Written::read(opened.pieces, Mask::default().unmask(), meter, None);
        let written = timeout_at(deadline, read).await.unwrap_or(Err(Problem::TimedOut));
        let written = written.map_err(|problem| meter.seen().tries.cut_off(problem))?;
        let is_whole = withheld(written.finish).is_none();
        Ok(Noted {
            text: if is_whole { written.text } else { String::new() },
            provider: model.provider.name().to_owned(),
            model: written.model.map_or_else(|| model.info.id.name().to_owned(), |name| super::named(&name)),
        })
    }

    /// Whether there is a model to make notes.
    pub(crate) fn takes_notes(&self) -> bool {
        !self.is_offline(self.catalog.first())
    }

    fn is_offline(&self, model: &Model) -> bool {
        model.info.id == self.catalog.offline().info.id
    }
}

/// What a model made of a text; empty where it made nothing whole of it.
pub(crate) struct Noted {
    pub(crate) text: String,
    pub(crate) provider: String,
    pub(crate) model: String,
}

/// What a model wrote, from its first piece to its end.
struct Written {
    text: String,
    model: Option<String>,
    usage: Usage,
    finish: Finish,
}

impl Written {
    /// Its masks are read as they come, and each piece is metered and shown.
    async fn read(
        mut pieces: Pieces,
        mut unmask: Unmask,
        meter: &Meter,
        mut live: Option<Shown<'_>>,
    ) -> Result<Self, Problem> {
        let mut written =
            Self { text: String::new(), model: None, usage: Usage::default(), finish: Finish::Other };
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            match &piece {
                Piece::Text(text) | Piece::Thought(text) => meter.wrote(text.len()),
                Piece::ToolCall { name, arguments, .. } => {
                    meter.wrote(arguments.len() + name.as_ref().map_or(0, String::len));
                }
                Piece::Usage(usage) => meter.used(*usage),
                Piece::End(finish) => meter.ends(*finish),
                Piece::Model(_) => {}
            }
            match piece {
                Piece::Text(text) if written.text.len() + text.len() > MOST_BYTES => {
                    return Err(Problem::Malformed("it is larger than 1 MiB"));
                }
                Piece::Text(text) => {
                    let plain = unmask.push(&text);
                    if let Some(live) = &mut live {
                        live.wrote(&plain);
                    }
                    written.text.push_str(&plain);
                }
                Piece::Usage(usage) => written.usage = usage,
                Piece::Model(name) => written.model = Some(name),
                Piece::ToolCall { .. } | Piece::Thought(_) => {}
                Piece::End(finish) => {
                    written.finish = finish;
                    written.text.push_str(&unmask.finish());
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
