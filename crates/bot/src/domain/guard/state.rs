//! What is remembered of how people behave, inside the state of their conversation.

use serde::{Deserialize, Serialize};

use super::act::challenge_data;
use super::print::Print;
use super::window::{DAY, HOUR, Window};

/// People of one group who are remembered at once.
const MOST_PEOPLE: usize = 50;

/// Who is in the chat: in private the one person, in a group those who spoke to the bot of late.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Guards {
    #[serde(skip_serializing_if = "is_default")]
    pub(super) own: Guard,
    /// By their ids, who spoke last is last.
    #[serde(rename = "people", skip_serializing_if = "is_default")]
    people: Vec<(i64, Guard)>,
    /// Who joined of late: id and Unix milliseconds, oldest first.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) joined: Vec<(i64, i64)>,
    /// Until then the group is marked: too many joined at once. Unix milliseconds.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) marked_until_ms: i64,
}

/// One person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Guard {
    /// Messages that were let in.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) hour: Window,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) day: Window,
    /// Messages that were not.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) held_hour: Window,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) held_day: Window,
    /// The last texts: when (Unix milliseconds) and which.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) recent: Vec<(i64, Print)>,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) standing: Standing,
    /// Offences that are not forgiven yet, and when the last was.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) strikes: u8,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) struck_ms: i64,
    /// What the last was.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) last: Option<Offence>,
    /// Has left a lead.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) verified: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) appeal: Appeal,
    /// Challenges so far, so that the buttons of each are told apart.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) challenges: u32,
    /// Answers to what always works, since the person was limited.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) favours: u8,
}

/// How the bot treats a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    #[default]
    Free,
    /// Nothing is answered but the challenge, whose right button is the `right`th.
    Suspect { until_ms: i64, right: u8, why: Offence },
    /// Nothing is answered.
    Held { until_ms: i64, why: Offence },
    /// Nothing is answered until an admin lifts it.
    Banned { why: Offence },
}

/// Why somebody is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Offence {
    HourLimit,
    DayLimit,
    /// Many times the limit.
    Flood,
    Repeated,
    Symbols,
    Keyword,
    WrongAnswer,
    /// Of a group: many joined at once.
    Joins,
}

/// How far an appeal has come. One for each time the person is limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Appeal {
    #[default]
    None,
    /// The next text is the appeal.
    Asked,
    Sent,
}

impl Standing {
    pub(super) const fn is_free(&self) -> bool {
        matches!(self, Self::Free)
    }

    /// Why nothing is answered.
    pub(super) const fn why(self) -> Option<Offence> {
        match self {
            Self::Free => None,
            Self::Suspect { why, .. } | Self::Held { why, .. } | Self::Banned { why } => Some(why),
        }
    }

    /// When it ends by itself. Unix milliseconds.
    pub(super) const fn until_ms(self) -> Option<i64> {
        match self {
            Self::Suspect { until_ms, .. } | Self::Held { until_ms, .. } => Some(until_ms),
            Self::Free | Self::Banned { .. } => None,
        }
    }
}

impl Offence {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HourLimit => "hour_limit",
            Self::DayLimit => "day_limit",
            Self::Flood => "flood",
            Self::Repeated => "repeated",
            Self::Symbols => "symbols",
            Self::Keyword => "keyword",
            Self::WrongAnswer => "wrong_answer",
            Self::Joins => "joins",
        }
    }

    /// Why a message was not answered, as it is kept with it.
    pub(super) const fn ignored_why(self) -> &'static str {
        match self {
            Self::HourLimit => "limited: too many messages in an hour",
            Self::DayLimit => "limited: too many messages in a day",
            Self::Flood => "limited: a flood of messages",
            Self::Repeated => "limited: the same text again and again",
            Self::Symbols => "limited: a text of special characters",
            Self::Keyword => "limited: words of spam",
            Self::WrongAnswer => "limited: the challenge was answered wrongly",
            Self::Joins => "limited: many joined at once",
        }
    }
}

impl Guard {
    /// What time has undone is undone.
    pub(super) fn pass_time(&mut self, now_ms: i64, forgive_ms: i64) {
        self.hour.forget(HOUR, now_ms);
        self.day.forget(DAY, now_ms);
        self.held_hour.forget(HOUR, now_ms);
        self.held_day.forget(DAY, now_ms);
        if let Some(until_ms) = self.standing.until_ms().filter(|until_ms| *until_ms <= now_ms) {
            // Nothing was let in since the offence, so what a window still counts is older than its span: only a piece
            // of it is not over yet.
            let held_ms = until_ms.saturating_sub(self.struck_ms);
            for (window, span) in [(&mut self.hour, HOUR), (&mut self.day, DAY)] {
                if held_ms >= span.ms() {
                    window.clear();
                }
            }
            self.set(Standing::Free);
        }
        if self.standing.is_free() && now_ms.saturating_sub(self.struck_ms) >= forgive_ms {
            self.strikes = 0;
            self.struck_ms = 0;
            self.last = None;
        }
    }

    /// The data of the right button of the challenge that waits, or of a wrong one.
    #[must_use]
    pub fn button(&self, is_right: bool) -> Option<String> {
        let Standing::Suspect { right, .. } = self.standing else { return None };
        let place = if is_right { right } else { (right + 1) % 4 };
        Some(challenge_data(self.challenges, usize::from(place)))
    }

    pub(super) fn set(&mut self, standing: Standing) {
        self.standing = standing;
        self.appeal = Appeal::None;
        self.favours = 0;
    }

    /// How strictly the person is treated.
    fn strictness(&self) -> (u8, i64, u8, u32) {
        let standing = match self.standing {
            Standing::Free => 0,
            Standing::Suspect { .. } => 1,
            Standing::Held { .. } => 2,
            Standing::Banned { .. } => 3,
        };
        (standing, self.standing.until_ms().unwrap_or(0), self.strikes, self.day.count())
    }

    /// Of two that are remembered of one person, the stricter.
    fn join(&mut self, other: Self) {
        let verified = self.verified || other.verified;
        let challenges = self.challenges.max(other.challenges);
        if other.strictness() > self.strictness() {
            *self = other;
        }
        self.verified = verified;
        self.challenges = challenges;
    }

    /// Nothing of it has to be remembered.
    fn is_blank(&self) -> bool {
        *self == Self { challenges: self.challenges, recent: self.recent.clone(), ..Self::default() }
    }
}

impl Guards {
    /// The person of a private chat.
    #[must_use]
    pub const fn own(&self) -> &Guard {
        &self.own
    }

    /// Takes out what is remembered of a person.
    pub(super) fn take(&mut self, person: Option<i64>) -> Guard {
        let Some(id) = person else { return std::mem::take(&mut self.own) };
        let known = self.people.iter().position(|(known, _)| *known == id);
        known.map_or_else(Guard::default, |at| self.people.remove(at).1)
    }

    /// Puts it back; where there are too many, who is least worth remembering is forgotten.
    pub(super) fn put(&mut self, person: Option<i64>, guard: Guard, now_ms: i64, forgive_ms: i64) {
        let Some(id) = person else {
            self.own = guard;
            return;
        };
        self.people.retain_mut(|(_, other)| {
            other.pass_time(now_ms, forgive_ms);
            !other.is_blank()
        });
        self.push(id, guard);
    }

    fn push(&mut self, id: i64, guard: Guard) {
        if self.people.len() >= MOST_PEOPLE {
            let least = self.people.iter().position(|(_, other)| other.strikes == 0).unwrap_or(0);
            self.people.remove(least);
        }
        self.people.push((id, guard));
    }

    /// Adds what is remembered of the same chat under another number; the stricter wins.
    pub(in crate::domain) fn join(&mut self, other: Self) {
        self.own.join(other.own);
        for (id, guard) in other.people {
            match self.people.iter_mut().find(|(known, _)| *known == id) {
                Some((_, known)) => known.join(guard),
                None => self.push(id, guard),
            }
        }
        for (id, at_ms) in other.joined {
            if self.joined.iter().all(|(known, _)| *known != id) {
                self.joined.push((id, at_ms));
            }
        }
        self.joined.sort_unstable_by_key(|(_, at_ms)| *at_ms);
        self.marked_until_ms = self.marked_until_ms.max(other.marked_until_ms);
    }

    /// Nothing has happened yet.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
