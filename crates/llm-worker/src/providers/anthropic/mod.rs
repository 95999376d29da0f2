//! Anthropic's messages, and whatever speaks like them.

mod answer;
mod request;

use async_trait::async_trait;

use super::http::Line;
use super::{Call, Endpoint, Listed, Pieces, Problem, reading};
use answer::Answer;

pub(super) struct Anthropic {
    pub(super) line: Line,
}

#[async_trait]
impl Endpoint for Anthropic {
    async fn open(&self, model: &str, call: &Call) -> Result<Pieces, Problem> {
        let response = self.line.post("messages", &request::body(model, &call.in_words())).await?;
        Ok(reading::pieces(response, Answer::new(&self.line.key), call.max_tokens))
    }

    async fn models(&self) -> Result<Vec<Listed>, Problem> {
        self.line.models().await
    }
}
