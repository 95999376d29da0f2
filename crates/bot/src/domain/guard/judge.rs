//! What becomes of one message of a person: a pure decision over what is remembered of them.

use bot_folder::Spam;

use super::look::{Keywords, is_symbols};
use super::print::Print;
use super::state::{Guard, Offence, Standing};
use super::window::{DAY, HOUR, Span, Window};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Texts that are remembered of one person.
const MOST_TEXTS: usize = 20;
/// Buttons of a challenge.
pub(super) const BUTTONS: usize = 4;

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The message is answered as ever.
    Pass,
    /// It is not, and how the person is treated may have changed by it.
    Hold { why: Offence, change: Option<Change> },
}

/// A step that is recorded, and told to the person once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Warned,
    /// Warned, and asked to press the right button.
    Challenged,
    Passed,
    Paused,
    Banned,
    Appealed,
    Lifted,
    /// Of a group: many joined at once.
    Marked,
}

impl Change {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warned => "warned",
            Self::Challenged => "challenged",
            Self::Passed => "passed",
            Self::Paused => "paused",
            Self::Banned => "banned",
            Self::Appealed => "appealed",
            Self::Lifted => "lifted",
            Self::Marked => "marked",
        }
    }
}

/// The rules of one bot, for one person's message.
#[derive(Clone, Copy)]
pub(super) struct Judge<'a> {
    pub(super) spam: &'a Spam,
    pub(super) keywords: &'a Keywords,
    pub(super) private: bool,
    pub(super) now_ms: i64,
    /// Drawn by chance.
    pub(super) seed: u64,
}

impl Judge<'_> {
    pub(super) fn pass_time(&self, guard: &mut Guard) {
        guard.pass_time(self.now_ms, self.forgive_ms());
    }

    pub(super) fn forgive_ms(&self) -> i64 {
        i64::from(self.spam.forgive_hours) * HOUR_MS
    }

    /// A message with these words, or with none (a press, a sticker, a command). Time has passed already.
    pub(super) fn message(&self, guard: &mut Guard, words: Option<&str>) -> Verdict {
        let standing = guard.standing;
        if let Standing::Banned { why } = standing {
            return Verdict::Hold { why, change: None };
        }
        if self.is_flood(guard) {
            return self.offend(guard, Offence::Flood);
        }
        if let Some(why) = standing.why() {
            self.count_held(guard);
            return Verdict::Hold { why, change: None };
        }
        let offence = if guard.verified { None } else { self.offence(guard, words) };
        match offence {
            Some(offence) => {
                self.count_held(guard);
                self.offend(guard, offence)
            }
            None => {
                self.let_in(guard);
                Verdict::Pass
            }
        }
    }

    /// What always works; whether it is answered in words too.
    pub(super) fn favour(&self, guard: &mut Guard) -> bool {
        /// While somebody is limited. More would be a flood of answers.
        const MOST: u8 = 5;
        if guard.standing.is_free() && (guard.verified || self.over(guard).is_none()) {
            self.let_in(guard);
            guard.favours = 0;
            return true;
        }
        self.count_held(guard);
        guard.favours = guard.favours.saturating_add(1);
        guard.favours <= MOST
    }

    /// The answer to a challenge.
    pub(super) fn answer(&self, guard: &mut Guard, is_right: bool) -> Change {
        if is_right {
            guard.set(Standing::Free);
            guard.recent.clear();
            return Change::Passed;
        }
        match self.offend(guard, Offence::WrongAnswer) {
            Verdict::Hold { change: Some(change), .. } => change,
            Verdict::Hold { change: None, .. } | Verdict::Pass => Change::Paused,
        }
    }

    fn let_in(&self, guard: &mut Guard) {
        guard.hour.add(HOUR, self.now_ms);
        guard.day.add(DAY, self.now_ms);
    }

    fn count_held(&self, guard: &mut Guard) {
        guard.held_hour.add(HOUR, self.now_ms);
        guard.held_day.add(DAY, self.now_ms);
    }

    /// Whether with this message the person has sent many times what is allowed, answered or not.
    fn is_flood(&self, guard: &Guard) -> bool {
        let sent = |let_in: u32, held: u32| let_in.saturating_add(held).saturating_add(1);
        let is_over = |most: u32, sent: u32| {
            let most = most.saturating_mul(self.spam.hard_times);
            most > 0 && sent > most
        };
        is_over(self.spam.per_hour, sent(guard.hour.count(), guard.held_hour.count()))
            || is_over(self.spam.per_day, sent(guard.day.count(), guard.held_day.count()))
    }

    fn over(&self, guard: &Guard) -> Option<Offence> {
        let is_over = |most: u32, count: u32| most > 0 && count >= most;
        if is_over(self.spam.per_day, guard.day.count()) {
            Some(Offence::DayLimit)
        } else {
            is_over(self.spam.per_hour, guard.hour.count()).then_some(Offence::HourLimit)
        }
    }

    fn offence(&self, guard: &mut Guard, words: Option<&str>) -> Option<Offence> {
        let of_words = words.and_then(|words| {
            if self.is_repeated(guard, words) {
                Some(Offence::Repeated)
            } else if is_symbols(&self.spam.symbols, words) {
                Some(Offence::Symbols)
            } else {
                self.keywords.are_in(words).then_some(Offence::Keyword)
            }
        });
        of_words.or_else(|| self.over(guard))
    }

    fn is_repeated(&self, guard: &mut Guard, words: &str) -> bool {
        let repeats = &self.spam.repeats;
        if repeats.times == 0 {
            return false;
        }
        let within_ms = i64::from(repeats.within_minutes) * MINUTE_MS;
        let print = Print::of(words);
        guard.recent.retain(|(at, _)| (0..within_ms).contains(&self.now_ms.saturating_sub(*at)));
        if guard.recent.len() >= MOST_TEXTS {
            guard.recent.remove(0);
        }
        guard.recent.push((self.now_ms, print));
        let said = guard.recent.iter().filter(|(_, other)| other.is_like(print)).count();
        // "Yes", "skip" and the like answer many questions.
        let times = if print.is_short() { repeats.times.saturating_mul(2) } else { repeats.times };
        said >= usize::try_from(times).unwrap_or(usize::MAX)
    }

    /// One step further: a warning, a pause, a ban.
    fn offend(&self, guard: &mut Guard, why: Offence) -> Verdict {
        let least = u8::from(why == Offence::Flood);
        guard.strikes = guard.strikes.max(least).saturating_add(1);
        guard.struck_ms = self.now_ms;
        guard.last = Some(why);
        let is_rate = matches!(why, Offence::HourLimit | Offence::DayLimit);
        let room_ms = self.room_ms(guard);
        let (standing, change) = match guard.strikes {
            0 | 1 if is_rate => (Standing::Held { until_ms: room_ms, why }, Change::Warned),
            0 | 1 if self.private && self.can_challenge() => {
                guard.challenges = guard.challenges.wrapping_add(1);
                let until_ms = self.now_ms.saturating_add(i64::from(self.spam.challenge.minutes) * MINUTE_MS);
                // The lowest bits choose the place, the others which four are shown.
                let right = u8::try_from(self.seed % BUTTONS as u64).unwrap_or(0);
                (Standing::Suspect { until_ms, right, why }, Change::Challenged)
            }
            0 | 1 => (Standing::Free, Change::Warned),
            // In a group nobody is told, so nobody could appeal.
            2 => (self.pause(room_ms, why), Change::Paused),
            _ if !self.private => (self.pause(room_ms, why), Change::Paused),
            _ => (Standing::Banned { why }, Change::Banned),
        };
        guard.set(standing);
        if why == Offence::Flood {
            // It counts from here on, or every further message would be another flood.
            for window in [&mut guard.hour, &mut guard.day, &mut guard.held_hour, &mut guard.held_day] {
                window.clear();
            }
        }
        if matches!(standing, Standing::Held { .. } | Standing::Banned { .. }) {
            guard.recent.clear();
        }
        Verdict::Hold { why, change: Some(change) }
    }

    fn pause(&self, room_ms: i64, why: Offence) -> Standing {
        let pause_ms = self.now_ms.saturating_add(i64::from(self.spam.pause_minutes) * MINUTE_MS);
        Standing::Held { until_ms: pause_ms.max(room_ms), why }
    }

    /// When half of what is allowed is free again, so that the person does not run into the limit at once; an hour, or
    /// a day, after the last message at the latest.
    fn room_ms(&self, guard: &Guard) -> i64 {
        let (hour, day) = (self.spam.per_hour, self.spam.per_day);
        let room = |window: &Window, span: Span, most: u32| {
            let latest_ms = self.now_ms.saturating_add(span.ms());
            if most > 0 && window.count() >= most { window.room_at(span, most / 2).min(latest_ms) } else { 0 }
        };
        let (of_hour, of_day) = (room(&guard.hour, HOUR, hour), room(&guard.day, DAY, day));
        self.now_ms.max(of_hour).max(of_day)
    }

    fn can_challenge(&self) -> bool {
        self.spam.challenge.items.len() >= BUTTONS && self.spam.texts.challenge.is_some()
    }
}
