//! In a group each person has a seat of their own: the flow they are in, the answers they were offered, the language they
//! speak. Whoever acts takes theirs, and the one before goes back to theirs, so that nobody answers what somebody else
//! was asked.

use bot_folder::Lang;
use ids::Pii;
use serde::{Deserialize, Serialize};

use super::state::Topic;
use super::{ConversationState, FlowRun};

/// People who are remembered at once. Who has nothing under way is forgotten first, then who was silent the longest.
const MOST: usize = 24;

/// What is one person's own, while another one speaks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seat {
    /// Telegram's number of the person.
    pub person: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    lang: Option<Lang>,
    #[serde(skip_serializing_if = "is_false")]
    lang_chosen: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    flow: Option<FlowRun>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paused: Option<FlowRun>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    below: Vec<FlowRun>,
    #[serde(skip_serializing_if = "is_false")]
    resume_offered: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<Topic>,
    #[serde(skip_serializing_if = "is_zero")]
    offers: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    unclear: Option<Pii<String>>,
}

impl Seat {
    /// Every flow that the person is in or can come back to.
    pub fn runs(&self) -> impl Iterator<Item = &FlowRun> {
        self.flow.iter().chain(&self.paused).chain(&self.below)
    }

    pub(super) fn runs_mut(&mut self) -> impl Iterator<Item = &mut FlowRun> {
        self.flow.iter_mut().chain(&mut self.paused).chain(&mut self.below)
    }

    pub(super) fn forget_runs(&mut self, lives: impl Fn(&FlowRun) -> bool) {
        self.flow = self.flow.take().filter(&lives);
        self.below.retain(&lives);
        self.paused = self.paused.take().filter(&lives).or_else(|| self.below.pop());
    }
}

impl ConversationState {
    /// Seats this person (0: nobody), whose own is in the fields of the state from now on. The language that they spoke
    /// last, if they are known.
    pub(super) fn seat(&mut self, person: i64) -> Option<Lang> {
        if self.seated == person && person != 0 {
            return self.lang;
        }
        self.rise();
        let number = self.seats.iter().position(|seat| seat.person == person)?;
        let seat = self.seats.remove(number);
        self.seated = person;
        self.lang_chosen = seat.lang_chosen;
        (self.flow, self.paused, self.below) = (seat.flow, seat.paused, seat.below);
        self.resume_offered = seat.resume_offered;
        (self.topic, self.offers, self.unclear) = (seat.topic, seat.offers, seat.unclear);
        seat.lang
    }

    /// Everybody is at their own seat, and nobody's own is in the fields of the state. What nobody is known to have begun
    /// is forgotten.
    pub(super) fn rise(&mut self) {
        let seat = Seat {
            person: std::mem::take(&mut self.seated),
            lang: self.lang,
            lang_chosen: std::mem::take(&mut self.lang_chosen),
            flow: self.flow.take(),
            paused: self.paused.take(),
            below: std::mem::take(&mut self.below),
            resume_offered: std::mem::take(&mut self.resume_offered),
            topic: self.topic.take(),
            offers: std::mem::take(&mut self.offers),
            unclear: self.unclear.take(),
        };
        if seat.person != 0 {
            self.keep_seat(seat);
        }
    }

    fn keep_seat(&mut self, seat: Seat) {
        self.seats.push(seat);
        if self.seats.len() > MOST {
            let idle = self.seats.iter().position(|seat| seat.runs().next().is_none());
            self.seats.remove(idle.unwrap_or(0));
        }
    }

    /// Takes over the seats of a newer talk. Who was in a flow in both goes on with the older one.
    pub(super) fn join_seats(&mut self, newer: Vec<Seat>) {
        for seat in newer {
            match self.seats.iter_mut().find(|known| known.person == seat.person) {
                Some(known) if known.runs().next().is_some() => {
                    (known.lang, known.lang_chosen) = (seat.lang, seat.lang_chosen);
                }
                Some(known) => *known = seat,
                None => self.keep_seat(seat),
            }
        }
    }

    /// Whether this was asked of somebody who is not seated.
    pub(super) fn is_others(&self, prompt: u32) -> bool {
        self.seats.iter().flat_map(Seat::runs).any(|run| run.prompt == prompt)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_zero(value: &u32) -> bool {
    *value == 0
}
