//! What a folder's files must mean together. Each file here checks one kind of file of the folder; every
//! check goes on after a mistake.

mod bot;
mod buttons;
mod document;
mod eval;
mod faq;
mod flow;
mod hours;
mod menu;
mod model_cases;
mod models;
mod prompt;
mod report;
mod rights;
mod scenario;
mod share;
mod spam;
mod text;
mod ways;

pub(crate) use bot::bot;
pub(crate) use document::knowledge;
pub(crate) use eval::{Asked, calibration, eval};
pub(crate) use faq::faq;
pub(crate) use flow::flow;
pub(crate) use hours::leads_to;
pub(crate) use menu::menu;
pub(crate) use model_cases::{baselines, model_cases};
pub(crate) use prompt::{PromptFile, experiments, prompts};
pub(crate) use report::{File, Report};
pub(crate) use scenario::scenarios;
pub(crate) use ways::ends;

use crate::{Faq, Lang, LeadsTo, Menu};

/// What the files of one folder know of each other. A part that could not be read as a whole
/// is `None`, and nothing is said about names that may be in it.
pub(crate) struct World<'a> {
    pub(crate) name: &'a str,
    /// Empty where `bot.yml` could not be read: then translations are not checked.
    pub(crate) langs: &'a [Lang],
    pub(crate) menu: Option<&'a Menu>,
    pub(crate) faq: Option<&'a Faq>,
    pub(crate) flow_ids: &'a [String],
    /// Whether `bot.yml` has the words to ask for a currency.
    pub(crate) asks_currency: bool,
    pub(crate) leads_to: Option<&'a LeadsTo>,
}

/// Ids end up in callback data, reports and addresses.
fn is_id(text: &str, max: usize) -> bool {
    (1..=max).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
}
