//! HubSpot: the CRM's API in its version 3, associations in version 4, with the token of a private app.
//!
//! A lead is a deal that is tied to a contact. The mark stands in the property that the settings name, best one whose
//! values HubSpot keeps unique (then it refuses a second deal itself), or at the end of the deal's name.

mod api;
mod deals;
mod holds;
mod looking;
mod made;
mod notes;
mod objects;
mod people;
mod phone;
mod refusal;
mod schema;
mod search;
mod state;
#[cfg(test)]
mod tests;
mod unsettled;
mod values;
mod wire;

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use ids::{Clock, Timestamp};
use url::Url;

use super::{AccountError, Adapter, Caller, Drafted, FindBy, Token, Trouble, Whose};
use crate::config::AccountConfig;
use crate::domain::deal::{Contact, Filled, Made, Marked, Match, NewDeal, Note};
use crate::domain::schema::Schema;
use crate::domain::state::DealState;
use api::Api;
use unsettled::Unsettled;
use values::Properties;

/// One account. It lives as long as the process: it remembers what it sent.
struct Hubspot {
    api: Api,
    /// The property of a deal that holds the mark; none: the end of the name.
    mark_field: Option<String>,
    /// The property of a person that holds the number of their Telegram account.
    telegram_field: Option<String>,
    clock: Clock,
    fields: Properties,
    unsettled: Unsettled,
}

pub(super) fn open(
    config: &AccountConfig,
    caller: Caller,
    token: Token,
) -> Result<Arc<dyn Adapter>, AccountError> {
    Ok(Arc::new(Hubspot::new(config, caller, token)?))
}

impl Hubspot {
    fn new(config: &AccountConfig, caller: Caller, token: Token) -> Result<Self, AccountError> {
        let wrong = |what: &str| AccountError(format!("[[crm.accounts]] {}: {what}", config.name));
        let base: Url = config
            .url
            .parse()
            .ok()
            .filter(|url: &Url| !url.cannot_be_a_base() && url.query().is_none())
            .ok_or_else(|| wrong("url is not an address; write https://api.hubapi.com"))?;
        if config.oauth.is_some() {
            return Err(wrong("HubSpot takes the token of a private app; leave `oauth` out"));
        }
        if config.token.is_empty() {
            return Err(wrong("token is missing; HubSpot shows it with the private app"));
        }
        let some = |name: &str| Some(name.trim().to_owned()).filter(|name| !name.is_empty());
        Ok(Self {
            api: Api::new(caller, token, base),
            mark_field: some(&config.mark_field),
            telegram_field: some(&config.telegram_field),
            clock: Clock::system(),
            fields: Properties::default(),
            unsettled: Unsettled::default(),
        })
    }
}

#[async_trait]
impl Adapter for Hubspot {
    async fn schema(&self) -> Result<Schema, Trouble> {
        schema::schema(&self.api).await
    }

    async fn probe(&self) -> Result<(), Trouble> {
        schema::account(&self.api).await.map(drop)
    }

    async fn warnings(&self) -> Result<Vec<String>, Trouble> {
        let is_unique = match &self.telegram_field {
            Some(property) => self.fields.is_unique(&self.api, "contacts", property).await?,
            None => false,
        };
        let why = "telegram_field names no property of contacts whose values are unique: somebody without an e-mail may be \
                   made twice where an answer of HubSpot is lost; make such a property and name it";
        Ok((!is_unique).then(|| why.to_owned()).into_iter().collect())
    }

    async fn find(&self, contact: &Contact, by: &[FindBy]) -> Result<Vec<Match>, Trouble> {
        self.find_people(contact, by).await
    }

    async fn person(&self, id: &str) -> Result<Option<Match>, Trouble> {
        let open_deals = self.open_deals(id).await?;
        Ok(open_deals.map(|open_deals| Match { contact: id.to_owned(), open_deals }))
    }

    async fn has_deal(&self, id: &str) -> Result<bool, Trouble> {
        self.is_there(id).await
    }

    async fn made(&self, mark: &str) -> Result<Option<Made>, Trouble> {
        self.find_made(mark).await
    }

    /// A person and a deal are two requests there.
    fn makes_contact_with_deal(&self) -> bool {
        false
    }

    async fn create_contact(&self, contact: &Contact) -> Result<String, Trouble> {
        self.make_contact(contact).await
    }

    async fn create_deal(&self, deal: &NewDeal, of: &Whose<'_>) -> Result<Made, Trouble> {
        self.make_deal(deal, of).await
    }

    async fn draft(&self, deal: &NewDeal, contact: &Contact) -> Result<Vec<Drafted>, Trouble> {
        let person = self.drafted(contact).await?;
        let body = self.deal(deal, "(the person's id)").await?;
        Ok(vec![person, Drafted { call: "POST crm/v3/objects/deals".to_owned(), body }])
    }

    async fn update_deal(&self, id: &str, deal: &NewDeal) -> Result<(), Trouble> {
        self.change_deal(id, deal).await
    }

    async fn holds(&self, id: &str, fields: &[Filled]) -> Result<Vec<bool>, Trouble> {
        self.properties_hold(id, fields).await
    }

    async fn add_note(&self, deal: &str, note: &Note) -> Result<(), Trouble> {
        self.put_note(deal, note).await
    }

    async fn has_note(&self, deal: &str, mark: &str) -> Result<bool, Trouble> {
        self.is_noted(deal, mark).await
    }

    async fn there(&self, deals: &[String]) -> Result<HashSet<String>, Trouble> {
        self.are_there(deals).await
    }

    async fn marked(&self, since: Timestamp) -> Result<(Vec<Marked>, bool), Trouble> {
        self.with_marks(since).await
    }

    async fn deal_state(&self, deal: &str) -> Result<Option<DealState>, Trouble> {
        self.standing(deal).await
    }
}
