//! The bots that are shipped are whole.

use std::path::Path;

use bot_folder::{BotFolder, Lang, PromptContext};

#[test]
fn dev2production_has_no_mistake() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bots/dev2production");
    let bot = BotFolder::load(&path).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(bot.name(), "dev2production");
    assert_eq!(bot.content_hash().len(), 64);
    assert!(bot.faq.entries.len() >= 10);
    assert_eq!(bot.knowledge.len(), 8);
    assert_eq!(bot.flow("intake").map(|flow| flow.steps.len()), Some(5));
    let prompt = bot.compose(PromptContext::Base, Lang::RU, "").text;
    assert!(prompt.contains("DevBot") && prompt.contains("Русский") && !prompt.contains('{'), "{prompt}");
}
