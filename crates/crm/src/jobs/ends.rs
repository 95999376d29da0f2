use bus::outbox::Outbox;
use events::message::crm::DeliveryEnded;
use events::{Envelope, Key};
use ids::{Clock, Ids};
use jobs::Job;

use crate::store::delivery::Ended;

/// What the end of a delivery is told with.
#[derive(Clone)]
pub(crate) struct Ends {
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) outbox: Outbox,
}

impl Ends {
    /// What is told of a lead; of anything else nobody waits to hear.
    pub(crate) fn fact(&self, job: &Job, ended: &Ended, outcome: &str) -> Option<Envelope> {
        let lead_id = ended.lead_id?;
        let at_ms = self.clock.now_ms();
        let event = DeliveryEnded {
            lead_id: lead_id.to_string(),
            endpoint: ended.endpoint.clone(),
            outcome: outcome.to_owned(),
            attempts: ended.attempts,
            status: ended.status,
            at_ms,
        };
        Some(Envelope::new(self.ids.event(), Key::of(lead_id), job.trail.clone(), at_ms, &event))
    }
}

/// "delivered" and "attempt_failed" count attempts, "failed" deliveries that are given up.
pub(crate) fn count(endpoint: &str, outcome: &'static str) {
    metrics::counter!(
        "dragoman_crm_deliveries_total", "endpoint" => endpoint.to_owned(), "outcome" => outcome
    )
    .increment(1);
}
