//! Who answers: the outside world behind one trait, and the list of all there are.

mod error;
mod offline;
mod openai_compatible;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use ids::{Clock, Ids};
use tokio::time::Instant;

pub(crate) use error::{Problem, ProviderError};
pub(crate) use offline::{NAME as OFFLINE, Offline};

use crate::config::LlmConfig;
use crate::domain::answer::Answer;
use crate::domain::question::Question;
use crate::error::LlmError;

/// Something that answers questions.
#[async_trait]
pub(crate) trait Provider: Send + Sync {
    /// The word in the ledger, the metrics and the events.
    fn name(&self) -> &'static str;

    /// The model that is asked, for the ledger when there was no answer to name one.
    fn model(&self) -> &str;

    /// Answers before `deadline` or says why not. Repeats what may work a moment later; it is not repeated
    /// from outside.
    async fn answer(&self, question: &Question, deadline: Instant) -> Result<Answer, ProviderError>;
}

/// A provider ready to be asked, or none where it is not configured.
type Built = Result<Option<Arc<dyn Provider>>, LlmError>;

/// One row of the list of providers.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    build: fn(&LlmConfig, &Tools) -> Built,
}

/// What providers are built with.
#[derive(Clone, Debug)]
pub(crate) struct Tools {
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
}

/// Every provider there is. The first that is configured answers; the last always is.
pub(crate) const PROVIDERS: &[Entry] = &[
    Entry { name: openai_compatible::NAME, build: openai_compatible::build },
    Entry { name: offline::NAME, build: offline::build },
];

/// Who answers here, and who steps in when that fails.
#[derive(Clone)]
pub(crate) struct Providers {
    pub(crate) first: Arc<dyn Provider>,
    pub(crate) fallback: Option<Arc<dyn Provider>>,
}

impl Providers {
    pub(crate) fn build(config: &LlmConfig, tools: &Tools) -> Result<Self, LlmError> {
        for entry in PROVIDERS {
            if let Some(first) = (entry.build)(config, tools)? {
                let steps_in = config.fallback_offline && entry.name != offline::NAME;
                let fallback = steps_in.then(|| Arc::new(Offline) as Arc<dyn Provider>);
                return Ok(Self { first, fallback });
            }
        }
        Ok(Self { first: Arc::new(Offline), fallback: None })
    }
}

impl fmt::Debug for Providers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fallback = self.fallback.as_ref().map(|provider| provider.name());
        f.debug_struct("Providers").field("first", &self.first.name()).field("fallback", &fallback).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(config: &LlmConfig) -> String {
        let tools = Tools { clock: Clock::system(), ids: Ids::system() };
        format!("{:?}", Providers::build(config, &tools).unwrap())
    }

    #[test]
    fn without_a_base_url_nothing_outside_is_asked() {
        assert_eq!(built(&LlmConfig::default()), r#"Providers { first: "offline", fallback: None }"#);
    }

    #[test]
    fn a_configured_provider_is_asked_first_and_replaced_when_it_fails() {
        let mut config = LlmConfig {
            base_url: "https://api.example.com/v1".to_owned(),
            model: "m".to_owned(),
            ..LlmConfig::default()
        };
        assert_eq!(built(&config), r#"Providers { first: "openai_compatible", fallback: Some("offline") }"#);
        config.fallback_offline = false;
        assert_eq!(built(&config), r#"Providers { first: "openai_compatible", fallback: None }"#);
    }

    #[test]
    fn every_name_stands_once() {
        let mut names: Vec<_> = PROVIDERS.iter().map(|entry| entry.name).collect();
        names.dedup();
        assert_eq!(names.len(), PROVIDERS.len());
    }
}
