use events::message::llm::HandoffPrepared;
use ids::Timestamp;
use serde::Serialize;

/// The body of `handoff.prepared`. Its shape is public: fields are added, never changed.
#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    /// When the brief was prepared, RFC 3339.
    timestamp: Timestamp,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    handoff_id: &'a str,
    conversation_id: &'a str,
    bot: &'a str,
    language: &'a str,
    /// As in the event that called: "asked", "low_confidence", "model_failed", "model_asked", "frustrated", "large_lead",
    /// "send_failed" or "appeal".
    reason: &'a str,
    /// The same call once more, after the person has told what it is about.
    follow_up: bool,
    brief: &'a str,
    /// A model wrote it; else it is the end of the talk, word for word.
    by_model: bool,
}

/// What an endpoint asks for by this name.
pub(crate) const HANDOFF_PREPARED: &str = "handoff.prepared";

/// The JSON that is signed and sent for a brief.
pub(crate) fn handoff_prepared(handoff: &HandoffPrepared) -> Result<String, serde_json::Error> {
    serde_json::to_string(&Body {
        r#type: HANDOFF_PREPARED,
        timestamp: Timestamp::from_millisecond(handoff.at_ms).unwrap_or(Timestamp::UNIX_EPOCH),
        data: Data {
            handoff_id: &handoff.handoff_id,
            conversation_id: &handoff.conversation_id,
            bot: &handoff.bot,
            language: &handoff.language,
            reason: &handoff.reason,
            follow_up: handoff.follow_up,
            brief: &handoff.brief,
            by_model: !handoff.prompt.is_empty(),
        },
    })
}
