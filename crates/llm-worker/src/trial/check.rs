//! Does each key work?

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use tokio::time::{Instant, timeout};

use super::{Trial, call, taken};
use crate::providers::{Model, Problem, Provider};

const WORDS: &str = "Answer with the word OK.";
/// Some models think before they say a word.
const MOST_TOKENS: u32 = 64;
/// Nobody watches a command for longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// What one key said to one small question.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    pub provider: String,
    /// Its place in the settings, from 1.
    pub key: usize,
    /// As the provider spells it; empty where none is configured.
    pub model: String,
    /// Until the first piece of the answer, in milliseconds.
    pub first_ms: Option<u64>,
    /// Until its end, in milliseconds.
    pub total_ms: Option<u64>,
    /// Why it does not work.
    pub error: Option<String>,
}

impl Trial {
    /// Asks each provider with its first key for each of its models, and with every other key for one: or only
    /// the provider of this name.
    pub async fn check(&self, only: Option<&str>) -> Vec<Checked> {
        let providers =
            self.catalog.providers().filter(|provider| only.is_none_or(|only| provider.name() == only));
        join_all(providers.map(|provider| self.check_one(provider))).await.into_iter().flatten().collect()
    }

    async fn check_one(&self, provider: &Arc<Provider>) -> Vec<Checked> {
        let of_it = || -> Vec<_> {
            self.catalog.models().into_iter().filter(|m| Arc::ptr_eq(&m.provider, provider)).collect()
        };
        let mut models = of_it();
        if models.is_empty() {
            // One shows that it works: a list may be of hundreds, and each costs.
            self.catalog.discover().await;
            models = of_it();
            models.truncate(1);
        }
        let mut checked = Vec::new();
        for key in 0..provider.keys() {
            // Keys share their models: one of them shows whether another key works.
            let asked = if key == 0 { &models[..] } else { &models[..models.len().min(1)] };
            for model in asked {
                checked.push(ask(model, key).await);
            }
        }
        if models.is_empty() {
            checked.push(no_models(provider).await);
        }
        checked
    }
}

async fn ask(model: &Model, key: usize) -> Checked {
    let started = Instant::now();
    let call = call(WORDS, MOST_TOKENS.min(model.info.max_output_tokens));
    let answer = async { taken(started, model.provider.open_with_key(key, &model.info, &call).await?).await };
    let answer = timeout(PATIENCE, answer).await.unwrap_or(Err(Problem::TimedOut));
    let ms = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    Checked {
        provider: model.provider.name().to_owned(),
        key: key + 1,
        model: model.info.id.name().to_owned(),
        first_ms: answer.as_ref().ok().map(|taken| ms(taken.first)),
        total_ms: answer.as_ref().ok().map(|taken| ms(taken.total)),
        error: answer.err().map(|problem| classify::chain(&problem)),
    }
}

/// A provider without models can not be asked; what it lists tells what to write.
async fn no_models(provider: &Provider) -> Checked {
    let error = match provider.listed().await {
        Ok(models) if models.is_empty() => "no model is configured for it, and it lists none".to_owned(),
        Ok(models) => {
            let names: Vec<&str> = models.iter().take(8).map(|model| model.name.as_str()).collect();
            let more = if models.len() > names.len() { ", …" } else { "" };
            format!("no model is configured for it; it lists {}{more}", names.join(", "))
        }
        Err(problem) => format!("no model is configured for it, and its list: {}", classify::chain(&problem)),
    };
    let (first_ms, total_ms) = (None, None);
    Checked {
        provider: provider.name().to_owned(),
        key: 1,
        model: String::new(),
        first_ms,
        total_ms,
        error: Some(error),
    }
}
