//! `spam` in `bot.yml`: how much one person may write, what looks like spam, and what is said about it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Localized, LocalizedList};

/// What a person may do, and what becomes of the rest. Whoever has left a lead is verified: only `hard_times`
/// binds them. In groups everything is held in silence, and nobody is banned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Spam {
    /// Messages of one person that are answered within an hour; 0: any number. Presses and commands count too.
    pub per_hour: u32,
    /// The same within a day.
    pub per_day: u32,
    /// So many times as much, answered or not, is a flood that nobody is excused from; 0: nothing is.
    pub hard_times: u32,
    /// The same text again and again.
    pub repeats: Repeats,
    /// Texts of marks and emoji.
    pub symbols: Symbols,
    /// Words and phrases of spam. They are found in any form, whatever the language of the conversation.
    pub keywords: LocalizedList,
    /// How long the bot ignores a person who was warned in vain.
    pub pause_minutes: u32,
    /// After so long without an offence the earlier ones are forgotten.
    pub forgive_hours: u32,
    /// What a suspect is asked. Without four items nobody is asked; there is a warning instead.
    pub challenge: Challenge,
    /// Many people who join a group at once.
    pub joins: Joins,
    /// What is said. What is missing here is not said.
    pub texts: SpamTexts,
    /// What is on the button below the text of a ban.
    pub appeal_label: Option<Localized>,
    /// How a time to wait is written, instead of `{wait}`; `{n}` is the number.
    pub units: Units,
}

impl Default for Spam {
    fn default() -> Self {
        Self {
            per_hour: 60,
            per_day: 500,
            hard_times: 10,
            repeats: Repeats::default(),
            symbols: Symbols::default(),
            keywords: LocalizedList::default(),
            pause_minutes: 30,
            forgive_hours: 24,
            challenge: Challenge::default(),
            joins: Joins::default(),
            texts: SpamTexts::default(),
            appeal_label: None,
            units: Units::default(),
        }
    }
}

/// The same text, or nearly the same, so many times within so many minutes. Of one or two words: twice as often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Repeats {
    /// 0: as often as anybody likes.
    pub times: u32,
    pub within_minutes: u32,
}

impl Default for Repeats {
    fn default() -> Self {
        Self { times: 5, within_minutes: 10 }
    }
}

/// What is no letter, no digit and no usual mark, in texts of some length.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Symbols {
    /// From this share of such characters on, from 0 to 1; 1: never.
    pub share: f32,
    /// Shorter texts may be anything.
    pub from_chars: u32,
}

impl Default for Symbols {
    fn default() -> Self {
        Self { share: 0.6, from_chars: 30 }
    }
}

/// A person is asked to press one of four buttons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Challenge {
    /// How long the bot waits for the answer and for nothing else.
    pub minutes: u32,
    /// At least four. Which four, in which order, and which of them is meant is left to chance.
    #[serde(deserialize_with = "crate::yaml::recover::each")]
    pub items: Vec<ChallengeItem>,
}

impl Default for Challenge {
    fn default() -> Self {
        Self { minutes: 10, items: Vec::new() }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChallengeItem {
    /// What is on the button.
    pub button: String,
    /// How the text names it, instead of `{item}`.
    pub name: Localized,
}

/// So many people who join a group within so many seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Joins {
    /// 0: as many as like. At most 100.
    pub most: u32,
    pub within_seconds: u32,
    /// How long the group is marked then, and nobody is greeted.
    pub mark_minutes: u32,
    /// Said to somebody who joins alone. Without it nobody is greeted.
    pub greeting: Option<Localized>,
}

impl Default for Joins {
    fn default() -> Self {
        Self { most: 10, within_seconds: 60, mark_minutes: 60, greeting: None }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SpamTexts {
    /// The messages of an hour are used up. `{limit}` and `{wait}` are filled in.
    pub hour_limit: Option<Localized>,
    /// The messages of a day are used up. `{limit}` and `{wait}` are filled in.
    pub day_limit: Option<Localized>,
    /// A message looked like spam.
    pub warning: Option<Localized>,
    /// The same, and `{item}` is to be pressed.
    pub challenge: Option<Localized>,
    /// The right button was pressed.
    pub passed: Option<Localized>,
    /// The bot ignores the person from now on. `{wait}` is filled in.
    pub paused: Option<Localized>,
    /// The bot ignores the person for good.
    pub banned: Option<Localized>,
    /// The person appeals: one message is asked for.
    pub appeal: Option<Localized>,
    /// That message has been passed on.
    pub appeal_sent: Option<Localized>,
    /// The button for an appeal that has been made; at most 200 characters.
    pub appeal_again: Option<Localized>,
    /// An admin has undone it.
    pub lifted: Option<Localized>,
}

impl SpamTexts {
    /// Each text with its key and the placeholders it may use.
    pub(crate) fn all(&self) -> [(&'static str, &Option<Localized>, &'static [&'static str]); 11] {
        const LIMIT: &[&str] = &["limit", "wait"];
        [
            ("hour_limit", &self.hour_limit, LIMIT),
            ("day_limit", &self.day_limit, LIMIT),
            ("warning", &self.warning, &[]),
            ("challenge", &self.challenge, &["item"]),
            ("passed", &self.passed, &[]),
            ("paused", &self.paused, &["wait"]),
            ("banned", &self.banned, &[]),
            ("appeal", &self.appeal, &[]),
            ("appeal_sent", &self.appeal_sent, &[]),
            ("appeal_again", &self.appeal_again, &[]),
            ("lifted", &self.lifted, &[]),
        ]
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Units {
    pub minutes: Option<Localized>,
    pub hours: Option<Localized>,
}
