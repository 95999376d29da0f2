//! What an account calls its stages and its people, and how its stages end: asked for now and then, and kept.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::accounts::{Account, Accounts};
use crate::adapters::Trouble;
use crate::domain::schema::{Schema, Stage};
use crate::domain::state::DealState;

/// Names are as old as this at most.
const KEPT: Duration = Duration::from_secs(600);
/// What is not among them may be new; it is not asked for more often than this.
const PATIENCE: Duration = Duration::from_secs(60);

/// What an account has told, and when.
type Asked = (Instant, Arc<Schema>);

/// Of all accounts.
pub(crate) struct Names(BTreeMap<String, Mutex<Option<Asked>>>);

impl Names {
    pub(crate) fn new(accounts: &Accounts) -> Self {
        Self(accounts.all().map(|account| (account.name.clone(), Mutex::default())).collect())
    }

    /// The schema by which a deal's ids have names. Where the account may not tell it, the last that was told, or an empty one:
    /// that a deal moved is told all the same.
    pub(crate) async fn of(&self, account: &Account, deal: &DealState) -> Result<Arc<Schema>, Trouble> {
        let Some(kept) = self.0.get(&account.name) else { return Ok(Arc::default()) };
        // Held while it is read, so that reads that begin together ask once.
        let mut kept = kept.lock().await;
        if let Some((at, schema)) = kept.as_ref() {
            let most = if knows(schema, deal) { KEPT } else { PATIENCE };
            if at.elapsed() < most {
                return Ok(schema.clone());
            }
        }
        let schema = match account.adapter.schema().await {
            Ok(schema) => Arc::new(schema),
            Err(trouble) if trouble.is_of_rights() || matches!(trouble, Trouble::Rejected { .. }) => {
                tracing::warn!(
                    account = account.name,
                    why = trouble.word(),
                    "the names of stages and people are not told; see dragoman crm check"
                );
                kept.as_ref().map(|(_, schema)| schema.clone()).unwrap_or_default()
            }
            Err(trouble) => return Err(trouble),
        };
        *kept = Some((Instant::now(), schema.clone()));
        Ok(schema)
    }
}

fn knows(schema: &Schema, deal: &DealState) -> bool {
    stage(schema, deal).is_some()
        && (deal.responsible.is_empty() || schema.people.iter().any(|person| person.id == deal.responsible))
}

/// The deal's stage: of its pipeline, for some CRMs have the same ids in each.
pub(crate) fn stage<'a>(schema: &'a Schema, deal: &DealState) -> Option<&'a Stage> {
    let pipelines = schema.pipelines.iter().filter(|pipeline| pipeline.id == deal.pipeline);
    pipelines.flat_map(|pipeline| &pipeline.stages).find(|stage| stage.id == deal.stage)
}
