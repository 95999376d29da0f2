//! What a CRM is to this service. An adapter turns each of these into its CRM's requests and reads the answers; what is
//! asked first, what is kept and when a call is repeated is decided in one place for all of them (`delivering`).
//!
//! Every method that writes makes exactly one request that writes, so that each has an outcome of its own: done, refused,
//! or unknown. After an unknown one nothing is written again before `made` or `noted` has looked.

use async_trait::async_trait;

use super::trouble::Trouble;
use crate::domain::deal::{Contact, Made, Match, NewDeal, Note};
use crate::domain::schema::Schema;
use crate::domain::state::DealState;

/// One account of one CRM.
#[async_trait]
pub(crate) trait Adapter: Send + Sync {
    /// What can be filled in there: fields, pipelines with their stages, people. All pages, up to a limit.
    async fn schema(&self) -> Result<Schema, Trouble>;

    /// People of the CRM who are this one by one of what identifies them, in the order in which that is given to
    /// `by`, each with their open deals, the newest first. None twice.
    async fn find(&self, contact: &Contact, by: &[FindBy]) -> Result<Vec<Match>, Trouble>;

    /// What was made under this mark, by an attempt of which nobody knows how it ended.
    async fn made(&self, mark: &str) -> Result<Option<Made>, Trouble>;

    /// Whether `create_deal` makes a new person together with the deal, in one request. Otherwise
    /// `create_contact` is called before it.
    fn makes_contact_with_deal(&self) -> bool;

    /// Makes a person; returns their id.
    async fn create_contact(&self, contact: &Contact) -> Result<String, Trouble>;

    /// Makes a deal, and where `of` is a new person that person.
    async fn create_deal(&self, deal: &NewDeal, of: &Whose<'_>) -> Result<Made, Trouble>;

    /// Sets what is given and leaves the rest as it is. Twice is the same as once.
    async fn update_deal(&self, id: &str, deal: &NewDeal) -> Result<(), Trouble>;

    /// Puts a note on a deal.
    async fn add_note(&self, deal: &str, note: &Note) -> Result<(), Trouble>;

    /// Whether the deal has a note with this mark.
    async fn has_note(&self, deal: &str, mark: &str) -> Result<bool, Trouble>;

    /// Where a deal stands now. `None`: there is no such deal any more.
    async fn deal_state(&self, deal: &str) -> Result<Option<DealState>, Trouble>;
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
