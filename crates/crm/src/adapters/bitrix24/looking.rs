//! Comparing: which leads and deals are there, and which leads have a mark of ours.

use std::collections::{HashMap, HashSet};

use ids::{Timestamp, Uuid};
use serde_json::{Value, json};

use super::Bitrix24;
use super::api::Call;
use super::form::ORIGINATOR;
use super::judge::misses;
use super::place::{Kind, Place, id};
use crate::adapters::Trouble;
use crate::adapters::call::Effect;
use crate::domain::deal::Marked;

/// Pages of 50 that are read for a comparison, the newest leads first.
const MOST_PAGES: usize = 200;

impl Bitrix24 {
    pub(super) async fn are_there(&self, deals: &[String]) -> Result<HashSet<String>, Trouble> {
        let places = deals.iter().map(|deal| super::place(deal)).collect::<Result<Vec<Place>, _>>()?;
        let mut there = HashSet::new();
        for kind in [Kind::Lead, Kind::Deal] {
            let ids: Vec<u64> =
                places.iter().filter(|place| place.kind == kind).map(|place| place.id).collect();
            if ids.is_empty() {
                continue;
            }
            let found = self.list(kind, json!({ "@id": ids }), json!({ "id": "DESC" })).await?;
            let places = found.iter().filter_map(|item| Some(Place { kind, id: id(item.get("id"))? }));
            there.extend(places.map(|place| place.to_string()));
        }
        Ok(there)
    }

    pub(super) async fn with_marks(&self, since: Timestamp) -> Result<(Vec<Marked>, bool), Trouble> {
        let filter = json!({ "=originatorId": ORIGINATOR, ">=createdTime": since.to_string() });
        let (mut marked, mut start) = (Vec::new(), Some(0));
        for _ in 0..MOST_PAGES {
            let Some(from) = start else { break };
            let (items, next) = self.page(Kind::Lead, &filter, &["id", "originId"], from).await?;
            let leads: Vec<(u64, Uuid)> = items
                .iter()
                .filter_map(|item| Some((id(item.get("id"))?, item.get("originId")?.as_str()?.parse().ok()?)))
                .collect();
            let became = self.deals_of(&leads).await?;
            marked.extend(leads.into_iter().map(|(lead, mark)| {
                let deals = became.get(&lead).into_iter().flatten().map(|deal| Place::deal(*deal));
                let all = std::iter::once(Place::lead(lead)).chain(deals);
                Marked { mark, deals: all.map(|place| place.to_string()).collect() }
            }));
            start = next;
        }
        Ok((marked, start.is_none()))
    }

    /// What came of these leads.
    async fn deals_of(&self, leads: &[(u64, Uuid)]) -> Result<HashMap<u64, Vec<u64>>, Trouble> {
        let mut became: HashMap<u64, Vec<u64>> = HashMap::new();
        if leads.is_empty() {
            return Ok(became);
        }
        let ids: Vec<u64> = leads.iter().map(|(lead, _)| *lead).collect();
        let filter = json!({ "@leadId": ids });
        let mut start = Some(0);
        while let Some(from) = start.filter(|from| *from < 1_000) {
            let (items, next) = self.page(Kind::Deal, &filter, &["id", "leadId"], from).await?;
            for item in &items {
                if let (Some(deal), Some(lead)) = (id(item.get("id")), id(item.get("leadId"))) {
                    became.entry(lead).or_default().push(deal);
                }
            }
            start = next;
        }
        Ok(became)
    }

    /// A page of a list, and where the next begins.
    async fn page(
        &self,
        kind: Kind,
        filter: &Value,
        select: &[&str],
        start: u64,
    ) -> Result<(Vec<Value>, Option<u64>), Trouble> {
        let params = json!({
            "entityTypeId": kind.number(), "select": select, "filter": filter, "order": { "id": "DESC" }, "start": start,
        });
        let mut given = self.api.call(&Call::new("crm.item.list", params), Effect::Read).await?;
        match given.result.get_mut("items").map(Value::take) {
            // A page that leads back would be read for ever.
            Some(Value::Array(items)) => Ok((items, given.next.filter(|next| *next > start))),
            _ => Err(misses(Effect::Read, "items")),
        }
    }
}
