//! Bitrix24. What comes in is a lead (`crm.item.add`, entity type 1), with the id of ours in the place that Bitrix24 has for
//! other programs; in its simple mode a lead becomes a deal by itself, and then the deal is what is meant. Leads and deals
//! count each for themselves, so ids here are `lead:10` and `deal:5`. Somebody whom only a lead knows is that lead.

mod api;
mod catalogue;
mod field;
mod find;
mod form;
mod holds;
mod judge;
mod lead;
mod looking;
mod note;
mod oauth;
mod place;
mod query;
mod schema;
mod state;
#[cfg(test)]
mod tests;
mod value;

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use ids::Timestamp;
use serde_json::{Value, json};

pub(crate) use oauth::Oauth;

use self::api::{Api, Call};
use self::catalogue::Kept;
use self::lead::no_id;
use self::place::{Kind, Place};
use super::call::Effect;
use super::{AccountError, Adapter, Caller, Drafted, FindBy, Token, Trouble, Whose};
use crate::config::AccountConfig;
use crate::domain::deal::{Contact, Filled, Made, Marked, Match, NewDeal, Note};
use crate::domain::schema::Schema;
use crate::domain::state::DealState;

/// An account, which Bitrix24 calls a portal.
struct Bitrix24 {
    api: Api,
    catalogue: Kept,
    /// Of contacts; empty: people are not found by the number of their Telegram account.
    telegram_field: String,
}

/// The adapter of a portal.
pub(super) fn open(
    config: &AccountConfig,
    caller: Caller,
    token: Token,
) -> Result<Arc<dyn Adapter>, AccountError> {
    let api = Api::new(config, caller, token)?;
    let telegram_field = config.telegram_field.trim().to_owned();
    Ok(Arc::new(Bitrix24 { api, catalogue: Kept::default(), telegram_field }))
}

#[async_trait]
impl Adapter for Bitrix24 {
    async fn schema(&self) -> Result<Schema, Trouble> {
        self.described().await
    }

    async fn probe(&self) -> Result<(), Trouble> {
        self.api.call(&Call::new("crm.settings.mode.get", json!({})), Effect::Read).await.map(drop)
    }

    async fn find(&self, contact: &Contact, by: &[FindBy]) -> Result<Vec<Match>, Trouble> {
        self.search(contact, by).await
    }

    async fn person(&self, id: &str) -> Result<Option<Match>, Trouble> {
        self.person_of(id).await
    }

    async fn has_deal(&self, id: &str) -> Result<bool, Trouble> {
        Ok(self.item(place(id)?).await?.is_some())
    }

    async fn made(&self, mark: &str) -> Result<Option<Made>, Trouble> {
        self.marked(mark).await
    }

    /// A lead holds who it is.
    fn makes_contact_with_deal(&self) -> bool {
        true
    }

    async fn create_contact(&self, contact: &Contact) -> Result<String, Trouble> {
        self.new_person(contact).await
    }

    async fn create_deal(&self, deal: &NewDeal, of: &Whose<'_>) -> Result<Made, Trouble> {
        self.new_lead(deal, of).await
    }

    async fn draft(&self, deal: &NewDeal, contact: &Contact) -> Result<Vec<Drafted>, Trouble> {
        self.drafted(deal, contact).await
    }

    async fn update_deal(&self, id: &str, deal: &NewDeal) -> Result<(), Trouble> {
        self.changed(place(id)?, deal).await
    }

    async fn holds(&self, id: &str, fields: &[Filled]) -> Result<Vec<bool>, Trouble> {
        self.fields_hold(place(id)?, fields).await
    }

    async fn add_note(&self, deal: &str, note: &Note) -> Result<(), Trouble> {
        self.new_note(place(deal)?, note).await
    }

    async fn has_note(&self, deal: &str, mark: &str) -> Result<bool, Trouble> {
        self.noted(place(deal)?, mark).await
    }

    async fn there(&self, deals: &[String]) -> Result<HashSet<String>, Trouble> {
        self.are_there(deals).await
    }

    async fn marked(&self, since: Timestamp) -> Result<(Vec<Marked>, bool), Trouble> {
        self.with_marks(since).await
    }

    async fn deal_state(&self, deal: &str) -> Result<Option<DealState>, Trouble> {
        self.standing(place(deal)?).await
    }
}

fn place(id: &str) -> Result<Place, Trouble> {
    id.parse().map_err(|()| no_id(id))
}

/// The first page of a list, with what is asked of everything in one.
fn listed(kind: Kind, filter: &Value, order: &Value) -> Call {
    let select: &[&str] = match kind {
        Kind::Contact => &["id"],
        _ => &["id", "contactId", "stageId", "createdTime"],
    };
    let params = json!({ "entityTypeId": kind.number(), "select": select, "filter": filter, "order": order });
    Call::new("crm.item.list", params)
}
