//! What can happen to a conversation, in the engine's own words.

use std::sync::Arc;

use bot_folder::{Lang, NextStep};
use ids::{LeadId, Pii, RequestId};
use serde::{Deserialize, Serialize};

use super::deal::EndedDeal;
use super::files::{CheckedFile, SentFile};

/// One thing that happened, with all the engine may know about it. The ids are drawn by the caller so
/// that a step stays a pure function; most steps use none of them.
#[derive(Clone, Debug)]
pub struct Input {
    pub what: What,
    pub person: Person,
    pub chat: Chat,
    pub message: Message,
    /// Unix milliseconds.
    pub now_ms: i64,
    /// The id a question to a model gets, should this step ask one.
    pub request_id: RequestId,
    /// The id a lead gets, should this step capture one.
    pub lead_id: LeadId,
    /// Models that a person may choose, as `provider/model`.
    pub choosable: Arc<[String]>,
    /// The bot's name on Telegram without the `@`, for links to it; `None` until Telegram has told it.
    pub bot_username: Option<String>,
}

/// Who did it. Empty where Telegram does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    pub user_id: i64,
    pub first_name: Pii<String>,
    pub last_name: Pii<String>,
    /// Without the `@`.
    pub username: Pii<String>,
    /// The language of the person's Telegram, an IETF tag; empty where unknown.
    pub language_code: String,
    pub is_bot: bool,
}

impl Person {
    #[must_use]
    pub fn full_name(&self) -> String {
        let (first, last) = (self.first_name.expose().trim(), self.last_name.expose().trim());
        [first, last].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    #[must_use]
    pub fn lang(&self) -> Option<Lang> {
        Lang::of_tag(&self.language_code)
    }
}

/// Where it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chat {
    /// Telegram's number of it.
    pub id: i64,
    /// One person and the bot. Everything else is a group or a channel.
    pub private: bool,
    /// In a group: whether the bot is meant (its name, a reply to it, a command, a button).
    pub addressed: bool,
    /// The forum topic, where it is in one.
    pub topic: Option<i64>,
}

impl Chat {
    pub const PRIVATE: Self = Self { id: 0, private: true, addressed: true, topic: None };
}

/// The person's message in which it happened. Empty where it was none: a button, the end of a wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Telegram's number of it in its chat; of an edit, that of the message which was edited. 0 where unknown.
    pub id: i64,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum What {
    /// A message's text. A text that begins with a slash is taken as a command.
    Text(Pii<String>),
    /// A button below a message was pressed.
    Button { callback_id: String, data: String },
    /// A shared contact.
    Contact { phone: Pii<String>, name: Pii<String>, own: bool },
    /// A document, a picture, a film.
    File(Box<SentFile>),
    /// A voice or a round video message.
    Voice,
    /// The person edited a message of theirs; its new words, empty where it has none.
    Edited(Pii<String>),
    /// Any other message: a sticker, a place, a poll. The name is Telegram's field.
    OtherMessage { kind: String },
    /// What wants no answer: a reaction, a membership, a block. The name is Telegram's field.
    Notice { kind: String },
    /// What became of files that were sent before.
    FilesChecked(Vec<CheckedFile>),
    /// People have joined a group; their ids.
    Joined { people: Vec<i64> },
    /// An admin undoes what the guard has done to a person; 0: to the whole group.
    Lifted { person: i64 },
    /// The person stopped the answer that is shown as this draft ([`super::draft_id`]).
    Stopped { draft_id: i64 },
    /// The end of a question to a model.
    ModelAnswered(ModelAnswer),
    /// What came of a request is decided at the business.
    DealEnded(EndedDeal),
    /// What an admin wanted to know of money; `None`: it could not be learnt.
    Costs(Option<Costs>),
    /// The moment has come until which more was waited for ([`super::Effect::WaitForMore`]).
    Quiet { turn: RequestId, due_ms: i64 },
    /// The time for a reminder of this run of a flow has come; the number is `FlowRun::serial`.
    ReminderDue { run: u32 },
}

impl What {
    /// Whether a person did it, rather than time or a service of ours.
    #[must_use]
    pub const fn is_of_the_person(&self) -> bool {
        !matches!(
            self,
            Self::ModelAnswered(_)
                | Self::ReminderDue { .. }
                | Self::FilesChecked(_)
                | Self::DealEnded(_)
                | Self::Lifted { .. }
                | Self::Costs(_)
                | Self::Quiet { .. }
        )
    }

    /// Only a person begins a conversation; a late answer to an erased one does not, nor does a notice.
    #[must_use]
    pub const fn begins_a_conversation(&self) -> bool {
        self.is_of_the_person() && !matches!(self, Self::Notice { .. } | Self::Stopped { .. })
    }
}

/// What came of a question to a model.
#[derive(Clone, Debug)]
pub struct ModelAnswer {
    pub request_id: RequestId,
    pub outcome: ModelOutcome,
    /// Empty unless answered.
    pub text: Pii<String>,
    /// Titles of what the answer rests on.
    pub citations: Vec<String>,
    /// How sure it is that it answers, 0 to 1; `None` where that is not told.
    pub confidence: Option<f32>,
    /// What the model wants to happen next.
    pub next: NextStep,
    /// Whether it came from the built-in search rather than from a language model.
    pub offline: bool,
    /// Where a quota left no room for a model: when it begins anew. Unix milliseconds.
    pub quota_resets_ms: Option<i64>,
}

/// What models have cost. Money is in millionths of a US dollar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    pub today_micros: i64,
    pub month_micros: i64,
    /// What may be spent a day; 0: no limit.
    pub limit_micros: i64,
    /// When a new day begins. Unix milliseconds.
    pub resets_ms: i64,
    /// The models that cost most this month.
    pub models: Vec<(String, i64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelOutcome {
    Answered,
    Unknown,
    /// The provider failed, or the deadline passed.
    Failed,
}
