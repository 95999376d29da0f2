//! A brief, or what is later than its lead, whose lead is not here yet. They are read by consumers of their own, which
//! nothing orders; after an outage their backlogs are read side by side.

use std::time::Duration;

use classify::{Class, Failure};
use ids::Timestamp;
use jobs::{Job, JobError};
use pg::{PgError, Pool, in_time};

use super::deliver_deal::{DeliverDeal, Done};
use crate::store::link;

/// Most conversations that a human is called into have no lead, and none comes.
const WAITS: Duration = Duration::from_secs(3_600);
/// Between two looks: a quarter of what was waited, within these.
const LOOKS: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(120));

/// What comes of it: the job that takes its place behind the lead, or that it is nobody's.
pub(super) async fn wait_for_lead(
    pool: &Pool,
    job: &Job,
    brief: DeliverDeal,
    now: Timestamp,
) -> Result<Result<Done, JobError>, PgError> {
    let lead = in_time(link::of_news(pool, &brief.delivery_id, &brief.account)).await?;
    if let Some((conversation, lead_id)) = lead {
        let key = link::job_key(&brief.account, &conversation, lead_id);
        return Ok(Ok(Done::Follows(DeliverDeal { lead_id: Some(lead_id), ..brief }, key)));
    }
    let waited = Duration::try_from(now.duration_since(job.enqueued_at)).unwrap_or_default();
    if waited >= WAITS {
        // A lead that went elsewhere does not come here. One of which nothing is known lies in a dead letter, and comes when
        // a person replays that.
        let may_come = in_time(link::may_come(pool, &brief.delivery_id)).await?;
        return Ok(if may_come { Err(without_lead()) } else { Ok(Done::Nobodys(brief.delivery_id)) });
    }
    Ok(Err(JobError::Snooze { after: (waited / 4).clamp(LOOKS.0, LOOKS.1) }))
}

fn without_lead() -> JobError {
    let why = "the lead that it is about has not come within an hour; look for its dead letter, replay that, then this";
    JobError::Fail(Failure::new(Class::NotFound, why))
}
