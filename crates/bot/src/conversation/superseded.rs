//! Questions in whose place newer ones have come: whoever works on them is told, and what they still bring is kept
//! as a fact.

use bus::Bus;
use events::SUPERSEDED;
use ids::{ConversationId, Pii, RequestId};
use pg::AfterCommit;

use crate::domain::What;
use crate::store::message::Message;

/// A nudge that may be lost: then a model is paid for an answer that nobody is shown.
pub(super) fn tell(bus: &Bus, superseded: Vec<RequestId>) -> AfterCommit {
    if superseded.is_empty() {
        return AfterCommit::nothing();
    }
    let bus = bus.clone();
    AfterCommit::then(move || {
        tokio::spawn(async move {
            for question in superseded {
                metrics::counter!("dragoman_model_superseded_total").increment(1);
                if let Err(error) = bus.core_publish(SUPERSEDED, question.to_string().into()).await {
                    let error = classify::chain(&error);
                    tracing::debug!(error, "models were not told what they need not go on with");
                }
            }
        });
    })
}

/// An answer of a model that nobody is shown, with the reason.
pub(super) fn dropped(
    what: &What,
    conversation_id: ConversationId,
    at_ms: i64,
    ignored_why: Option<&'static str>,
) -> Option<Message> {
    let What::ModelAnswered(answer) = what else { return None };
    if ignored_why.is_none() || answer.text.expose().is_empty() {
        return None;
    }
    metrics::counter!("dragoman_model_answers_dropped_total").increment(1);
    Some(Message {
        conversation_id,
        at_ms,
        from_person: false,
        kind: if answer.offline { "offline" } else { "model" }.to_owned(),
        text: answer.text.clone(),
        label: Pii::default(),
        message_id: 0,
        answers: 0,
        ignored_why,
        understood: None,
    })
}
