//! Comparing: which deals are there, and which of them have a mark of ours. What is there is read without the search; marks
//! are searched, so the newest may be missing, and nothing is concluded from that.

use std::collections::HashSet;

use ids::{Timestamp, Uuid};

use super::search::{self, Filter};
use super::wire::Object;
use super::{Hubspot, objects};
use crate::adapters::{Trouble, mark_at_the_end};
use crate::domain::deal::Marked;

/// Pages of 200; HubSpot's search leads no further than ten thousand.
const MOST_PAGES: usize = 50;

impl Hubspot {
    pub(super) async fn are_there(&self, deals: &[String]) -> Result<HashSet<String>, Trouble> {
        if deals.is_empty() {
            return Ok(HashSet::new());
        }
        let found = objects::read(&self.api, "deals", deals, &["dealname"]).await?;
        Ok(found.into_iter().map(|deal| deal.id.0).collect())
    }

    pub(super) async fn with_marks(&self, since: Timestamp) -> Result<(Vec<Marked>, bool), Trouble> {
        let since = since.as_millisecond().to_string();
        let filter = Filter { property: "createdate", operator: "GTE", value: &since };
        let properties = [self.mark_field.as_deref().unwrap_or("dealname"), "dealname"];
        let names = self.names(&[]);
        let (found, is_all) =
            search::pages(&self.api, "deals", &[filter], &properties, &names, MOST_PAGES).await?;
        let marked = |deal: Object| Some(Marked { mark: self.mark_of(&deal)?, deals: vec![deal.id.0] });
        Ok((found.into_iter().filter_map(marked).collect(), is_all))
    }

    /// The property may have been made after the deal.
    fn mark_of(&self, deal: &Object) -> Option<Uuid> {
        let in_field =
            self.mark_field.as_deref().and_then(|property| deal.text(property).trim().parse().ok());
        in_field.or_else(|| mark_at_the_end(deal.text("dealname")))
    }
}
