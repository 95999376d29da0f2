//! The model that is none: it passes on what the FAQ or the knowledge says, with its source, and says so when
//! they say nothing.

use std::sync::Arc;

use async_trait::async_trait;
use futures::stream;

use super::{Call, Endpoint, Finish, Listed, Model, ModelInfo, Piece, Pieces, Problem, Provider, Tools};
use crate::config::{Kind, Prices, ProviderConfig, Terms, Tier, TokenizerKind};
use crate::domain::prompt::NO_ANSWER;
use crate::domain::question::{Source, SourceKind};
use crate::knowledge::SURE;

pub(crate) const NAME: &str = "offline";
pub(super) const MODEL: &str = "full-text search";
pub(super) const TERMS: Terms = Terms {
    tier: Tier::Small,
    prices: Prices { input: 0, cached_input: None, output: 0 },
    context_tokens: u32::MAX,
    max_output_tokens: u32::MAX,
    tokenizer: TokenizerKind::Characters,
    takes_temperature: true,
};

/// A text that people wrote for this very question is better than a passage that is about it.
const FAQ_LEAD: f32 = 0.08;

#[derive(Clone, Copy, Debug)]
pub(super) struct Offline;

/// The model that is always there. It waits for nobody, so everybody may ask at once.
pub(super) fn model(tools: &Tools) -> Model {
    let config = ProviderConfig { kind: Kind::Offline, concurrency: u16::MAX, ..ProviderConfig::default() };
    let provider = Provider::new(NAME, &config, vec![Box::new(Offline)], tools.ids.clone());
    Model { info: ModelInfo::new(NAME, MODEL, TERMS), provider: Arc::new(provider) }
}

#[async_trait]
impl Endpoint for Offline {
    async fn open(&self, model: &str, call: &Call) -> Result<Pieces, Problem> {
        let pieces =
            [Piece::Model(model.to_owned()), Piece::Text(said(&call.sources)), Piece::End(Finish::Stop)];
        Ok(Box::pin(stream::iter(pieces.map(Ok))))
    }

    async fn models(&self) -> Result<Vec<Listed>, Problem> {
        Ok(vec![Listed { name: MODEL.to_owned(), context_tokens: None }])
    }
}

/// What a model that follows the prompt would write: the text with the number of its source.
fn said(sources: &[Source]) -> String {
    let lead = |kind| if kind == SourceKind::Faq { FAQ_LEAD } else { 0.0 };
    let best = (1..)
        .zip(sources)
        .filter(|(_, source)| source.confidence >= SURE)
        .max_by(|(_, a), (_, b)| (a.confidence + lead(a.kind)).total_cmp(&(b.confidence + lead(b.kind))));
    match best {
        Some((number, source)) => format!("{}\n[{number}]", source.text),
        None => NO_ANSWER.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(sources: &[(SourceKind, &str, f32)]) -> String {
        let sources = sources.iter().map(|(kind, title, confidence)| Source {
            kind: *kind,
            title: (*title).to_owned(),
            heading: String::new(),
            text: format!("**{title}** says"),
            confidence: *confidence,
        });
        said(&sources.collect::<Vec<_>>())
    }

    #[test]
    fn the_surest_source_is_passed_on_and_the_faq_wins_when_close() {
        let (faq, knowledge) = (SourceKind::Faq, SourceKind::Knowledge);
        assert_eq!(asked(&[(knowledge, "a", 0.9), (faq, "b", 0.7)]), "**a** says\n[1]");
        assert_eq!(asked(&[(knowledge, "a", 0.9), (faq, "b", 0.85)]), "**b** says\n[2]");
    }

    #[test]
    fn what_nobody_is_sure_of_is_unknown() {
        assert_eq!(asked(&[]), NO_ANSWER);
        assert_eq!(asked(&[(SourceKind::Faq, "a", SURE - 0.01)]), NO_ANSWER);
    }
}
