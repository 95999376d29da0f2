//! What a question and an answer are, and the rules that hold for them. Pure: no clock, no network, no
//! database.

pub(crate) mod answer;
pub(crate) mod brief;
pub(crate) mod claims;
pub(crate) mod confidence;
pub(crate) mod context;
pub(crate) mod cost;
pub(crate) mod cover;
pub(crate) mod language;
pub(crate) mod leak;
pub(crate) mod mask;
pub(crate) mod plain_text;
pub(crate) mod prompt;
pub(crate) mod question;
pub(crate) mod reply;
pub(crate) mod stems;
