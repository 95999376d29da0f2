//! The outside world: the models that can be asked, and how each is asked.

mod anthropic;
mod breaker;
mod call;
mod catalog;
mod error;
mod failure;
mod http;
mod keys;
mod kinds;
mod model;
mod offline;
mod openai;
mod provider;
mod reading;
mod sse;
mod watched;

#[cfg(test)]
mod conformance;

pub(crate) use crate::config::{Tier, TokenizerKind};
pub(crate) use call::{
    AnswerSchema, By, Call, Endpoint, Finish, Listed, Message, Piece, Pieces, ToolCall, ToolChoice, ToolSpec,
};
pub(crate) use catalog::{Catalog, Tools};
pub(crate) use error::{Problem, ProviderError, Tries};
pub(crate) use model::{Model, ModelId, ModelInfo};
pub(crate) use offline::NAME as OFFLINE;
#[cfg(test)]
pub(crate) use offline::silent;
pub(crate) use provider::{Opened, Provider};
