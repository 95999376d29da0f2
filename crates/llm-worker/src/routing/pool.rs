//! The models of one step, in the order in which they are tried.

use std::sync::Arc;

use super::RoutingConfig;
use crate::providers::{Catalog, Model, Tier};

/// A step of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    Tier(Tier),
    Model(&'a str),
}

impl<'a> Step<'a> {
    pub(super) fn read(word: &'a str) -> Option<Self> {
        match word {
            "small" => Some(Self::Tier(Tier::Small)),
            "medium" => Some(Self::Tier(Tier::Medium)),
            "large" => Some(Self::Tier(Tier::Large)),
            _ => word
                .split_once('/')
                .filter(|(provider, model)| !provider.is_empty() && !model.is_empty())
                .map(|_| Self::Model(word)),
        }
    }
}

/// The model of this step, or none that there is. Of a tier's models one is drawn by weight (`draw` in `[0, 1)`);
/// those that are not well are drawn from only where no other is.
pub(super) fn pick(
    catalog: &Catalog,
    config: &RoutingConfig,
    step: Step<'_>,
    draw: f64,
) -> Option<Arc<Model>> {
    let tier = match step {
        Step::Model(id) => return catalog.model(id),
        Step::Tier(tier) => tier,
    };
    let weight = |model: &Model| config.weights.get(model.info.id.as_str()).copied().unwrap_or(1);
    let offline = &catalog.offline().info.id;
    let of_tier =
        |model: &&Arc<Model>| model.info.tier == tier && model.info.id != *offline && weight(model) > 0;
    let models = catalog.models();
    let all: Vec<&Arc<Model>> = models.iter().filter(of_tier).collect();
    let well: Vec<&Arc<Model>> = all.iter().copied().filter(|model| model.is_well()).collect();
    let drawn_from = if well.is_empty() { all } else { well };
    let total: u64 = drawn_from.iter().map(|model| u64::from(weight(model))).sum();
    let mut left = draw.clamp(0.0, 1.0) * total as f64;
    let last = drawn_from.last().copied();
    let drawn = drawn_from.into_iter().find(|model| {
        left -= f64::from(weight(model));
        left < 0.0
    });
    drawn.or(last).cloned()
}
