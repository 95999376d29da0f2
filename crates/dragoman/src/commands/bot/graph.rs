use std::path::Path;

use anyhow::{Result, bail};
use bot_folder::{BotFolder, mermaid};

use crate::commands::print;

/// A page of Markdown with a diagram for each flow.
pub(super) fn graph(folder: &Path, only: Option<&str>, lang: Option<&str>) -> Result<()> {
    let bot = BotFolder::load(folder)?;
    let lang = match lang {
        Some(lang) => lang.parse()?,
        None => bot.bot.default_language,
    };
    if !bot.bot.languages.contains(&lang) {
        bail!("{} does not speak {lang}", bot.name());
    }
    let flows: Vec<_> = bot.flows.iter().filter(|flow| only.is_none_or(|only| flow.id == only)).collect();
    if flows.is_empty() {
        let known: Vec<&str> = bot.flows.iter().map(|flow| flow.id.as_str()).collect();
        bail!("{} has no such flow; it has: {}", bot.name(), known.join(", "));
    }
    let diagrams = flows
        .iter()
        .map(|flow| format!("## {}\n\n```mermaid\n{}```\n", flow.title.get(lang), mermaid(flow, lang)));
    print(diagrams.collect::<Vec<_>>().join("\n").trim_end())
}
