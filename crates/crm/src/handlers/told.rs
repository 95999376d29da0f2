//! The events that tell what happens to a lead after it was captured, alike.

use bus::Delivery as Event;
use classify::{Class, Failure};
use events::Event as Named;
use events::message::bot::{ConversationClosed, HandoffReturned, HandoffTaken, LeadFiles, LeadRescored};
use ids::Uuid;

use crate::adapters::standard_webhook::{
    CONVERSATION_CLOSED, HANDOFF_RETURNED, HANDOFF_TAKEN, LEAD_FILES, LEAD_SCORE_CHANGED,
    conversation_closed, handoff_returned, handoff_taken, lead_files, score_changed,
};
use crate::domain::later::Later;

/// Their names.
pub(crate) const LATER: &[&str] = &[
    ConversationClosed::NAME,
    LeadFiles::NAME,
    LeadRescored::NAME,
    HandoffTaken::NAME,
    HandoffReturned::NAME,
];

/// One of them, of whichever kind.
pub(super) struct Told {
    /// As endpoints and accounts ask for it.
    pub(super) name: &'static str,
    pub(super) lead_id: Uuid,
    pub(super) conversation_id: String,
    pub(super) bot: String,
    /// How warm the lead is, and was.
    pub(super) temperatures: [String; 2],
    /// For endpoints.
    pub(super) body: String,
    /// For accounts.
    pub(super) later: Later,
}

/// The kinds have these fields alike, and no type says so.
macro_rules! told {
    ($event:expr, $kind:ty, $name:ident, $body:ident, $later:path, $before:ident) => {{
        let told: $kind = $event.decode()?;
        let body = $body(&told).map_err(|error| Failure::new(Class::Permanent, error))?;
        let no_id = |_| Failure::new(Class::Permanent, "the lead's id is none");
        Ok(Told {
            name: $name,
            lead_id: told.lead_id.parse().map_err(no_id)?,
            later: $later(&told),
            body,
            conversation_id: told.conversation_id,
            bot: told.bot,
            temperatures: [told.temperature.clone(), told.$before],
        })
    }};
}

pub(super) fn read(event: &Event) -> Result<Told, Failure> {
    match event.name() {
        ConversationClosed::NAME => {
            told!(
                event,
                ConversationClosed,
                CONVERSATION_CLOSED,
                conversation_closed,
                Later::closed,
                temperature
            )
        }
        LeadFiles::NAME => told!(event, LeadFiles, LEAD_FILES, lead_files, Later::files, temperature),
        LeadRescored::NAME => {
            told!(event, LeadRescored, LEAD_SCORE_CHANGED, score_changed, Later::rescored, temperature_before)
        }
        HandoffTaken::NAME => {
            told!(event, HandoffTaken, HANDOFF_TAKEN, handoff_taken, Later::taken, temperature)
        }
        HandoffReturned::NAME => {
            told!(event, HandoffReturned, HANDOFF_RETURNED, handoff_returned, Later::returned, temperature)
        }
        other => Err(Failure::new(Class::Permanent, format!("{other} is no news of a lead"))),
    }
}
