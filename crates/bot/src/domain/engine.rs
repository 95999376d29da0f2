//! The engine: one bot's folder with what is prepared from it once.

use std::sync::Arc;

use bot_folder::{Action, BotFolder, Calibration};

use super::entity::Stack;
use super::faq::{Index, KINDS};
use super::flow::Choices;
use super::guard::Keywords;
use super::inline::Articles;
use super::turn::Turn;
use super::words::Orders;
use super::{ConversationState, Input, Step};

/// What is none of ours, in [`Engine::rehearse`].
pub(crate) const NOTHING: &str = "nothing";

/// What [`Engine::guesses`] calls the wish for a human.
pub const HUMAN: &str = "a human";

/// Steps the conversations of one bot. Cheap to share, built once per version of a folder.
#[derive(Debug)]
pub struct Engine {
    folder: Arc<BotFolder>,
    pub(super) index: Index,
    pub(super) choices: Choices,
    pub(super) orders: Orders,
    pub(super) stack: Stack,
    pub(super) articles: Articles,
    pub(super) keywords: Keywords,
}

impl Engine {
    #[must_use]
    pub fn new(folder: Arc<BotFolder>) -> Self {
        let index = Index::new(&folder);
        let choices = Choices::new(&folder);
        let articles = Articles::new(&folder);
        let orders = Orders::new(&folder);
        let stack = Stack::new(&folder.bot.stack);
        let keywords = Keywords::new(&folder);
        Self { folder, index, choices, articles, orders, stack, keywords }
    }

    #[must_use]
    pub fn folder(&self) -> &Arc<BotFolder> {
        &self.folder
    }

    /// The entries of the FAQ that a text may ask for and how sure each is, the surest first. [`HUMAN`] may be among them.
    #[must_use]
    pub fn guesses(&self, text: &str) -> Vec<(String, f32)> {
        self.index.find(text).candidates.iter().map(|one| (self.meaning(one.entry), one.confidence)).collect()
    }

    /// The same entries with the evidence for each.
    pub(crate) fn evidence(&self, text: &str) -> Vec<(String, [f32; KINDS])> {
        self.index.find(text).candidates.iter().map(|one| (self.meaning(one.entry), one.evidence.0)).collect()
    }

    /// Every phrase of the FAQ as if it had never been heard: what it means ([`NOTHING`] where it is none of ours), and
    /// the evidence for what it would be taken for.
    pub(crate) fn rehearse(&self) -> impl Iterator<Item = (String, Vec<(String, [f32; KINDS])>)> + '_ {
        self.index.rehearse(&self.folder).map(|(meaning, candidates)| {
            let evidence = candidates.iter().map(|one| (self.meaning(one.entry), one.evidence.0)).collect();
            (self.meaning(meaning), evidence)
        })
    }

    fn meaning(&self, number: usize) -> String {
        let other = if number == self.index.human() { HUMAN } else { NOTHING };
        self.folder.faq.entries.get(number).map_or(other, |entry| entry.id.as_str()).to_owned()
    }

    /// Whether what `guesses` names brings a human: one is called, or the entry's answer offers one.
    #[must_use]
    pub fn calls_human(&self, meaning: &str) -> bool {
        meaning == HUMAN
            || self.folder.faq_entry(meaning).is_some_and(|entry| {
                entry.buttons.iter().flatten().any(|button| button.action == Some(Action::Human))
            })
    }

    /// The same engine with another calibration than the folder's.
    #[must_use]
    pub fn calibrated(mut self, calibration: &Calibration) -> Self {
        self.index.set_calibration(calibration);
        self
    }

    /// What happens to a conversation in this state when this comes in. Total: every input is answered
    /// or ignored for a stated reason, so `effects` is never empty.
    #[must_use]
    pub fn step(&self, state: ConversationState, input: &Input) -> Step {
        Turn::new(self, state, input).run()
    }
}
