use std::collections::BTreeMap;

use async_trait::async_trait;
use bus::{BatchHandler, Delivery as Delivered};
use classify::Failure;
use events::Event;
use events::message::crm::{DealMoved, DeliveryEnded};
use pg::{AfterCommit, PgConnection};

use super::{at, id};
use crate::store::deal::{self, Moved};
use crate::store::lead::{self, Delivery};

/// What became of the leads.
pub(crate) struct CrmFacts;

#[async_trait]
impl BatchHandler for CrmFacts {
    async fn handle(&self, tx: &mut PgConnection, batch: &[Delivered]) -> Result<AfterCommit, Failure> {
        lead::delivered(tx, &deliveries(batch)?).await?;
        deal::moved(tx, &deals(batch)?).await?;
        Ok(AfterCommit::nothing())
    }
}

/// The last word on each lead and endpoint; in the order of their keys, so that two batches that write the same rows do not
/// lock each other out.
fn deliveries(batch: &[Delivered]) -> Result<Vec<Delivery>, Failure> {
    let mut last: BTreeMap<_, (i64, Delivery)> = BTreeMap::new();
    for event in batch.iter().filter(|event| event.name() == DeliveryEnded::NAME) {
        let DeliveryEnded { lead_id, endpoint, outcome, attempts, at_ms, .. } = event.decode()?;
        let lead_id = id(&lead_id)?;
        let key = (lead_id, endpoint.clone());
        if last.get(&key).is_none_or(|(known, _)| *known <= at_ms) {
            let at = at(at_ms)?;
            last.insert(key, (at_ms, Delivery { lead_id, endpoint, outcome, attempts, at }));
        }
    }
    Ok(last.into_values().map(|(_, delivery)| delivery).collect())
}

/// The same of deals.
fn deals(batch: &[Delivered]) -> Result<Vec<Moved>, Failure> {
    let mut last: BTreeMap<_, (i64, Moved)> = BTreeMap::new();
    for event in batch.iter().filter(|event| event.name() == DealMoved::NAME) {
        let fact: DealMoved = event.decode()?;
        let deal_id = id(&fact.deal_id)?;
        if last.get(&deal_id).is_some_and(|(known, _)| *known > fact.at_ms) {
            continue;
        }
        let moved = Moved {
            deal_id,
            lead_id: id(&fact.lead_id)?,
            bot: fact.bot,
            account: fact.account,
            outcome: fact.outcome,
            outcome_since: at(fact.outcome_since_ms)?,
            amount_minor: fact.amount_minor,
            currency: fact.currency,
            at: at(fact.at_ms)?,
        };
        last.insert(deal_id, (fact.at_ms, moved));
    }
    Ok(last.into_values().map(|(_, moved)| moved).collect())
}
