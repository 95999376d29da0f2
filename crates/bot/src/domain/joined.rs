//! Two states of one talk: a group was heard of under its new number before it was known that it is the same group.

use super::{ConversationState, FlowRun};

/// Questions to models that are carried over.
const MOST_PENDING: usize = 16;

impl ConversationState {
    /// Goes on with this state, the older one, joined by what is new in the other.
    pub(crate) fn join(&mut self, newer: Self) {
        if !self.started() {
            *self = newer;
            return;
        }
        // Older buttons stay known, and no later one is taken for one of them.
        self.prompts = self.prompts.max(newer.prompts);
        self.pending.extend(newer.pending);
        let spare = self.pending.len().saturating_sub(MOST_PENDING);
        self.pending.drain(..spare);
        for file in newer.files {
            if self.files.iter().all(|known| known.id != file.id) {
                self.files.push(file);
            }
        }
        if self.runs().next().is_none() {
            (self.flow, self.paused, self.below) = (newer.flow, newer.paused, newer.below);
            self.resume_offered = newer.resume_offered;
        } else if let (None, Some(run)) = (&self.paused, newer.flow) {
            // Buttons and reminders of the two could be mistaken for each other.
            self.prompts = self.prompts.wrapping_add(1);
            self.paused = Some(FlowRun { prompt: self.prompts, serial: self.prompts, ..run });
        }
    }
}

#[cfg(test)]
mod tests {
    use ids::Pii;

    use crate::domain::tests::script::{anna, engine, input};
    use crate::domain::{ConversationState, What};

    fn after(texts: &[&str]) -> ConversationState {
        texts.iter().fold(ConversationState::default(), |state, text| {
            let what = What::Text(Pii::new((*text).to_owned()));
            engine().step(state, &input(what, anna("en"), 1_700_000_000_000, 1)).state
        })
    }

    #[test]
    fn what_was_begun_before_goes_on_and_what_is_new_waits_below_it() {
        let older = after(&["/project"]);
        let begun = older.flow.clone().unwrap();
        let mut joined = older.clone();
        joined.join(after(&["/help"]));
        assert_eq!(joined.flow, Some(begun.clone()));
        let mut joined = after(&["/help"]);
        joined.join(older.clone());
        assert_eq!(joined.flow, Some(begun.clone()), "nothing else was under way");
        let mut joined = older;
        joined.join(after(&["/project"]));
        assert_eq!(joined.flow, Some(begun.clone()));
        let waits = joined.paused.unwrap();
        assert!(waits.prompt > begun.prompt && waits.serial > begun.serial, "{waits:?}");
        let mut joined = ConversationState::default();
        joined.join(after(&["/project"]));
        assert_eq!(joined.flow, Some(begun));
    }
}
