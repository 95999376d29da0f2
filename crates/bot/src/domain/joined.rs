//! Two states of one talk: a group was heard of under its new number before it was known that it is the same group.

use super::{ConversationState, FlowRun, Seat};

/// Questions to models that are carried over.
const MOST_PENDING: usize = 16;

impl ConversationState {
    /// The chat counts its messages anew from here on: no number of before is that of a message any more.
    pub(crate) fn forget_numbers(&mut self) {
        for part in self.pending.iter_mut().flat_map(|asked| &mut asked.parts) {
            part.message_id = 0;
        }
        self.turns.newest = 0;
        self.turns.answered = None;
        let others = self.seats.iter_mut().flat_map(Seat::runs_mut);
        for run in self.flow.iter_mut().chain(&mut self.paused).chain(&mut self.below).chain(others) {
            for given in &mut run.answers {
                given.message_id = 0;
            }
        }
    }

    /// Goes on with this state, the older one, joined by what is new in the other.
    pub(crate) fn join(&mut self, mut newer: Self) {
        if !self.started() {
            *self = newer;
            return;
        }
        if self.seated != 0 || newer.seated != 0 {
            newer.rise();
            self.rise();
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
        // Edits are of messages of the new chat.
        self.turns.newest = newer.turns.newest;
        self.turns.answered = newer.turns.answered;
        for question in newer.turns.superseded {
            self.turns.supersede(question);
        }
        self.told.join(newer.told);
        self.guard.join(newer.guard);
        self.model = newer.model.or(self.model.take());
        self.topic = newer.topic.or(self.topic.take());
        self.start_payload = self.start_payload.take().or(newer.start_payload);
        self.quota_told_ms = self.quota_told_ms.max(newer.quota_told_ms);
        let mut seats = newer.seats;
        if self.runs().next().is_some() {
            // Buttons of the two could be mistaken for each other.
            for run in seats.iter_mut().flat_map(Seat::runs_mut) {
                self.prompts = self.prompts.wrapping_add(1);
                (run.prompt, run.serial) = (self.prompts, self.prompts);
            }
        }
        self.join_seats(seats);
        if self.flow.is_none() && self.paused.is_none() && self.below.is_empty() {
            (self.flow, self.paused, self.below) = (newer.flow, newer.paused, newer.below);
            self.resume_offered = newer.resume_offered;
            return;
        }
        for run in newer.below.into_iter().chain(newer.paused).chain(newer.flow) {
            // Buttons of the two could be mistaken for each other.
            self.prompts = self.prompts.wrapping_add(1);
            self.push_paused(FlowRun { prompt: self.prompts, serial: self.prompts, ..run });
            self.resume_offered = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use ids::Pii;

    use crate::domain::tests::script::{anna, engine, input};
    use crate::domain::{ConversationState, Effect, FlowRun, What};

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

    #[test]
    fn an_edit_in_the_new_chat_is_not_of_a_message_of_the_old_one() {
        let step = |state: ConversationState, what: What| {
            let mut input = input(what, anna("en"), 1_700_000_000_000, 1);
            input.message.id = 12;
            engine().step(state, &input)
        };
        let said = |text: &str| What::Text(Pii::new(text.to_owned()));
        let edited = || What::Edited(Pii::new("/services".to_owned()));
        let is_ignored = |step: &crate::domain::Step| {
            step.effects.iter().all(|effect| matches!(effect, Effect::Ignore { .. }))
        };
        let before = step(step(ConversationState::default(), said("hello")).state, said("/help")).state;
        assert!(!is_ignored(&step(before.clone(), edited())), "#12 is answered anew where it is the same");
        let mut moved = before.clone();
        moved.forget_numbers();
        assert!(is_ignored(&step(moved.clone(), edited())));
        // What was said in the new chat before the move was known can be edited.
        moved.join(before);
        assert!(!is_ignored(&step(moved, edited())));
    }

    #[test]
    fn every_flow_that_was_left_in_the_younger_talk_can_be_gone_on_with() {
        let mut older = after(&["/project", "/services"]);
        let left = older.paused.clone().unwrap();
        let mut newer = after(&["/human"]);
        let open = newer.flow.clone().unwrap();
        for number in 0..9 {
            newer.below.push(FlowRun { flow: format!("other{number}"), ..left.clone() });
        }
        newer.start_payload = Some("ad".to_owned());
        older.join(newer);
        let runs: Vec<&str> = older.runs().map(|run| run.flow.as_str()).collect();
        assert_eq!(runs, [open.flow.as_str(), "other6", "other7", "other8"], "few, and the newest on top");
        let mut serials: Vec<u32> = older.runs().map(|run| run.serial).collect();
        serials.sort_unstable();
        serials.dedup();
        assert_eq!((serials.len(), older.start_payload.as_deref()), (4, Some("ad")));

        let mut older = after(&["/project", "/services"]);
        older.join(after(&["/human"]));
        let runs: Vec<&str> = older.runs().map(|run| run.flow.as_str()).collect();
        assert_eq!(runs, [open.flow.as_str(), left.flow.as_str()], "what was left before is not lost");
    }

    #[test]
    fn what_was_told_is_joined_and_the_stricter_treatment_wins() {
        let mut older = after(&["/help"]);
        older.told.email = Some(Pii::new("old@example.com".to_owned()));
        let guards = |standing: &str| {
            let people = format!(r#"{{"people": [[7, {{"standing": {standing}, "strikes": 1}}]]}}"#);
            serde_json::from_str::<crate::domain::Guards>(&people).unwrap()
        };
        let banned = guards(r#"{"banned": {"why": "flood"}}"#);
        let held = guards(r#"{"held": {"until_ms": 9, "why": "keyword"}}"#);
        for (before, later) in [(&banned, &held), (&held, &banned)] {
            older.guard = before.clone();
            let mut newer = after(&["/help"]);
            newer.guard = later.clone();
            newer.told.phone = Some(Pii::new("+15550100".to_owned()));
            older.join(newer);
            assert_eq!(older.guard, banned);
        }
        let told = (older.told.email.map(Pii::into_inner), older.told.phone.map(Pii::into_inner));
        assert_eq!(told, (Some("old@example.com".to_owned()), Some("+15550100".to_owned())));
    }
}
