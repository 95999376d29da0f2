use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Localized, Say};

/// What is said where a person chooses which model answers them. Needed where the menu has the action `model`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ModelTexts {
    /// Offers the models; a button for each is added. `{model}` is the one that answers now.
    pub choose: Say,
    /// From now on `{model}` answers.
    pub set: Say,
    /// From now on whichever suits the question answers, as before there was a choice.
    pub unset: Say,
    /// There is no such model; `{models}` are those that there are, a line each. A button for each is added.
    pub unknown: Say,
    /// On the button that takes the choice back, and in the place of `{model}` where there is none.
    pub auto: Localized,
}
