//! The engine: one bot's folder with what is prepared from it once.

use std::sync::Arc;

use bot_folder::BotFolder;

use super::entity::Stack;
use super::faq::Index;
use super::flow::Choices;
use super::inline::Articles;
use super::turn::Turn;
use super::words::Orders;
use super::{ConversationState, Input, Step};

/// Steps the conversations of one bot. Cheap to share, built once per version of a folder.
#[derive(Debug)]
pub struct Engine {
    folder: Arc<BotFolder>,
    pub(super) index: Index,
    pub(super) choices: Choices,
    pub(super) orders: Orders,
    pub(super) stack: Stack,
    pub(super) articles: Articles,
}

impl Engine {
    #[must_use]
    pub fn new(folder: Arc<BotFolder>) -> Self {
        let index = Index::new(&folder);
        let choices = Choices::new(&folder);
        let articles = Articles::new(&folder);
        let orders = Orders::new(&folder);
        let stack = Stack::new(&folder.bot.stack);
        Self { folder, index, choices, articles, orders, stack }
    }

    #[must_use]
    pub fn folder(&self) -> &Arc<BotFolder> {
        &self.folder
    }

    /// What happens to a conversation in this state when this comes in. Total: every input is answered
    /// or ignored for a stated reason, so `effects` is never empty.
    #[must_use]
    pub fn step(&self, state: ConversationState, input: &Input) -> Step {
        Turn::new(self, state, input).run()
    }
}
