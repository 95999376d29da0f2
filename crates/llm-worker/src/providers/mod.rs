//! The outside world: the models that can be asked, and how each is asked.

mod call;
mod catalog;
mod error;
mod offline;
mod openai_compatible;
mod provider;

pub(crate) use call::{
    By, Call, Endpoint, Finish, Listed, Message, Piece, Pieces, ToolCall, ToolChoice, ToolSpec,
};
pub(crate) use catalog::{Catalog, Model, ModelId, ModelInfo, Tier, TokenizerKind, Tools};
pub(crate) use error::{Problem, ProviderError};
pub(crate) use provider::{Opened, Provider};
