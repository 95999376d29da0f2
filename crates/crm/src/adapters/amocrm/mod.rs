//! amoCRM, and Kommo, which is the same outside of Russia: API v4.
//!
//! A deal of somebody new is made together with them, in one call. Nothing keeps a call from being done twice, so our mark
//! stands in a field of the deal, or at the end of its name, and is looked for before anything is repeated.

mod catalogue;
mod filling;
mod find;
mod holds;
mod line;
mod looking;
mod mark;
mod payload;
mod reading;
mod refusal;
mod renewal;
mod schema;
mod state;
#[cfg(test)]
mod tests;
mod value;

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use ids::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use self::catalogue::{Catalogue, Kept};
use self::line::Line;
use self::payload::{Built, Payload};
use self::reading::number;
use super::call::Reply;
use super::{AccountError, Adapter, Caller, Drafted, FindBy, Token, Trouble, Whose};
use crate::config::AccountConfig;
use crate::domain::deal::{Contact, Filled, Made, Marked, Match, NewDeal, Note};
use crate::domain::schema::Schema;
use crate::domain::state::DealState;

pub(crate) use renewal::Tokens;

/// What the settings say of the account's fields; each empty where there is none.
struct Settings {
    /// Holds the id of our lead.
    mark_field: String,
    /// Holds the number of a person's Telegram account.
    telegram_field: String,
}

struct Amocrm {
    line: Line,
    known: Kept,
    settings: Settings,
}

/// The adapter of an account.
pub(crate) fn open(
    config: &AccountConfig,
    caller: Caller,
    token: Token,
) -> Result<Arc<dyn Adapter>, AccountError> {
    let (mark_field, telegram_field) = (config.mark_field.clone(), config.telegram_field.clone());
    let settings = Settings { mark_field, telegram_field };
    Ok(Arc::new(Amocrm { line: Line::new(config, caller, token)?, known: Kept::default(), settings }))
}

impl Amocrm {
    /// A body after what the account is known to have. Where something is wrong with it, that may have changed since, so
    /// it is looked at once more.
    async fn built(&self, build: impl Fn(&Catalogue) -> Built + Send) -> Result<Payload, Trouble> {
        if let Ok(payload) = build(self.known.get(&self.line).await?.as_ref()) {
            return Ok(payload);
        }
        let fresh = self.known.fresh(&self.line).await?;
        build(&fresh).map_err(refusal::before)
    }

    async fn write(&self, method: Method, path: &str, payload: &Payload) -> Result<Reply, Trouble> {
        let answer = self.line.write(method, path, &payload.body, &|path| payload.ours(path)).await;
        if matches!(answer, Err(Trouble::Rejected { .. })) {
            self.known.forget().await;
        }
        answer
    }
}

/// The id of a deal, which has been one of amoCRM's.
fn of_deal(id: &str) -> Result<i64, Trouble> {
    refusal::id("deal", id).map_err(|fault| refusal::before(vec![fault]))
}

#[async_trait]
impl Adapter for Amocrm {
    async fn schema(&self) -> Result<Schema, Trouble> {
        let known = self.known.fresh(&self.line).await?;
        schema::read(&self.line, &known).await
    }

    async fn probe(&self) -> Result<(), Trouble> {
        self.line.get("account", &[]).await.map(drop)
    }

    async fn find(&self, contact: &Contact, by: &[FindBy]) -> Result<Vec<Match>, Trouble> {
        find::people(&self.line, contact, by, &self.settings.telegram_field).await
    }

    async fn person(&self, id: &str) -> Result<Option<Match>, Trouble> {
        find::person(&self.line, id).await
    }

    async fn has_deal(&self, id: &str) -> Result<bool, Trouble> {
        let path = format!("leads/{}", of_deal(id)?);
        let deal = self.line.one(&path, &[]).await?;
        Ok(deal.is_some_and(|deal| !reading::is_true(&deal, "/is_deleted")))
    }

    async fn made(&self, mark: &str) -> Result<Option<Made>, Trouble> {
        mark::find(&self.line, mark, &self.settings.mark_field).await
    }

    fn makes_contact_with_deal(&self) -> bool {
        true
    }

    async fn create_contact(&self, contact: &Contact) -> Result<String, Trouble> {
        let payload = self.built(|known| payload::new_person(contact, known, &self.settings)).await?;
        let reply = self.write(Method::POST, "contacts", &payload).await?;
        let answer: Value = reply.json()?;
        number(&answer, "/_embedded/contacts/0/id").map(|id| id.to_string()).ok_or_else(|| reply.failed())
    }

    async fn create_deal(&self, deal: &NewDeal, of: &Whose<'_>) -> Result<Made, Trouble> {
        let payload = self.built(|known| payload::new_deal(deal, of, known, &self.settings)).await?;
        let (path, at) = match of {
            Whose::Known(_) => ("leads", "/_embedded/leads/0"),
            Whose::New(_) => ("leads/complex", "/0"),
        };
        let reply = self.write(Method::POST, path, &payload).await?;
        let answer: Value = reply.json()?;
        let made = answer.pointer(at).unwrap_or(&Value::Null);
        // An answer without the deal says nothing of whether there is one.
        let deal = number(made, "/id").ok_or_else(|| reply.failed())?.to_string();
        let contact = match of {
            Whose::Known(id) => Some((*id).to_owned()),
            Whose::New(_) => number(made, "/contact_id").map(|id| id.to_string()),
        };
        Ok(Made { deal, contact, merged: reading::is_true(made, "/merged") })
    }

    async fn draft(&self, deal: &NewDeal, contact: &Contact) -> Result<Vec<Drafted>, Trouble> {
        let of = Whose::New(contact);
        let payload = self.built(|known| payload::new_deal(deal, &of, known, &self.settings)).await?;
        Ok(vec![Drafted { call: "POST leads/complex".to_owned(), body: payload.body }])
    }

    async fn update_deal(&self, id: &str, deal: &NewDeal) -> Result<(), Trouble> {
        let id = of_deal(id)?;
        let payload = self.built(|known| payload::changed_deal(deal, known, &self.settings)).await?;
        if payload.body.as_object().is_some_and(|body| !body.is_empty()) {
            self.write(Method::PATCH, &format!("leads/{id}"), &payload).await?;
        }
        Ok(())
    }

    async fn holds(&self, id: &str, fields: &[Filled]) -> Result<Vec<bool>, Trouble> {
        let known = self.known.get(&self.line).await?;
        holds::each(&self.line, of_deal(id)?, &known, fields).await
    }

    async fn add_note(&self, deal: &str, note: &Note) -> Result<(), Trouble> {
        let deal = of_deal(deal)?;
        let text = mark::noted(note.text.expose(), &note.mark);
        let body = json!([{ "note_type": "common", "params": { "text": text } }]);
        let ours = |path: &str| path.ends_with("params.text").then(|| "note".to_owned());
        self.line.write(Method::POST, &format!("leads/{deal}/notes"), &body, &ours).await?;
        Ok(())
    }

    async fn has_note(&self, deal: &str, mark: &str) -> Result<bool, Trouble> {
        mark::is_noted(&self.line, of_deal(deal)?, mark).await
    }

    async fn there(&self, deals: &[String]) -> Result<HashSet<String>, Trouble> {
        looking::there(&self.line, deals).await
    }

    async fn marked(&self, since: Timestamp) -> Result<(Vec<Marked>, bool), Trouble> {
        looking::marked(&self.line, since, &self.settings.mark_field).await
    }

    async fn deal_state(&self, deal: &str) -> Result<Option<DealState>, Trouble> {
        state::of(&self.line, of_deal(deal)?).await
    }
}
