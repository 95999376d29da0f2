//! Where a lead or a deal stands.

use serde_json::{Value, json};

use super::super::Trouble;
use super::Bitrix24;
use super::field::text;
use super::lead::is_converted;
use super::place::{Kind, Place, id};
use crate::domain::state::{DealState, Outcome};

impl Bitrix24 {
    /// `None`: it is not there any more. A lead that became a deal stands where the deal stands.
    pub(super) async fn standing(&self, place: Place) -> Result<Option<DealState>, Trouble> {
        let Some(item) = self.item(place).await? else { return Ok(None) };
        if place.kind == Kind::Lead && is_converted(&item) {
            let deals =
                self.list(Kind::Deal, json!({ "=leadId": place.id }), json!({ "id": "DESC" })).await?;
            let deal = deals.first().and_then(|deal| id(deal.get("id"))).map(Place::deal);
            if let Some(deal) = deal {
                return Ok(self.item(deal).await?.map(|item| state(deal, &item)));
            }
        }
        Ok(Some(state(place, &item)))
    }
}

fn state(place: Place, item: &Value) -> DealState {
    let part = |name: &str| item.get(name).map(text).unwrap_or_default();
    let outcome = match part("stageSemanticId").as_str() {
        "F" => Outcome::Lost,
        // A lead that ends well has sold nothing yet: somebody is to make a deal of it.
        "S" if place.kind == Kind::Deal => Outcome::Won,
        _ => Outcome::Open,
    };
    DealState {
        deal: place.to_string(),
        outcome,
        stage_decides: false,
        pipeline: if place.kind == Kind::Lead { super::form::LEADS.to_owned() } else { part("categoryId") },
        stage: part("stageId"),
        responsible: part("assignedById"),
        amount: part("opportunity"),
        currency: part("currencyId"),
        // When it came to the stage that it is in.
        ended_at: part("movedTime").parse().ok(),
    }
}
