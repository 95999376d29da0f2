//! OpenAI's chat completions: OpenAI, DeepSeek, LongCat, Gemini's and Ollama's compatible ones, gateways.

mod answer;
mod request;
mod tools;

use std::borrow::Cow;

use async_trait::async_trait;

use super::http::Line;
use super::{Call, Endpoint, Listed, Pieces, Problem, reading};
use answer::Answer;
pub(super) use request::{Dialect, Schemas};

pub(super) struct OpenAi {
    pub(super) line: Line,
    pub(super) dialect: Dialect,
}

#[async_trait]
impl Endpoint for OpenAi {
    async fn open(&self, model: &str, call: &Call) -> Result<Pieces, Problem> {
        let call = match self.dialect.schemas {
            Schemas::Schema => Cow::Borrowed(call),
            Schemas::Object | Schemas::None => call.in_words(),
        };
        let call = call.as_ref();
        let response = self.line.post("chat/completions", &request::body(model, self.dialect, call)).await?;
        Ok(reading::pieces(response, Answer::new(&self.line.key), call.max_tokens))
    }

    async fn models(&self) -> Result<Vec<Listed>, Problem> {
        self.line.models().await
    }
}
