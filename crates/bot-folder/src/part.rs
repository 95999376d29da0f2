//! The kinds of YAML files in a bot's folder, each with the JSON Schema by which editors complete it.

use schemars::{Schema, schema_for};

use crate::{Bot, Experiments, Faq, Flow, LabelledSet, Menu, ModelCases, Scenarios};

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `bot.yml`
    Bot,
    /// `menu.yml`
    Menu,
    /// `faq.yml`
    Faq,
    /// `flows/*.yml`
    Flow,
    /// `scenarios/*.yml`
    Scenarios,
    /// `eval/*.yml`
    Eval,
    /// `eval/model/*.yml`
    ModelCases,
    /// `experiments.yml`
    Experiments,
}

impl Part {
    pub const ALL: [Self; 8] = [
        Self::Bot,
        Self::Menu,
        Self::Faq,
        Self::Flow,
        Self::Scenarios,
        Self::Eval,
        Self::ModelCases,
        Self::Experiments,
    ];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bot => "bot",
            Self::Menu => "menu",
            Self::Faq => "faq",
            Self::Flow => "flow",
            Self::Scenarios => "scenarios",
            Self::Eval => "eval",
            Self::ModelCases => "model_cases",
            Self::Experiments => "experiments",
        }
    }

    /// What a file of this kind may hold. What the files mean together only [`crate::BotFolder::load`] can check.
    #[must_use]
    pub fn schema(self) -> Schema {
        match self {
            Self::Bot => schema_for!(Bot),
            Self::Menu => schema_for!(Menu),
            Self::Faq => schema_for!(Faq),
            Self::Flow => schema_for!(Flow),
            Self::Scenarios => schema_for!(Scenarios),
            Self::Eval => schema_for!(LabelledSet),
            Self::ModelCases => schema_for!(ModelCases),
            Self::Experiments => schema_for!(Experiments),
        }
    }
}
