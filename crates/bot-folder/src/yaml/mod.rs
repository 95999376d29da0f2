//! YAML with every value's place kept, and values made from it that report all mistakes at once.

mod advice;
mod choose;
mod de;
mod node;
mod path;
pub(crate) mod recover;

pub(crate) use de::{Decoded, decode};
pub(crate) use node::{At, Node, parse};
pub(crate) use path::{Part, Path};
