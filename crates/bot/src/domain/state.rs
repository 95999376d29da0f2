//! What is remembered of a conversation between two messages: small, versioned, kept as JSON.

use bot_folder::Lang;
use ids::{LeadId, Pii, RequestId};
use serde::{Deserialize, Serialize};

use super::files::KeptFile;
use super::words::Ear;
use super::zone::Zone;
use super::{Part, Person, Place, Seat, Turns};

/// The state of one conversation. A new one is `ConversationState::default()`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConversationState {
    v: u16,
    /// Set by the first message; until then the conversation has not started.
    pub lang: Option<Lang>,
    /// The person chose the language, so their texts do not change it.
    #[serde(skip_serializing_if = "is_false")]
    pub lang_chosen: bool,
    /// How sure it is.
    #[serde(skip_serializing_if = "Ear::is_new")]
    pub ear: Ear,
    /// The person's time zone, as far as they or their telephone have told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// The flow that waits for an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow: Option<FlowRun>,
    /// The flow that was left and can be resumed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<FlowRun>,
    /// Flows that were left before that one, the oldest first. Few: the oldest is forgotten for a new one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub below: Vec<FlowRun>,
    /// The last thing said was the question whether to go on with it.
    #[serde(skip_serializing_if = "is_false")]
    pub resume_offered: bool,
    /// Counts the questions asked, so that each question's buttons are told apart from older ones.
    #[serde(skip_serializing_if = "is_zero")]
    pub prompts: u32,
    /// The questions models are thinking about, oldest first; the last may still be open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<Pending>,
    #[serde(skip_serializing_if = "Turns::is_new")]
    pub turns: Turns,
    /// The model that the person has chosen, as `provider/model`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// When the quota begins anew that the person was told of. Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota_told_ms: Option<i64>,
    /// Questions in a row that no model could answer.
    #[serde(skip_serializing_if = "is_zero")]
    pub unanswered: u32,
    /// Doubtful answers, and when a human was called for what.
    #[serde(skip_serializing_if = "super::Escalations::is_new")]
    pub escalations: super::Escalations,
    /// What the talk is about: the last answer of the FAQ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<Topic>,
    /// Times in a row that the person was asked which answer they mean.
    #[serde(skip_serializing_if = "is_zero")]
    pub offers: u32,
    /// The question for which answers are offered; its first 500 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unclear: Option<Pii<String>>,
    /// The payload of the start link that brought the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_payload: Option<String>,
    /// What the person told in passing.
    #[serde(skip_serializing_if = "super::Told::is_empty")]
    pub told: super::Told,
    /// The last lead, of which more may be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<Box<SentLead>>,
    /// Files that have been kept and have gone with no lead yet, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<KeptFile>,
    /// Deals whose end is known, and told as far as it was to be, the newest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deals: Vec<super::EndedDeal>,
    /// How the people of the chat behave.
    #[serde(skip_serializing_if = "super::Guards::is_default")]
    pub guard: super::Guards,
    /// What the person wants erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forget: Option<Forget>,
    /// When the person last asked for an archive of their data. Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exported_ms: Option<i64>,
    /// In a group: whose flow, offers and language these are; 0 in private.
    #[serde(skip_serializing_if = "is_nobody")]
    pub seated: i64,
    /// In a group: those of the others, whoever was silent the longest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub seats: Vec<Seat>,
}

impl Default for ConversationState {
    fn default() -> Self {
        Self {
            v: Self::SHAPE,
            lang: None,
            lang_chosen: false,
            ear: Ear::default(),
            zone: None,
            flow: None,
            paused: None,
            below: Vec::new(),
            resume_offered: false,
            prompts: 0,
            pending: Vec::new(),
            turns: Turns::default(),
            model: None,
            quota_told_ms: None,
            unanswered: 0,
            escalations: super::Escalations::default(),
            topic: None,
            offers: 0,
            unclear: None,
            start_payload: None,
            told: super::Told::default(),
            sent: None,
            files: Vec::new(),
            deals: Vec::new(),
            guard: super::Guards::default(),
            forget: None,
            exported_ms: None,
            seated: 0,
            seats: Vec::new(),
        }
    }
}

impl ConversationState {
    /// The version of this shape. Older shapes are read by `serde(default)`; a newer one than this is left to
    /// the program that wrote it. To raise it has a price: after a return to the image before, the messages of
    /// those conversations are dead letters until one goes forward again. Fields that an older program may
    /// ignore need no new version.
    pub const SHAPE: u16 = 1;

    /// Whether a message has been handled yet.
    #[must_use]
    pub const fn started(&self) -> bool {
        self.lang.is_some()
    }

    /// The version of the bot that the flow under way began with, by the first digits of its hash; what is left
    /// for good binds nobody.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        let kept = |run: &&FlowRun| !run.cancelled;
        let left = self.paused.as_ref().into_iter().chain(self.below.iter().rev()).find(kept);
        let others = || self.seats.iter().rev().flat_map(Seat::runs).find(kept);
        self.flow.as_ref().or(left).or_else(others).map(|run| run.version.as_str())
    }

    /// Every flow that is under way or can be come back to.
    pub fn runs(&self) -> impl Iterator<Item = &FlowRun> {
        let others = self.seats.iter().flat_map(Seat::runs);
        self.flow.iter().chain(&self.paused).chain(&self.below).chain(others)
    }

    /// A state written by a newer program is not guessed at.
    #[must_use]
    pub const fn is_understood(&self) -> bool {
        self.v <= Self::SHAPE
    }
}

/// A lead that was captured: what was answered, and what that was told to be worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SentLead {
    pub lead_id: LeadId,
    pub run: FlowRun,
    pub score: i32,
    /// "hot", "warm" or "cold".
    pub temperature: String,
}

/// How far a person's wish to be forgotten is. Unix milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forget {
    /// They were asked at this moment whether they mean it.
    Asked { at_ms: i64 },
    /// It is to be done at this moment.
    Due { at_ms: i64 },
}

/// An answer of the FAQ that what comes next may go on with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// The entry's id.
    pub entry: String,
    /// When it was given. Unix milliseconds.
    pub at_ms: i64,
}

/// A question for a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    pub request_id: RequestId,
    /// When its first words came. Unix milliseconds.
    pub asked_at_ms: i64,
    /// The messages that it is in, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// Who asks, in a group; 0 in private.
    #[serde(default, skip_serializing_if = "is_nobody")]
    pub asked_by: i64,
    /// Where more may come: until when the person has to be quiet before it is asked. Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_ms: Option<i64>,
    /// Where its answer is to stand.
    #[serde(default, skip_serializing_if = "Place::is_below")]
    pub place: Place,
    /// The forum topic it was asked in, where it is to be answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<i64>,
    /// Who asks, for what comes of it when they are not there to be seen. Older questions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Box<Person>>,
}

/// A person on the way through a flow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlowRun {
    pub flow: String,
    /// The step that waits for an answer.
    pub step: String,
    /// The number of the question that waits, out of `ConversationState::prompts`; buttons of any other
    /// number are stale.
    pub prompt: u32,
    /// At most one per step. A step that an answer given later leads past may keep its own here, in case the person
    /// changes that later one again; only those on the way through the flow count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<GivenAnswer>,
    /// Answers in a row to the waiting question that were none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tries: u32,
    /// The person left and came back.
    #[serde(default, skip_serializing_if = "is_false")]
    pub resumed: bool,
    /// The person said that they do not want to go on; it is not offered unasked.
    #[serde(default, skip_serializing_if = "is_false")]
    pub cancelled: bool,
    /// When the person last did something in it. Unix milliseconds.
    pub touched_ms: i64,
    /// What the buttons below the last message are for.
    #[serde(default, skip_serializing_if = "Stage::is_question")]
    pub stage: Stage,
    /// Another flow came in between; at the end of that one this goes on by itself.
    #[serde(default, skip_serializing_if = "is_false")]
    pub interrupted: bool,
    /// Tells this run from others of the same conversation; 0 in those of older programs.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub serial: u32,
    /// How often the person was reminded of it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reminded: u32,
    /// The content hash of the folder it began with (its first 12 digits).
    pub version: String,
}

/// Where a run stands. A program that does not know these takes each for the question of `FlowRun::step`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The question of `FlowRun::step` waits.
    #[default]
    Question,
    /// All answers are shown, to be sent or changed.
    Review,
    /// The person chooses which answer to change.
    Choosing,
}

impl Stage {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
    const fn is_question(&self) -> bool {
        matches!(self, Self::Question)
    }
}

impl FlowRun {
    /// What was answered to a step, if anything.
    #[must_use]
    pub fn answer(&self, step: &str) -> Option<&GivenAnswer> {
        self.answers.iter().rev().find(|given| given.step == step)
    }
}

/// What a person answered to one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GivenAnswer {
    pub step: String,
    pub answer: Answer,
    /// As the person gave it.
    #[serde(default)]
    pub text: Pii<String>,
    /// Telegram's number of the message that gave it; 0 where it was a button.
    #[serde(default, skip_serializing_if = "is_nobody")]
    pub message_id: i64,
}

/// An answer as it was understood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Skipped,
    Choice(String),
    Text(Pii<String>),
    Money(Amount),
    /// "Not decided yet."
    Undecided,
    Email(Pii<String>),
    Phone(Pii<String>),
    /// The Telegram name, without the `@`.
    Telegram(Pii<String>),
}

/// An amount of money, or a range of amounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Amount {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// ISO 4217.
    pub currency: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_nobody(value: &i64) -> bool {
    *value == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_zero(value: &u32) -> bool {
    *value == 0
}
