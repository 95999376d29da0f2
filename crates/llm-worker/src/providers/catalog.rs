//! Every provider and model there is.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use ids::{Clock, Ids};
use tokio::time::Instant;

use super::{Call, Opened, Provider, ProviderError, offline, openai_compatible};
use crate::config::{LlmConfig, Prices};
use crate::error::LlmError;

/// What providers are built with.
#[derive(Clone, Debug)]
pub(crate) struct Tools {
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
}

/// `provider/model`. The model's name may hold slashes of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ModelId(Arc<str>);

impl ModelId {
    pub(crate) fn new(provider: &str, model: &str) -> Self {
        Self(format!("{provider}/{model}").into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn provider(&self) -> &str {
        self.0.split_once('/').map_or("", |(provider, _)| provider)
    }

    /// The model's name as its provider spells it.
    pub(crate) fn name(&self) -> &str {
        self.0.split_once('/').map_or(&*self.0, |(_, model)| model)
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How much a model can, and costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Tier {
    Small,
    #[default]
    Medium,
    Large,
}

/// How a model's tokens are counted before it is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum TokenizerKind {
    /// OpenAI's `o200k_base`.
    #[default]
    O200k,
    /// OpenAI's `cl100k_base`.
    Cl100k,
    /// By the number of characters, on the safe side.
    Characters,
}

/// A model as it is configured.
#[derive(Clone, Debug)]
pub(crate) struct ModelInfo {
    pub(crate) id: ModelId,
    pub(crate) prices: Prices,
    /// Tokens of prompt and answer together.
    pub(crate) context_tokens: u32,
    /// Tokens of an answer at most, thoughts included.
    pub(crate) max_output_tokens: u32,
    pub(crate) tier: Tier,
    pub(crate) tokenizer: TokenizerKind,
}

/// A model that can be asked.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) info: ModelInfo,
    pub(crate) provider: Arc<Provider>,
}

impl Model {
    /// Asks it, and repeats what may work a moment later, as long as nothing has come back.
    pub(crate) async fn open(&self, call: &Call, deadline: Instant) -> Result<Opened, ProviderError> {
        self.provider.open(&self.info, call, deadline).await
    }
}

/// Who can be asked, by `provider/model`.
#[derive(Clone, Debug)]
pub(crate) struct Catalog {
    models: Arc<BTreeMap<ModelId, Arc<Model>>>,
    /// Who is asked where nothing else is said.
    first: Arc<Model>,
    /// The model that asks nobody outside.
    offline: Arc<Model>,
}

impl Catalog {
    pub(crate) fn build(config: &LlmConfig, tools: &Tools) -> Result<Self, LlmError> {
        let offline = Arc::new(offline::model(tools));
        let mut models = BTreeMap::from([(offline.info.id.clone(), offline.clone())]);
        let mut first = offline.clone();
        if let Some(model) = openai_compatible::model(config, tools)? {
            first = Arc::new(model);
            models.insert(first.info.id.clone(), first.clone());
        }
        Ok(Self { models: Arc::new(models), first, offline })
    }

    /// A catalogue of one model that is asked first, and `offline`.
    #[cfg(test)]
    pub(crate) fn scripted(
        provider: &str,
        model: &str,
        prices: Prices,
        endpoint: Box<dyn super::Endpoint>,
        tools: &Tools,
    ) -> Self {
        let offline = Arc::new(offline::model(tools));
        let provider = Provider {
            name: provider.to_owned(),
            endpoint,
            call_timeout: std::time::Duration::from_secs(30),
            retries: crate::config::Retries::default(),
            ids: tools.ids.clone(),
        };
        let id = ModelId::new(&provider.name, model);
        let info = ModelInfo {
            id,
            prices,
            context_tokens: 32_768,
            max_output_tokens: 1_024,
            tier: Tier::default(),
            tokenizer: TokenizerKind::default(),
        };
        let first = Arc::new(Model { info, provider: Arc::new(provider) });
        let models = [&offline, &first].map(|model| (model.info.id.clone(), model.clone()));
        Self { models: Arc::new(models.into()), first, offline }
    }

    /// The model that goes by `provider/model`.
    pub(crate) fn model(&self, id: &str) -> Option<Arc<Model>> {
        self.models.get(&ModelId(id.into())).cloned()
    }

    pub(crate) fn models(&self) -> impl Iterator<Item = &Arc<Model>> {
        self.models.values()
    }

    pub(crate) fn first(&self) -> &Arc<Model> {
        &self.first
    }

    pub(crate) fn offline(&self) -> &Arc<Model> {
        &self.offline
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(config: &LlmConfig) -> String {
        let tools = Tools { clock: Clock::system(), ids: Ids::system() };
        Catalog::build(config, &tools).unwrap().first().info.id.to_string()
    }

    #[test]
    fn without_a_base_url_nothing_outside_is_asked() {
        assert_eq!(first(&LlmConfig::default()), "offline/full-text search");
    }

    #[test]
    fn the_short_keys_are_one_provider() {
        let config = LlmConfig {
            base_url: "https://api.example.com/v1".to_owned(),
            model: "meta/m".to_owned(),
            ..LlmConfig::default()
        };
        assert_eq!(first(&config), "default/meta/m");
        let tools = Tools { clock: Clock::system(), ids: Ids::system() };
        let catalog = Catalog::build(&config, &tools).unwrap();
        let model = catalog.model("default/meta/m").unwrap();
        assert_eq!((model.info.id.provider(), model.info.id.name()), ("default", "meta/m"));
        assert!(catalog.model("default/other").is_none());
    }
}
