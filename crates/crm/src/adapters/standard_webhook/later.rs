//! The bodies of what happens to a lead after it was captured. Their shapes are public: fields are added, never changed.

use events::message::bot::{ConversationClosed, HandoffReturned, HandoffTaken, LeadFiles, LeadRescored};
use ids::Timestamp;
use serde::Serialize;

use super::body::{Evidence, File};

/// What an endpoint, or an account, asks for by these names.
pub(crate) const LEAD_FILES: &str = "lead.files";
pub(crate) const LEAD_SCORE_CHANGED: &str = "lead.score_changed";
pub(crate) const HANDOFF_TAKEN: &str = "handoff.taken";
pub(crate) const HANDOFF_RETURNED: &str = "handoff.returned";
pub(crate) const CONVERSATION_CLOSED: &str = "conversation.closed";

#[derive(Serialize)]
struct Body<'a, T> {
    r#type: &'static str,
    /// When it happened, RFC 3339.
    timestamp: Timestamp,
    data: Data<'a, T>,
}

#[derive(Serialize)]
struct Data<'a, T> {
    /// As in `lead.created`.
    lead_id: &'a str,
    conversation_id: &'a str,
    bot: &'a str,
    language: &'a str,
    /// Of the lead: "hot", "warm" or "cold".
    temperature: &'a str,
    #[serde(flatten)]
    what: T,
}

#[derive(Serialize)]
struct Files<'a> {
    /// Each is fetched by a link, which is given out by its id.
    files: Vec<File<'a>>,
}

#[derive(Serialize)]
struct Closed<'a> {
    /// "blocked", "left", "chat_not_found" or "idle".
    reason: &'a str,
    /// Messages that are still kept.
    said_by_person: i32,
    said_by_bot: i32,
    /// When the person wrote last, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_said_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct ScoreChanged<'a> {
    score: i32,
    score_before: i32,
    temperature_before: &'a str,
    evidence: Vec<Evidence<'a>>,
    /// For people to read: the sum and its thresholds, then a line a reason.
    why: &'a [String],
}

#[derive(Serialize)]
struct Agent<'a> {
    /// Who speaks, or spoke, in place of the bot, as colleagues call them.
    #[serde(skip_serializing_if = "str::is_empty")]
    agent: &'a str,
}

/// The JSON that is signed and sent for files.
pub(crate) fn lead_files(event: &LeadFiles) -> Result<String, serde_json::Error> {
    let what = Files { files: event.files.iter().map(File::of).collect() };
    let LeadFiles { lead_id, conversation_id, bot, language, temperature, at_ms, .. } = event;
    body(LEAD_FILES, *at_ms, Data { lead_id, conversation_id, bot, language, temperature, what })
}

/// The same for the end of a conversation.
pub(crate) fn conversation_closed(event: &ConversationClosed) -> Result<String, serde_json::Error> {
    let last = Some(event.last_said_at_ms).filter(|last| *last > 0);
    let what = Closed {
        reason: &event.reason,
        said_by_person: event.said_by_person,
        said_by_bot: event.said_by_bot,
        last_said_at: last.and_then(|last| Timestamp::from_millisecond(last).ok()),
    };
    let ConversationClosed { lead_id, conversation_id, bot, language, temperature, at_ms, .. } = event;
    body(CONVERSATION_CLOSED, *at_ms, Data { lead_id, conversation_id, bot, language, temperature, what })
}

/// The same where somebody takes the conversation over.
pub(crate) fn handoff_taken(event: &HandoffTaken) -> Result<String, serde_json::Error> {
    let HandoffTaken { lead_id, conversation_id, bot, language, temperature, agent, at_ms } = event;
    let what = Agent { agent };
    body(HANDOFF_TAKEN, *at_ms, Data { lead_id, conversation_id, bot, language, temperature, what })
}

/// The same where they give it back.
pub(crate) fn handoff_returned(event: &HandoffReturned) -> Result<String, serde_json::Error> {
    let HandoffReturned { lead_id, conversation_id, bot, language, temperature, agent, at_ms } = event;
    let what = Agent { agent };
    body(HANDOFF_RETURNED, *at_ms, Data { lead_id, conversation_id, bot, language, temperature, what })
}

/// The same for a score.
pub(crate) fn score_changed(event: &LeadRescored) -> Result<String, serde_json::Error> {
    let what = ScoreChanged {
        score: event.score,
        score_before: event.score_before,
        temperature_before: &event.temperature_before,
        evidence: event.evidence.iter().map(Evidence::of).collect(),
        why: &event.why,
    };
    let LeadRescored { lead_id, conversation_id, bot, language, temperature, at_ms, .. } = event;
    body(LEAD_SCORE_CHANGED, *at_ms, Data { lead_id, conversation_id, bot, language, temperature, what })
}

fn body<T: Serialize>(
    name: &'static str,
    at_ms: i64,
    data: Data<'_, T>,
) -> Result<String, serde_json::Error> {
    let timestamp = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    serde_json::to_string(&Body { r#type: name, timestamp, data })
}
