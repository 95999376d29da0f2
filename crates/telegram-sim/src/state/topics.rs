//! A topic of a forum, or of a private chat in topic mode.

use serde::Serialize;

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Topic {
    /// The id of the message that created it; also its thread id.
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) icon_color: i64,
    pub(crate) closed: bool,
}

impl Topic {
    pub(crate) const DEFAULT_COLOR: i64 = 7_322_096;
}
