//! A person stops a question that is under way: the model need not go on, nobody else is asked, and what they have seen
//! of the answer is what they get.

use ids::{Pii, RequestId};

use super::turn::Turn;
use super::words::words;
use super::{Effect, Outgoing, Source};

/// What stops an answer, whatever the menu calls `/cancel`.
const STOPS: [&str; 8] =
    ["stop", "enough", "стоп", "хватит", "остановись", "остановитесь", "прекрати", "прекратите"];

/// The number under which a draft of this question's answer is shown. Telegram wants one that is not 0.
#[must_use]
pub fn draft_id(request: RequestId) -> i64 {
    let low = request.0.as_u128() & ((1 << 52) - 1);
    i64::try_from(low).unwrap_or(1).max(1)
}

/// Whether a whole text says so.
pub(super) fn says_stop(text: &str) -> bool {
    matches!(words(text).as_slice(), [word] if STOPS.contains(&word.as_str()))
}

impl Turn<'_> {
    /// The button below a draft was pressed.
    pub(super) fn stopped(&mut self, draft: i64) {
        let question = self.state.pending.iter().position(|asked| draft_id(asked.request_id) == draft);
        match question {
            Some(nth) => self.stop(nth),
            None => {
                let reason = "the question that was stopped has been answered already";
                self.effects.push(Effect::Ignore { reason });
            }
        }
    }

    /// Stops the newest question of this person here; whether there was one.
    pub(super) fn stop_newest(&mut self) -> bool {
        let asks = if self.input.chat.private { 0 } else { self.input.person.user_id };
        let topic = self.input.chat.topic;
        let is_theirs = |asked: &super::Pending| asked.asked_by == asks && asked.topic == topic;
        let newest = self.state.pending.iter().rposition(is_theirs);
        if let Some(nth) = newest {
            self.stop(nth);
        }
        newest.is_some()
    }

    fn stop(&mut self, nth: usize) {
        let question = self.state.pending.remove(nth);
        self.state.turns.supersede(question.request_id);
        let say = self.folder.bot.texts.stopped.as_ref();
        let text = say.map(|say| self.fill(say.text.get(self.lang), &[])).unwrap_or_default();
        let otherwise =
            Outgoing { to: question.newest(), ..Outgoing::of(Pii::new(text), Vec::new(), Source::Model) };
        self.effects.push(Effect::Stop { request_id: question.request_id, otherwise });
    }
}

#[cfg(test)]
mod tests {
    use ids::Uuid;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_whole_text_stops_and_a_part_of_one_does_not() {
        for text in ["stop", "Stop!", "СТОП", "хватит."] {
            assert!(says_stop(text), "{text}");
        }
        for text in ["stop it there and tell me", "non-stop", "", "👍"] {
            assert!(!says_stop(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_number_of_a_draft_is_never_0_and_fits_into_a_double(id: u128) {
            let number = draft_id(RequestId(Uuid::from_u128(id)));
            prop_assert!((1..1 << 53).contains(&number));
        }
    }
}
