//! A brief whose lead is not here yet. Leads and briefs come by two streams, which nothing orders; after an outage their
//! backlogs are read side by side.

use std::time::Duration;

use ids::Timestamp;
use jobs::{Job, JobError};
use pg::{PgError, Pool, in_time};

use super::deliver_deal::DeliverDeal;
use crate::store::link;

/// Most conversations that a human is called into have no lead, and none comes.
const WAITS: Duration = Duration::from_secs(3_600);
/// Between two looks: a quarter of what was waited, within these.
const LOOKS: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(120));

/// What came of waiting.
pub(super) enum Waited {
    /// The lead is here. The brief takes its place behind it, under this key.
    Follows { job: DeliverDeal, key: String },
    /// No lead came: it is nobody's.
    Nobodys,
}

pub(super) async fn wait_for_lead(
    pool: &Pool,
    job: &Job,
    brief: DeliverDeal,
    now: Timestamp,
) -> Result<Result<Waited, JobError>, PgError> {
    let lead = in_time(link::of_brief(pool, &brief.delivery_id, &brief.account)).await?;
    if let Some((conversation, lead_id)) = lead {
        let key = link::job_key(&brief.account, &conversation, lead_id);
        return Ok(Ok(Waited::Follows { job: DeliverDeal { lead_id: Some(lead_id), ..brief }, key }));
    }
    let waited = Duration::try_from(now.duration_since(job.enqueued_at)).unwrap_or_default();
    if waited >= WAITS {
        return Ok(Ok(Waited::Nobodys));
    }
    Ok(Err(JobError::Snooze { after: (waited / 4).clamp(LOOKS.0, LOOKS.1) }))
}
