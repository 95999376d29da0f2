//! Rehearses: what the bot would make of its own phrases if it had never heard them.

use bot_folder::BotFolder;

use super::find::{Candidate, without_greeting};
use super::index::{Index, phrases_of};
use super::lexicon::Term;
use crate::domain::words::words;

impl Index {
    /// What each phrase would be taken for if the index did not have it: how an unheard question of its kind fares. Each
    /// with the number of what it means.
    pub(crate) fn rehearse<'a>(
        &'a self,
        folder: &'a BotFolder,
    ) -> impl Iterator<Item = (usize, Vec<Candidate>)> + 'a {
        let phrases = phrases_of(folder).enumerate().filter(|(_, (.., keyword))| !keyword);
        phrases.map(|(phrase, (meaning, text, _))| {
            let without = u32::try_from(phrase).ok();
            (meaning, self.candidates(without_greeting(&words(text)), text, without).candidates)
        })
    }

    /// Whether an entry has a term from this phrase alone.
    pub(super) fn forgets(&self, term: Term, entry: u32, without: Option<u32>) -> bool {
        let Some(without) = without.filter(|without| self.phrases[*without as usize].entry == entry) else {
            return false;
        };
        let mut phrases = self.in_phrases[term as usize].iter();
        let mut of_entry =
            phrases.by_ref().filter(|(phrase, _)| self.phrases[*phrase as usize].entry == entry);
        of_entry.next().is_some_and(|(phrase, _)| *phrase == without) && of_entry.next().is_none()
    }
}
