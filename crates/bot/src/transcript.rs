//! Conversations as they were held, for an operator who reads them afterwards.

pub use crate::store::transcript::{Line, Talk, find, lines, newest};
