//! Where a lead or a deal stands.

use serde_json::{Value, json};

use super::super::Trouble;
use super::super::call::Effect;
use super::Bitrix24;
use super::api::Call;
use super::field::text;
use super::judge::misses;
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

    async fn item(&self, place: Place) -> Result<Option<Value>, Trouble> {
        let params = json!({ "entityTypeId": place.kind.number(), "id": place.id });
        let mut given = match self.api.call(&Call::new("crm.item.get", params), Effect::Read).await {
            Err(trouble) if is_not_found(&trouble) => return Ok(None),
            given => given?,
        };
        let item = given.result.get_mut("item").map(Value::take);
        let item = item.filter(|item| id(item.get("id")) == Some(place.id));
        item.map(Some).ok_or_else(|| misses(Effect::Read, "the item"))
    }
}

fn is_not_found(trouble: &Trouble) -> bool {
    match trouble {
        Trouble::Rejected { faults, .. } => faults.iter().any(|fault| fault.code == "NOT_FOUND"),
        _ => false,
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
    }
}
