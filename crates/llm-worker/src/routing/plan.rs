//! The models for one question, in order, and the reason.

use std::sync::Arc;

use super::pool::{Step, pick};
use super::{Mode, RoutingConfig, Signals};
use crate::providers::{Catalog, Model, Tier};

/// How models are chosen here.
#[derive(Clone, Debug)]
pub(crate) struct Routes {
    config: Arc<RoutingConfig>,
}

/// A model that somebody wants asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Wish<'a> {
    #[default]
    None,
    /// A person has chosen it with `/model`: it must be one that people may choose.
    Person(&'a str),
}

/// Who is asked for one question.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) mode: Mode,
    /// What the question takes; a chain of the settings may begin elsewhere.
    pub(crate) tier: Tier,
    /// Words for the ledger, such as `sources,short`, `chosen` or `no_such_model,talk,short`.
    pub(crate) reason: String,
    /// In the order they are asked; empty where only the bot's own words are left.
    pub(crate) models: Vec<Arc<Model>>,
}

impl Routes {
    pub(crate) fn new(config: RoutingConfig) -> Self {
        Self { config: Arc::new(config) }
    }

    pub(crate) fn config(&self) -> &RoutingConfig {
        &self.config
    }

    /// `draw` in `[0, 1)` decides among models that are as good.
    pub(crate) fn plan(&self, catalog: &Catalog, signals: &Signals, wish: Wish<'_>, draw: f64) -> Plan {
        let ((mode, why_mode), (tier, why_tier)) = (signals.mode(), signals.tier());
        let mut reason = format!("{why_mode},{why_tier}");
        let mut models = Vec::new();
        match wish {
            Wish::None => {}
            Wish::Person(id) if !self.config.choosable.iter().any(|choosable| choosable == id) => {
                reason.insert_str(0, "not_choosable,");
            }
            Wish::Person(id) => match catalog.model(id) {
                Some(model) => {
                    "chosen".clone_into(&mut reason);
                    models.push(model);
                }
                None => reason.insert_str(0, "no_such_model,"),
            },
        }
        let named = self.config.chains.get(mode.as_str());
        let steps: Vec<Step<'_>> = match named {
            Some(chain) => chain.iter().filter_map(|step| Step::read(step)).collect(),
            None => [tier, Tier::Small, Tier::Medium, Tier::Large].map(Step::Tier).into(),
        };
        // A tier without models is passed over; the larger ones come before the smaller that are left.
        let begins = |step: &Step<'_>| matches!(step, Step::Tier(other) if *other >= tier) || named.is_some();
        let (first, rest): (Vec<_>, Vec<_>) = steps.into_iter().partition(begins);
        for step in first.into_iter().chain(rest.into_iter().rev()) {
            if let Some(model) = pick(catalog, &self.config, step, draw)
                && !models.iter().any(|known: &Arc<Model>| known.info.id == model.info.id)
            {
                models.push(model);
            }
        }
        if named.is_none() {
            // Where these all fail, another of the same tier may not.
            let of_tier =
                |model: &&Arc<Model>| model.info.tier == tier && model.info.id != catalog.offline().info.id;
            for model in catalog.models().iter().filter(of_tier) {
                let weight = self.config.weights.get(model.info.id.as_str()).copied().unwrap_or(1);
                if weight > 0 && !models.iter().any(|known| known.info.id == model.info.id) {
                    models.push(model.clone());
                }
            }
        }
        models.truncate(self.config.most_models as usize);
        Plan { mode, tier, reason, models }
    }
}

#[cfg(test)]
mod tests {
    use ids::{Clock, Ids};

    use super::*;
    use crate::providers::Tools;

    const MODELS: &[(&str, Tier)] = &[
        ("small", Tier::Small),
        ("small2", Tier::Small),
        ("medium", Tier::Medium),
        ("large", Tier::Large),
        ("dear", Tier::Large),
    ];

    fn planned(settings: &str, text: &str, wish: Wish<'_>, draw: f64) -> (Vec<String>, String) {
        let tools = Tools { clock: Clock::system(), ids: Ids::system() };
        let silent = |(name, tier): &(&'static str, Tier)| (*name, *tier, crate::providers::silent());
        let catalog = Catalog::scripted_tiers(MODELS.iter().map(silent).collect(), &tools);
        let config: RoutingConfig = toml::from_str(settings).unwrap();
        config.check().unwrap();
        let plan = Routes::new(config).plan(&catalog, &Signals::of_text(text), wish, draw);
        (plan.models.iter().map(|model| model.info.id.to_string()).collect(), plan.reason)
    }

    #[test]
    fn a_question_begins_with_its_tier_and_goes_on_with_the_larger_ones() {
        let weights = "weights = { 'dear/m' = 0 }";
        let (models, reason) = planned(weights, "Hi there", Wish::None, 0.1);
        assert_eq!(
            (models, reason.as_str()),
            (vec!["small/m".into(), "medium/m".into(), "large/m".into()], "talk,short")
        );
        let (models, _) = planned(weights, "Why?! ```x```", Wish::None, 0.1);
        assert_eq!(models, ["large/m", "medium/m", "small/m"]);
        let (models, _) = planned(weights, "Hi there", Wish::None, 0.6);
        assert_eq!(models[0], "small2/m", "the two of a tier share its work");
    }

    #[test]
    fn the_settings_may_name_a_chain_of_their_own() {
        let chain = "most_models = 2\nchains = { chat = ['dear/m', 'gone/away', 'small'] }";
        assert_eq!(planned(chain, "Hi", Wish::None, 0.0).0, ["dear/m", "small/m"]);
        let refused = |settings: &str| toml::from_str::<RoutingConfig>(settings).unwrap().check().is_err();
        assert!(refused("chains = { talk = ['small'] }") && refused("chains = { chat = ['tiny'] }"));
        assert!(
            refused("chains = { chat = [] }") && refused("most_models = 0") && refused("low_confidence = 7")
        );
    }

    #[test]
    fn a_person_chooses_from_what_may_be_chosen() {
        let choosable = "choosable = ['dear/m', 'gone/away']";
        let (models, reason) = planned(choosable, "Hi", Wish::Person("dear/m"), 0.0);
        assert_eq!((models[0].as_str(), reason.as_str()), ("dear/m", "chosen"));
        let (models, reason) = planned(choosable, "Hi", Wish::Person("large/m"), 0.0);
        assert_eq!((models[0].as_str(), reason.as_str()), ("small/m", "not_choosable,talk,short"));
        assert_eq!(planned(choosable, "Hi", Wish::Person("gone/away"), 0.0).1, "no_such_model,talk,short");
    }
}
