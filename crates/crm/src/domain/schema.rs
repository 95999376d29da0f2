//! What can be filled in at an account: for the mapping, and for people who write one.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Schema {
    /// What the account calls itself.
    pub(crate) account: String,
    pub(crate) currency: String,
    pub(crate) deal_fields: Vec<Field>,
    pub(crate) contact_fields: Vec<Field>,
    pub(crate) pipelines: Vec<Pipeline>,
    pub(crate) people: Vec<Named>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Field {
    /// As it is sent.
    pub(crate) id: String,
    /// Another name it goes by (amoCRM's `code`); empty where it has none.
    pub(crate) code: String,
    /// For people.
    pub(crate) name: String,
    pub(crate) kind: FieldKind,
    /// Of a choice: what can be chosen.
    pub(crate) choices: Vec<Named>,
    pub(crate) required: bool,
    pub(crate) read_only: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FieldKind {
    Text,
    Number,
    Flag,
    Date,
    Choice,
    Choices,
    Link,
    /// A kind that no mapping can fill.
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pipeline {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) stages: Vec<Stage>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stage {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Whether a deal that stands there is over, and how it went.
    pub(crate) ended: Option<Ended>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ended {
    Won,
    Lost,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Named {
    pub(crate) id: String,
    pub(crate) name: String,
}
