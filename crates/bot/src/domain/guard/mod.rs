//! The guard at the door: how much a person may write, what looks like spam, and what follows: a warning or a
//! challenge, a pause, a ban, with appeal. What is remembered of a person is a part of the conversation's state:
//! that row is read, locked and written for every message anyway, so it costs no round trip more, holds across
//! replicas, and can not differ from what was answered.

mod act;
mod joins;
mod judge;
mod look;
mod print;
mod speak;
mod state;
#[cfg(test)]
mod tests;
mod window;

pub use judge::Change;
pub(in crate::domain) use look::Keywords;
pub use state::{Guard, Guards, Offence, Standing};

use super::turn::Turn;
use super::{ConversationState, Effect, Engine, HandoffReason, Input, Step, What};
use act::{Act, act};
use judge::{Judge, Verdict};
use state::Appeal;

/// A step about a person, to be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limited {
    /// Telegram's id; 0 for a whole group.
    pub person: i64,
    pub change: Change,
    pub why: Offence,
    /// When it ends by itself. Unix milliseconds; `None`: at once, or never.
    pub until_ms: Option<i64>,
}

impl Engine {
    /// [`Engine::step`] for what the guard lets in; total, as that is. What it holds is ignored for a stated reason,
    /// and told to the person once for each change.
    #[must_use]
    pub fn receive(&self, mut state: ConversationState, input: &Input) -> Step {
        if !state.is_understood() {
            return self.step(state, input);
        }
        match &input.what {
            What::ReminderDue { .. } | What::DealEnded(_) if !state.guard.own().standing.is_free() => {
                let effects = vec![Effect::Ignore {
                    reason: "limited: nobody is reminded or told of a deal who is not answered",
                }];
                return Step { state, effects, understood: None };
            }
            What::Joined { people } => return self.joined(state, input, people),
            What::Lifted { person } => return self.lift(state, input, *person),
            _ => {}
        }
        let Some(act) = act(self.folder(), input) else { return self.step(state, input) };
        let judge = Judge {
            spam: &self.folder().bot.spam,
            keywords: &self.keywords,
            private: input.chat.private,
            now_ms: input.now_ms,
            seed: seed(input),
        };
        let person = (!input.chat.private).then_some(input.person.user_id);
        let mut guard = state.guard.take(person);
        judge.pass_time(&mut guard);
        let forgive_ms = judge.forgive_ms();

        let limited = !guard.standing.is_free() && judge.private;
        let verdict = match act {
            Act::Always => {
                let aloud = judge.favour(&mut guard);
                state.guard.put(person, guard, input.now_ms, forgive_ms);
                return self.passed(state, input, aloud);
            }
            Act::Appeal(words) if limited => return self.appeal(state, guard, input, words),
            Act::Words(words) if limited && guard.appeal == Appeal::Asked => {
                return self.appeal(state, guard, input, Some(words));
            }
            Act::Challenge { serial, place } => match guard.standing {
                Standing::Suspect { right, why, .. } if serial == guard.challenges => {
                    let change = judge.answer(&mut guard, place == right);
                    return self.tell(state, guard, input, &judge, change, why);
                }
                _ => judge.message(&mut guard, None),
            },
            Act::Words(words) | Act::Appeal(Some(words)) | Act::Caption(words) => {
                judge.message(&mut guard, Some(words))
            }
            Act::Appeal(None) | Act::Wordless => judge.message(&mut guard, None),
        };
        match verdict {
            Verdict::Pass => {
                state.guard.put(person, guard, input.now_ms, forgive_ms);
                self.passed(state, input, true)
            }
            Verdict::Hold { why, change: Some(change) } => {
                self.tell(state, guard, input, &judge, change, why)
            }
            Verdict::Hold { why, change: None } => {
                state.guard.put(person, guard, input.now_ms, forgive_ms);
                let mut turn = Turn::new(self, state, input);
                turn.seen();
                turn.effects.push(Effect::Ignore { reason: why.ignored_why() });
                Step { state: turn.state, effects: turn.effects, understood: None }
            }
        }
    }

    /// Handles what was let in. Whoever leaves a lead with a contact by it is verified from then on.
    fn passed(&self, state: ConversationState, input: &Input, aloud: bool) -> Step {
        let mut step = self.step(state, input);
        if step
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::CaptureLead(lead) if lead.is_reachable()))
        {
            let person = (!input.chat.private).then_some(input.person.user_id);
            let mut guard = step.state.guard.take(person);
            guard.verified = true;
            guard.recent.clear();
            step.state.guard.put(person, guard, input.now_ms, 0);
        }
        if !aloud {
            step.effects.retain(|effect| !matches!(effect, Effect::Send(_)));
            step.effects.push(Effect::Ignore { reason: "limited: it was done without an answer" });
        }
        step
    }

    /// An admin undoes what was done to a person, or to a whole group (`person` is 0).
    fn lift(&self, mut state: ConversationState, input: &Input, person: i64) -> Step {
        let why = if person == 0 && !input.chat.private {
            let was = std::mem::take(&mut state.guard.marked_until_ms);
            state.guard.joined.clear();
            (was > 0).then_some(Offence::Joins)
        } else {
            let key = (!input.chat.private).then_some(person);
            let before = state.guard.take(key);
            let why = before.standing.why().or(before.last.filter(|_| before.strikes > 0));
            let after =
                Guard { verified: before.verified, challenges: before.challenges, ..Guard::default() };
            state.guard.put(key, after, input.now_ms, 0);
            why
        };
        let Some(why) = why else {
            let effects = vec![Effect::Ignore { reason: "there is nothing to lift" }];
            return Step { state, effects, understood: None };
        };
        let mut turn = Turn::new(self, state, input);
        turn.effects.push(Effect::Limit(Limited { person, change: Change::Lifted, why, until_ms: None }));
        if input.chat.private {
            turn.say_of_limits(&self.folder().bot.spam.texts.lifted, &[], Vec::new());
        }
        Step { state: turn.state, effects: turn.effects, understood: None }
    }

    /// Takes an appeal, or asks for its words; one is passed on.
    fn appeal(
        &self,
        mut state: ConversationState,
        mut guard: Guard,
        input: &Input,
        words: Option<&str>,
    ) -> Step {
        let texts = &self.folder().bot.spam.texts;
        let why = guard.standing.why().unwrap_or(Offence::Flood);
        let until_ms = guard.standing.until_ms();
        let before = guard.appeal;
        guard.appeal = match (before, words) {
            (Appeal::Sent, _) | (_, Some(_)) => Appeal::Sent,
            (_, None) => Appeal::Asked,
        };
        let after = guard.appeal;
        state.guard.put(None, guard, input.now_ms, 0);
        let mut turn = Turn::new(self, state, input);
        turn.seen();
        let ignored = Effect::Ignore { reason: why.ignored_why() };
        match (before, after) {
            (Appeal::Sent, _) => {
                turn.notice(texts.appeal_again.as_ref());
                turn.effects.push(ignored);
            }
            (_, Appeal::Sent) => {
                let person = input.person.user_id;
                let limited = Limited { person, change: Change::Appealed, why, until_ms };
                turn.effects.push(Effect::Limit(limited));
                turn.effects.push(Effect::Handoff { reason: HandoffReason::Appeal, details: None });
                turn.say_of_limits(&texts.appeal_sent, &[], Vec::new());
            }
            (Appeal::None, _) => {
                turn.say_of_limits(&texts.appeal, &[], Vec::new());
                turn.effects.push(ignored);
            }
            (Appeal::Asked, _) => turn.effects.push(ignored),
        }
        Step { state: turn.state, effects: turn.effects, understood: None }
    }

    /// Records a change and tells the person of it, in a group nobody.
    fn tell(
        &self,
        mut state: ConversationState,
        guard: Guard,
        input: &Input,
        judge: &Judge<'_>,
        change: Change,
        why: Offence,
    ) -> Step {
        let person = (!input.chat.private).then_some(input.person.user_id);
        let (standing, serial) = (guard.standing, guard.challenges);
        state.guard.put(person, guard, input.now_ms, judge.forgive_ms());
        let mut turn = Turn::new(self, state, input);
        turn.seen();
        let why = standing.why().unwrap_or(why);
        let limited = Limited { person: input.person.user_id, change, why, until_ms: standing.until_ms() };
        turn.effects.push(Effect::Limit(limited));
        if input.chat.private {
            turn.tell(change, standing, why, serial, judge.seed);
        }
        if change != Change::Passed {
            turn.effects.push(Effect::Ignore { reason: why.ignored_why() });
        }
        Step { state: turn.state, effects: turn.effects, understood: None }
    }
}

/// Chance for this step: the random part of an id that was drawn for it and that nobody has seen.
fn seed(input: &Input) -> u64 {
    let id = input.lead_id.0.as_u128();
    // Both halves, for their order of magnitude is all that is lost.
    let (high, low) = ((id >> 64) as u64, id as u64);
    stir(high ^ low)
}

/// Spreads every bit over all of them (splitmix64).
const fn stir(bits: u64) -> u64 {
    let bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
