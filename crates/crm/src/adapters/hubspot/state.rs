//! Where a deal stands.

use super::Hubspot;
use super::refusal::Names;
use super::wire::Object;
use crate::adapters::Trouble;
use crate::domain::state::{DealState, Outcome};

const PROPERTIES: &str =
    "pipeline,dealstage,amount,deal_currency_code,hubspot_owner_id,hs_is_closed,hs_is_closed_won,closedate";

impl Hubspot {
    /// `None`: it is not there any more.
    pub(super) async fn standing(&self, deal: &str) -> Result<Option<DealState>, Trouble> {
        let path = ["crm", "v3", "objects", "deals", deal];
        let reply = self.api.try_get(&path, &[("properties", PROPERTIES)]).await?;
        if reply.status == 404 {
            return Ok(None);
        }
        let object: Object = super::api::read(&reply, &Names::default())?;
        if object.id.0 != deal {
            return Err(reply.failed());
        }
        let outcome = match (object.text("hs_is_closed_won"), object.text("hs_is_closed")) {
            ("true", _) => Outcome::Won,
            (_, "true") => Outcome::Lost,
            _ => Outcome::Open,
        };
        let text = |name: &str| object.text(name).to_owned();
        Ok(Some(DealState {
            deal: deal.to_owned(),
            outcome,
            stage_decides: true,
            pipeline: text("pipeline"),
            stage: text("dealstage"),
            responsible: text("hubspot_owner_id"),
            amount: text("amount"),
            currency: text("deal_currency_code"),
            ended_at: object.text("closedate").parse().ok(),
        }))
    }
}
