//! Which deal was made under a mark, by a request of which nobody knows how it ended.
//!
//! Whoever asks has waited until the request is over and the search has learned of it (`settle_seconds`). Three ways all the
//! same, the surest first:
//!
//! 1. The mark's property has unique values. Then the deal is read by its mark, without the search: that is the truth of
//!    now. And should the request still be under way, HubSpot refuses the second deal with the same mark, whichever of the
//!    two is the second.
//! 2. This process sent the deal and knows whose it is. Deal and association are made by one request, and what is tied to
//!    a person is read without the search: a deal that is not among theirs was not made.
//! 3. Another process sent it. Then only the search knows, and "not found" is as sure as it is quick.
//!
//! The first two do not depend on the search at all. Were it behind for longer than was waited, the third would have the deal
//! made twice; only a property with unique values rules that out.

use super::Hubspot;
use super::objects;
use super::search::{self, Filter};
use super::wire::Object;
use crate::adapters::Trouble;
use crate::domain::deal::Made;

impl Hubspot {
    pub(super) async fn find_made(&self, mark: &str) -> Result<Option<Made>, Trouble> {
        if mark.is_empty() {
            return Ok(None);
        }
        if let Some(property) = &self.mark_field
            && self.fields.is_unique(&self.api, "deals", property).await?
        {
            let found = objects::by_value(&self.api, "deals", (property, mark), Some("contacts")).await?;
            self.unsettled.settled(mark);
            return Ok(found.map(made));
        }
        let found = match self.unsettled.contact(mark) {
            Some(contact) => match self.of_person(&contact, mark).await? {
                Looked::There(made) => Some(made),
                Looked::NotThere => None,
                Looked::NoPerson => self.searched(mark).await?,
            },
            None => self.searched(mark).await?,
        };
        self.unsettled.settled(mark);
        Ok(found)
    }

    /// Among the deals of the person whose it is.
    async fn of_person(&self, contact: &str, mark: &str) -> Result<Looked, Trouble> {
        // Who is not there any more was merged into somebody else.
        let Some(deals) = objects::tied(&self.api, "contacts", contact, "deals").await? else {
            return Ok(Looked::NoPerson);
        };
        let deals = objects::read(&self.api, "deals", &deals, &self.marked()).await?;
        Ok(match deals.into_iter().filter(|deal| self.has_mark(deal, mark)).min_by_key(number) {
            Some(deal) => Looked::There(Made { contact: Some(contact.to_owned()), ..made(deal) }),
            None => Looked::NotThere,
        })
    }

    async fn searched(&self, mark: &str) -> Result<Option<Made>, Trouble> {
        let filter = match &self.mark_field {
            Some(property) => Filter { property, operator: "EQ", value: mark },
            // The search knows words; of a mark that is several the longest is taken, and then the whole is compared.
            None => Filter { property: "dealname", operator: "CONTAINS_TOKEN", value: longest_word(mark) },
        };
        let found = search::any(&self.api, "deals", &[filter], &self.marked(), &self.names(&[])).await?;
        let mut found: Vec<Object> = found.into_iter().filter(|deal| self.has_mark(deal, mark)).collect();
        found.sort_by_key(number);
        for deal in found {
            // The search is behind with what was deleted too.
            let path = ["crm", "v3", "objects", "deals", &deal.id.0];
            let reply = self.api.try_get(&path, &[("associations", "contacts")]).await?;
            if reply.status != 404 {
                return Ok(Some(made(super::api::read(&reply, &self.names(&[]))?)));
            }
        }
        Ok(None)
    }

    /// The properties that hold a mark.
    fn marked(&self) -> [&str; 1] {
        [self.mark_field.as_deref().unwrap_or("dealname")]
    }

    fn has_mark(&self, deal: &Object, mark: &str) -> bool {
        match &self.mark_field {
            Some(property) => deal.text(property) == mark,
            None => deal.text("dealname").contains(&in_name(mark)),
        }
    }
}

enum Looked {
    There(Made),
    NotThere,
    NoPerson,
}

/// A mark as it stands at the end of a deal's name.
pub(super) fn in_name(mark: &str) -> String {
    format!("[{mark}]")
}

fn made(deal: Object) -> Made {
    Made { contact: deal.tied_to("contacts"), deal: deal.id.0, merged: false }
}

/// Ids grow: the deal that was there first.
fn number(deal: &Object) -> u128 {
    deal.id.0.parse().unwrap_or(u128::MAX)
}

fn longest_word(mark: &str) -> &str {
    let words = mark.split(|c: char| !c.is_alphanumeric());
    words.max_by_key(|word| word.len()).unwrap_or(mark)
}
