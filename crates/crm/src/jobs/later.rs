//! What happened to a lead after it was captured, told in one note with what else stands behind it in its line.

use ids::Pii;
use jobs::Job;
use pg::in_time;

use super::deliver_deal::{Problem, read};
use crate::adapters::Trouble;
use crate::delivering::{Delivering, NOTE, Stop};
use crate::domain::deal::Filled;
use crate::domain::later::Later;
use crate::domain::news::of_later;
use crate::mappings;
use crate::store::together;

/// `None`: the lead has no deal there.
pub(super) async fn tell(delivering: &Delivering<'_>, job: &Job) -> Result<Option<()>, Problem> {
    let (pool, delivery) = (delivering.pool, delivering.delivery_id);
    let line = (job.queue, job.key.as_str(), job.id);
    in_time(together::gather(pool, line, delivery, NOTE)).await.map_err(Stop::from)?;
    let known = in_time(together::bodies(pool, delivery)).await.map_err(Stop::from)?;
    // What can not be read is known before anything is called.
    let all = known.iter().map(read).collect::<Result<Vec<Later>, _>>()?;
    // A field that is refused keeps nothing else away: the note is told, and only then the field waits for a person.
    let rescored = match rescore(delivering, &all).await {
        Err(Problem::Stop(stop)) if stop.is_of_this() => Err(Problem::Stop(stop)),
        other => Ok(other?),
    };
    let news = async {
        // Once the call is noted nothing joins any more; what another process has let join before is here.
        let bodies = in_time(together::bodies(pool, delivery)).await?;
        let later = |body: &Pii<String>| serde_json::from_str(body.expose()).ok();
        let all: Option<Vec<Later>> = bodies.iter().map(later).collect();
        let all = all.ok_or_else(|| Trouble::NotSent("what was kept of it can not be read".to_owned()))?;
        Ok(of_later(&all, delivery))
    };
    let told = delivering.news(delivery, news).await?;
    rescored.map(|()| told)
}

/// Where the score is another, the fields that the mapping fills with it follow: to what is newest, also where that is told
/// by another delivery, and this one is late.
async fn rescore(delivering: &Delivering<'_>, told: &[Later]) -> Result<(), Problem> {
    let Some(first) = told.iter().find_map(|later| later.rescore()) else { return Ok(()) };
    let mapping = mappings::in_force(delivering.pool, delivering.account).await?.mapping;
    let (pool, account) = (delivering.pool, delivering.account.name.as_str());
    let known = in_time(together::of_lead(pool, delivering.lead_id, account)).await.map_err(Stop::from)?;
    let known = known.iter().map(read).collect::<Result<Vec<Later>, _>>()?;
    let scored = known.iter().filter(|later| later.rescore().is_some());
    let newest = scored.max_by_key(|later| later.at_ms).and_then(Later::rescore).unwrap_or(first);
    let before = mapping.scored(first.score_before, &first.temperature_before);
    let now = mapping.scored(newest.score, &newest.temperature);
    // A field that is empty on one side is on neither.
    let both = |one: &Filled, others: &[Filled]| others.iter().any(|other| other.theirs == one.theirs);
    let (mut from, mut to) = (before.clone(), now.clone());
    from.retain(|field| both(field, &now));
    to.retain(|field| both(field, &before));
    Ok(delivering.refill(&from, to).await?)
}
