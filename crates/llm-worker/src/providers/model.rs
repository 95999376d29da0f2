//! One model: what it is called, what it can and costs, and who is asked for it.

use std::fmt;
use std::sync::Arc;

use tokio::time::Instant;

use super::error::Told;
use super::{Call, Opened, Provider, ProviderError};
use crate::config::{Prices, Terms, Tier, TokenizerKind};
use crate::domain::context::kind_of;

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

    /// The name its provider is configured by.
    pub(crate) fn provider(&self) -> &str {
        self.0.split_once('/').map_or("", |(provider, _)| provider)
    }

    /// The model's name as its provider spells it.
    pub(crate) fn name(&self) -> &str {
        self.0.split_once('/').map_or(&*self.0, |(_, model)| model)
    }
}

impl std::borrow::Borrow<str> for ModelId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
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
    pub(crate) takes_temperature: bool,
}

impl ModelInfo {
    pub(super) fn new(provider: &str, name: &str, terms: Terms) -> Self {
        Self {
            id: ModelId::new(provider, name),
            prices: terms.prices,
            context_tokens: terms.context_tokens,
            max_output_tokens: terms.max_output_tokens,
            tier: terms.tier,
            tokenizer: terms.tokenizer.unwrap_or_else(|| kind_of(name)),
            takes_temperature: terms.takes_temperature,
        }
    }
}

/// A model that can be asked.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) info: ModelInfo,
    pub(crate) provider: Arc<Provider>,
}

impl Model {
    /// Whether its provider answers, as far as is known.
    pub(crate) fn is_well(&self) -> bool {
        self.provider.is_well()
    }

    /// Asks it, within its limits. What may work a moment later is repeated, as long as nothing has come back.
    pub(crate) async fn open(&self, call: &Call, deadline: Instant) -> Result<Opened, ProviderError> {
        self.open_told(call, deadline, &|_| ()).await
    }

    /// The same, and `told` hears of each call before it is made, and when one is given up.
    pub(crate) async fn open_told(
        &self,
        call: &Call,
        deadline: Instant,
        told: Told<'_>,
    ) -> Result<Opened, ProviderError> {
        let is_within = call.max_tokens <= self.info.max_output_tokens;
        let may_be_warm = self.info.takes_temperature || call.temperature.is_none();
        if is_within && may_be_warm {
            return self.provider.open(&self.info, call, deadline, told).await;
        }
        let mut call = call.clone();
        call.max_tokens = call.max_tokens.min(self.info.max_output_tokens);
        call.temperature = call.temperature.filter(|_| self.info.takes_temperature);
        self.provider.open(&self.info, &call, deadline, told).await
    }
}
