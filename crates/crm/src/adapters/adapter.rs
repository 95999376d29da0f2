//! What a CRM is to this service. An adapter turns each of these into its CRM's requests and reads the answers; what is
//! asked first, what is kept and when a call is repeated is decided in one place for all of them (`delivering`).
//!
//! Every method that writes makes exactly one request that writes, so that each has an outcome of its own: done, refused,
//! or unknown. After an unknown one nothing is written again before `made` or `noted` has looked.

use std::collections::HashSet;

use async_trait::async_trait;
use ids::Timestamp;

use super::trouble::Trouble;
use crate::domain::deal::{Contact, Filled, Made, Marked, Match, NewDeal, Note};
use crate::domain::schema::Schema;
use crate::domain::state::DealState;

/// One account of one CRM.
#[async_trait]
pub(crate) trait Adapter: Send + Sync {
    /// What can be filled in there: fields, pipelines with their stages, people. All pages, up to a limit.
    async fn schema(&self) -> Result<Schema, Trouble>;

    /// Asks for something that everybody may read to whom the account is open: no trouble where the account itself is not
    /// the reason why something is forbidden.
    async fn probe(&self) -> Result<(), Trouble>;

    /// What of the settings lets something be done twice where a connection is cut, each with what to do about it.
    async fn warnings(&self) -> Result<Vec<String>, Trouble> {
        Ok(Vec::new())
    }

    /// People of the CRM who are this one by one of what identifies them, in the order in which that is given to
    /// `by`, each with their open deals, the newest first. None twice.
    async fn find(&self, contact: &Contact, by: &[FindBy]) -> Result<Vec<Match>, Trouble>;

    /// The person with this id, with their open deals, the newest first. None where they are not there any more: thrown
    /// away, or merged into somebody else. It is as new as the last write, also where a search is not.
    async fn person(&self, id: &str) -> Result<Option<Match>, Trouble>;

    /// Whether this deal is there, open or not, and not thrown away.
    async fn has_deal(&self, id: &str) -> Result<bool, Trouble>;

    /// What was made under this mark, by an attempt of which nobody knows how it ended.
    async fn made(&self, mark: &str) -> Result<Option<Made>, Trouble>;

    /// Whether `create_deal` makes a new person together with the deal, in one request. Otherwise
    /// `create_contact` is called before it.
    fn makes_contact_with_deal(&self) -> bool;

    /// Makes a person; returns their id.
    async fn create_contact(&self, contact: &Contact) -> Result<String, Trouble>;

    /// Makes a deal, and where `of` is a new person that person.
    async fn create_deal(&self, deal: &NewDeal, of: &Whose<'_>) -> Result<Made, Trouble>;

    /// What would be sent of a new person with a new deal. It is sent nowhere.
    async fn draft(&self, deal: &NewDeal, contact: &Contact) -> Result<Vec<Drafted>, Trouble>;

    /// Sets what is given and leaves the rest as it is. Twice is the same as once.
    async fn update_deal(&self, id: &str, deal: &NewDeal) -> Result<(), Trouble>;

    /// Which of these fields of a deal hold just what is given for them, in its order. None of a deal that is not there.
    async fn holds(&self, id: &str, fields: &[Filled]) -> Result<Vec<bool>, Trouble>;

    /// Puts a note on a deal.
    async fn add_note(&self, deal: &str, note: &Note) -> Result<(), Trouble>;

    /// Whether the deal has a note with this mark.
    async fn has_note(&self, deal: &str, mark: &str) -> Result<bool, Trouble>;

    /// Those of these deals, [`TOGETHER`] at most, that are there. One that was thrown away is not.
    async fn there(&self, deals: &[String]) -> Result<HashSet<String>, Trouble>;

    /// What was made since then and has a mark of ours, and whether that is all of it.
    async fn marked(&self, since: Timestamp) -> Result<(Vec<Marked>, bool), Trouble>;

    /// Where a deal stands now. `None`: there is no such deal any more.
    async fn deal_state(&self, deal: &str) -> Result<Option<DealState>, Trouble>;
}

/// So many deals are asked for at once: what every CRM gives on a page.
pub(crate) const TOGETHER: usize = 50;

/// A call that would be made, for people.
#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct Drafted {
    pub(crate) call: String,
    pub(crate) body: serde_json::Value,
}

/// Whose a new deal is.
#[derive(Clone, Debug)]
pub(crate) enum Whose<'a> {
    /// The id of a person who is there.
    Known(&'a str),
    New(&'a Contact),
}

/// By what a person is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindBy {
    /// The number of their account. It needs a field of the CRM that holds it.
    Telegram,
    Phone,
    Email,
}
