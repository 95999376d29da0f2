//! Every provider and model there is.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use ids::{Clock, Ids};

use super::{Model, ModelId, ModelInfo, Provider, kinds, offline};
#[cfg(test)]
use crate::config::Tier;
use crate::config::{Kind, LlmConfig, ProviderConfig, Terms};
use crate::error::LlmError;

/// What providers are built with.
#[derive(Clone, Debug)]
pub(crate) struct Tools {
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
}

/// After so long a provider whose models could not be listed is asked again.
const AGAIN: Duration = Duration::from_secs(3 * 60);

type Models = BTreeMap<ModelId, Arc<Model>>;

/// Who can be asked, by `provider/model`.
#[derive(Clone)]
pub(crate) struct Catalog {
    /// Discovered models come to those of the settings.
    models: Arc<RwLock<Models>>,
    providers: Arc<[Configured]>,
    /// Who is asked where nothing else is said.
    first: Arc<Model>,
    /// The model that asks nobody outside.
    offline: Arc<Model>,
}

/// A provider, and what holds for models that it lists and the settings do not.
struct Configured {
    provider: Arc<Provider>,
    listed: Option<Terms>,
}

impl Catalog {
    pub(crate) fn build(config: &LlmConfig, tools: &Tools) -> Result<Self, LlmError> {
        let offline = Arc::new(offline::model(tools));
        let mut models = Models::from([(offline.info.id.clone(), offline.clone())]);
        let (mut providers, mut first) = (Vec::new(), None);
        for (name, config) in config.all_providers()? {
            let endpoints = kinds::endpoints(&config, tools)?;
            let provider = Arc::new(Provider::new(name, &config, endpoints, tools.ids.clone()));
            for model in named(&config) {
                let info = ModelInfo::new(name, model.0, model.1);
                let model = Arc::new(Model { info, provider: provider.clone() });
                first.get_or_insert_with(|| model.clone());
                models.insert(model.info.id.clone(), model);
            }
            providers.push(Configured { provider, listed: config.discover.then(|| config.listed.terms()) });
        }
        Ok(Self {
            models: Arc::new(RwLock::new(models)),
            providers: providers.into(),
            first: first.unwrap_or_else(|| offline.clone()),
            offline,
        })
    }

    /// A catalogue of one model that is asked first, and `offline`.
    #[cfg(test)]
    pub(crate) fn scripted(
        config: &ProviderConfig,
        endpoints: Vec<Box<dyn super::Endpoint>>,
        tools: &Tools,
    ) -> Self {
        let offline = Arc::new(offline::model(tools));
        let provider = Arc::new(Provider::new("scripted", config, endpoints, tools.ids.clone()));
        let terms = config.models.first().map_or_else(Terms::default, |model| model.terms());
        let first =
            Arc::new(Model { info: ModelInfo::new("scripted", "m", terms), provider: provider.clone() });
        let models = [&offline, &first].map(|model| (model.info.id.clone(), model.clone()));
        let providers = [Configured { provider, listed: None }].into();
        Self { models: Arc::new(RwLock::new(models.into())), providers, first, offline }
    }

    /// A catalogue of models of these tiers, each the only one (`m`) of its provider, and `offline`.
    #[cfg(test)]
    pub(crate) fn scripted_tiers(models: Vec<(&str, Tier, Box<dyn super::Endpoint>)>, tools: &Tools) -> Self {
        let offline = Arc::new(offline::model(tools));
        let mut all = Models::from([(offline.info.id.clone(), offline.clone())]);
        let config = ProviderConfig::default();
        for (name, tier, endpoint) in models {
            let provider = Arc::new(Provider::new(name, &config, vec![endpoint], tools.ids.clone()));
            let info = ModelInfo::new(name, "m", Terms { tier, ..Terms::default() });
            all.insert(info.id.clone(), Arc::new(Model { info, provider }));
        }
        Self {
            models: Arc::new(RwLock::new(all)),
            providers: Arc::default(),
            first: offline.clone(),
            offline,
        }
    }

    /// The model that goes by `provider/model`.
    pub(crate) fn model(&self, id: &str) -> Option<Arc<Model>> {
        self.models.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// All of them, by name.
    pub(crate) fn models(&self) -> Vec<Arc<Model>> {
        self.models.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    pub(crate) fn providers(&self) -> impl Iterator<Item = &Arc<Provider>> {
        self.providers.iter().map(|configured| &configured.provider)
    }

    pub(crate) fn first(&self) -> &Arc<Model> {
        &self.first
    }

    pub(crate) fn offline(&self) -> &Arc<Model> {
        &self.offline
    }

    /// Takes up what providers list, and asks again for as long as one of them can not be asked.
    pub(crate) async fn discover_all(&self) {
        while !self.discover().await {
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Takes up the models that providers list and the settings do not, where that is wanted. A provider that
    /// can not be asked adds none. Whether all could be asked.
    pub(crate) async fn discover(&self) -> bool {
        let mut are_all_listed = true;
        for Configured { provider, listed } in self.providers.iter() {
            let Some(terms) = listed else { continue };
            match provider.listed().await {
                Ok(models) => {
                    let mut known = self.models.write().unwrap_or_else(PoisonError::into_inner);
                    for listed in models {
                        let context_tokens = listed.context_tokens.unwrap_or(terms.context_tokens);
                        let terms = Terms { context_tokens, ..*terms };
                        let info = ModelInfo::new(provider.name(), &listed.name, terms);
                        let model = Model { info, provider: provider.clone() };
                        known.entry(model.info.id.clone()).or_insert_with(|| Arc::new(model));
                    }
                }
                Err(problem) => {
                    let error = classify::chain(&problem);
                    tracing::warn!(provider = provider.name(), %error, "its models could not be listed");
                    are_all_listed = false;
                }
            }
        }
        are_all_listed
    }
}

/// The models of the settings.
fn named(config: &ProviderConfig) -> Vec<(&str, Terms)> {
    if config.kind == Kind::Offline {
        return vec![(offline::MODEL, offline::TERMS)];
    }
    config.models.iter().map(|model| (model.name.trim(), model.terms())).collect()
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalog").field("first", &self.first.info.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog(text: &str) -> Catalog {
        let tools = Tools { clock: Clock::system(), ids: Ids::system() };
        Catalog::build(&toml::from_str(text).unwrap(), &tools).unwrap()
    }

    #[test]
    fn without_a_provider_nothing_outside_is_asked() {
        assert_eq!(catalog("").first().info.id.as_str(), "offline/full-text search");
    }

    #[test]
    fn the_short_keys_are_one_provider_and_come_first() {
        let catalog = catalog(
            "base_url = \"https://api.example.com/v1\"\nmodel = \"meta/m\"\nmax_tokens = 77\n\
             [providers.a]\nkind = \"anthropic\"\n[[providers.a.models]]\nname = \"c\"\n",
        );
        assert_eq!(catalog.first().info.id.as_str(), "default/meta/m");
        let model = catalog.model("default/meta/m").unwrap();
        assert_eq!((model.info.id.provider(), model.info.id.name()), ("default", "meta/m"));
        assert_eq!(model.info.max_output_tokens, 77);
        assert_eq!(catalog.model("a/c").unwrap().provider.name(), "a");
        assert!(catalog.model("a/other").is_none() && catalog.model("").is_none());
        assert_eq!(catalog.models().len(), 3);
    }
}
