//! What a step wants done. Data only: one interpreter outside carries it out.

use bot_folder::{Lang, PromptContext};
use ids::{LeadId, Pii, RequestId};
use serde::{Deserialize, Serialize};

use super::attribution::Attribution;
use super::files::{FileLimits, SentFile};
use super::{ConversationState, Understood};

/// The outcome of one step. `effects` is never empty.
#[derive(Clone, Debug)]
pub struct Step {
    pub state: ConversationState,
    pub effects: Vec<Effect>,
    /// `None` where nothing of a person's was to be understood.
    pub understood: Option<Understood>,
}

/// One thing to do, in the order of the list.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Send a message to the chat.
    Send(Outgoing),
    /// Tell Telegram that the press of a button has been seen; `text` is shown as a short notice.
    AnswerCallback { callback_id: String, text: Option<String> },
    /// Show that the bot is writing.
    Typing,
    /// A question has been opened. After `deadline_ms` (Unix milliseconds) a `Failed` answer with this id is
    /// expected, whatever has become of it, so that the person is never left waiting.
    ExpectAnswer { request_id: RequestId, deadline_ms: i64 },
    /// More may come. At `due_ms` (Unix milliseconds) [`super::What::Quiet`] is expected with the same two.
    WaitForMore { turn: RequestId, due_ms: i64 },
    /// It is answered together with what came before it; what is waited for has been asked for.
    Gathered,
    /// Ask a model. The answer comes back as an input with the same id. `folder` is the bot's, which may have
    /// another name than the bot, and `version` its content's hash; `messages` are those the question was in. `context`
    /// is what the talk is about, where that is known; `model` the one that the person has chosen, if any.
    AskModel {
        request_id: RequestId,
        folder: String,
        version: String,
        question: Pii<String>,
        messages: Vec<i64>,
        lang: Lang,
        context: Option<PromptContext>,
        model: Option<String>,
        deadline_ms: i64,
    },
    /// The answer to this question is not wanted any more; whoever works on it may stop.
    Supersede { request_id: RequestId },
    /// The person stopped it: whoever works on it may stop, and what was shown of its answer is said; where nothing
    /// was, `otherwise`, which may be empty.
    Stop { request_id: RequestId, otherwise: Outgoing },
    /// A person left what a business needs.
    CaptureLead(Box<Lead>),
    /// What the person has told since makes another score of a lead that was captured.
    RescoreLead(Box<Rescored>),
    /// A flow was entered or left.
    FlowMoved { flow: String, movement: Movement },
    /// A human is wanted. With details it is the same request once more, after the person has told about it.
    Handoff { reason: HandoffReason, details: Option<Box<HandoffDetails>> },
    /// Come back to this run of a flow then (Unix milliseconds), with `What::ReminderDue`.
    RemindLater { run: u32, at_ms: i64 },
    /// Fetch a file, look through it and keep it. What became of it comes back as `What::FilesChecked`.
    KeepFile { file: Box<SentFile>, limits: FileLimits },
    /// How the bot treats a person has changed, which is recorded.
    Limit(super::Limited),
    /// This chat wrote for the first time.
    ConversationStarted { lang: Lang, start_payload: Option<String> },
    /// Send the person an archive of what is held of them.
    ExportData,
    /// Erase what is held of the person at `due_ms` (Unix milliseconds), unless it is taken back.
    RequestErasure { due_ms: i64 },
    /// Take that back.
    CancelErasure,
    /// Nothing is to be said, for this reason.
    Ignore { reason: &'static str },
}

/// A message to the person. The text may be longer than Telegram allows; the sender splits it and puts
/// the buttons below the last part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outgoing {
    pub text: Pii<String>,
    /// Rows.
    pub buttons: Vec<Vec<Button>>,
    pub source: Source,
    /// Which answer of the FAQ it is, if it is one.
    pub given: Option<Given>,
    /// The person's message that it answers, the newest of several; 0 where there is none.
    #[serde(default)]
    pub to: i64,
    #[serde(default)]
    pub place: Place,
}

impl Outgoing {
    /// Something said below everything else, in answer to no message in particular.
    #[must_use]
    pub const fn of(text: Pii<String>, buttons: Vec<Vec<Button>>, source: Source) -> Self {
        Self { text, buttons, source, given: None, to: 0, place: Place::Below }
    }
}

/// An answer of the FAQ that was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// The entry's id.
    pub entry: String,
    /// The id of the variant; `None` for the entry's own answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

/// Where an answer stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Below everything else.
    #[default]
    Below,
    /// The same, shown as a reply to the message that it answers: that one was edited.
    Reply,
    /// In place of the answer before, where that is the last thing said; else as a reply.
    InPlace,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    pub label: String,
    pub target: Target,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Comes back as `What::Button`. At most 64 bytes.
    Callback(String),
    Url(String),
}

/// Which part of the bot answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Command,
    Flow,
    Faq,
    Model,
    Offline,
    Canned,
}

impl Source {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Flow => "flow",
            Self::Faq => "faq",
            Self::Model => "model",
            Self::Offline => "offline",
            Self::Canned => "canned",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Movement {
    Started,
    Completed,
    Cancelled,
}

impl Movement {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandoffReason {
    /// The person asked for one.
    Asked,
    /// The model knew nothing, more than once in a row; or it answered, and that was doubtful.
    LowConfidence,
    /// The model failed.
    ModelFailed,
    /// The model says that only a human can go on.
    ModelAsked,
    /// The person has had enough of the bot.
    Frustrated,
    /// A lead with a large budget.
    LargeLead,
    /// A person who is limited appeals.
    Appeal,
}

impl HandoffReason {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::LowConfidence => "low_confidence",
            Self::ModelFailed => "model_failed",
            Self::ModelAsked => "model_asked",
            Self::Frustrated => "frustrated",
            Self::LargeLead => "large_lead",
            Self::Appeal => "appeal",
        }
    }
}

/// What an agent is told who takes a conversation over.
#[derive(Clone, Debug, PartialEq)]
pub struct HandoffDetails {
    pub flow: String,
    pub lang: Lang,
    /// The answers as the person saw them, one a line.
    pub summary: Pii<String>,
    pub answers: Vec<LeadAnswer>,
    pub contact: LeadContact,
}

/// A person's request to the business.
#[derive(Clone, Debug, PartialEq)]
pub struct Lead {
    pub lead_id: LeadId,
    pub flow: String,
    pub lang: Lang,
    pub temperature: Temperature,
    pub score: i32,
    pub evidence: Vec<Evidence>,
    /// The same for people to read: the sum and its thresholds, then a line a reason.
    pub why: Vec<Pii<String>>,
    /// In the order of the flow; skipped questions are left out.
    pub answers: Vec<LeadAnswer>,
    pub contact: LeadContact,
    /// The payload of the start link that brought the person.
    pub start_payload: Option<String>,
    /// What that payload tells.
    pub attribution: Attribution,
}

/// A lead that is worth more, or less, than was told.
#[derive(Clone, Debug, PartialEq)]
pub struct Rescored {
    /// As it is now; of its answers those alone that are new.
    pub lead: Lead,
    pub score_before: i32,
    /// "hot", "warm" or "cold".
    pub temperature_before: String,
}

impl Lead {
    /// Whether the person has said how to reach them, more than that they write on Telegram.
    #[must_use]
    pub fn is_reachable(&self) -> bool {
        let LeadContact { email, phone, .. } = &self.contact;
        let told = |text: &Pii<String>| !text.expose().is_empty();
        told(email) || told(phone) || self.answers.iter().any(|answer| answer.field == "contact")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Temperature {
    Cold,
    Warm,
    Hot,
}

impl Temperature {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Warm => "warm",
            Self::Hot => "hot",
        }
    }
}

/// Why the score is what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// `budget: names at least $10k`.
    pub rule: String,
    pub points: i32,
    /// What the person said that earned them; empty where it is conduct.
    pub words: Pii<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct LeadAnswer {
    pub field: String,
    /// As it was understood: a choice's value, `5000..15000 USD`, the text.
    pub value: Pii<String>,
    /// As the person gave it.
    pub text: Pii<String>,
    /// Found in what the person wrote; nobody asked for it.
    pub found: bool,
}

/// How to reach the person. Empty strings where unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeadContact {
    pub name: Pii<String>,
    pub username: Pii<String>,
    pub email: Pii<String>,
    /// In E.164 where it could be read so (`+79129876543`).
    pub phone: Pii<String>,
    pub telegram_user_id: i64,
}
