//! The provider that needs none: it passes on what the FAQ or the knowledge says, with its source, and says
//! so when they say nothing.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::time::Instant;

use super::{Built, Provider, ProviderError, Tools};
use crate::config::LlmConfig;
use crate::domain::answer::{Answer, Reply, Usage};
use crate::domain::plain_text;
use crate::domain::question::{Question, SourceKind};
use crate::knowledge::SURE;

pub(crate) const NAME: &str = "offline";

/// A text that people wrote for this very question is better than a passage that is about it.
const FAQ_LEAD: f32 = 0.08;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Offline;

#[expect(clippy::unnecessary_wraps, reason = "the shape that the list of providers asks for")]
pub(super) fn build(_: &LlmConfig, _: &Tools) -> Built {
    Ok(Some(Arc::new(Offline)))
}

#[async_trait]
impl Provider for Offline {
    fn name(&self) -> &'static str {
        NAME
    }

    fn model(&self) -> &'static str {
        "full-text search"
    }

    async fn answer(&self, question: &Question, _: Instant) -> Result<Answer, ProviderError> {
        Ok(Answer {
            reply: reply(question),
            model: self.model().to_owned(),
            usage: Usage::default(),
            cost_micros: 0,
            attempts: 1,
        })
    }
}

fn reply(question: &Question) -> Reply {
    let lead = |kind| if kind == SourceKind::Faq { FAQ_LEAD } else { 0.0 };
    let best = question
        .sources
        .iter()
        .filter(|source| source.confidence >= SURE)
        .max_by(|a, b| (a.confidence + lead(a.kind)).total_cmp(&(b.confidence + lead(b.kind))));
    match best {
        Some(source) => {
            Reply::Text { text: plain_text::of_markdown(&source.text), citations: vec![source.title.clone()] }
        }
        None => Reply::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::question::Source;
    use bot_folder::Lang;

    fn asked(sources: &[(SourceKind, &str, f32)]) -> Reply {
        let sources = sources.iter().map(|(kind, title, confidence)| Source {
            kind: *kind,
            title: (*title).to_owned(),
            heading: String::new(),
            text: format!("**{title}** says"),
            confidence: *confidence,
        });
        reply(&Question {
            language: Lang::EN,
            prompt: String::new(),
            turns: Vec::new(),
            sources: sources.collect(),
        })
    }

    fn said(title: &str) -> Reply {
        Reply::Text { text: format!("{title} says"), citations: vec![title.to_owned()] }
    }

    #[test]
    fn the_surest_source_is_passed_on_and_the_faq_wins_when_close() {
        let (faq, knowledge) = (SourceKind::Faq, SourceKind::Knowledge);
        assert_eq!(asked(&[(knowledge, "a", 0.9), (faq, "b", 0.7)]), said("a"));
        assert_eq!(asked(&[(knowledge, "a", 0.9), (faq, "b", 0.85)]), said("b"));
    }

    #[test]
    fn what_nobody_is_sure_of_is_unknown() {
        assert_eq!(asked(&[]), Reply::Unknown);
        assert_eq!(asked(&[(SourceKind::Faq, "a", SURE - 0.01)]), Reply::Unknown);
    }
}
