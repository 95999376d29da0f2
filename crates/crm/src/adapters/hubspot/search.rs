//! HubSpot's search. It is behind what was written, by seconds as a rule; nothing here takes "not found" for "not there".

use serde_json::{Value, json};

use super::api::Api;
use super::refusal::Names;
use super::wire::{Object, Page};
use crate::adapters::Trouble;

/// The most that HubSpot gives at once.
const PAGE: usize = 200;
const PAGES: usize = 5;

/// One thing that is to be so.
pub(super) struct Filter<'a> {
    pub(super) property: &'a str,
    pub(super) operator: &'static str,
    pub(super) value: &'a str,
}

/// Objects of which one of these is so, with these properties. A thousand at most: what is looked for is rare.
pub(super) async fn any(
    api: &Api,
    kind: &str,
    filters: &[Filter<'_>],
    properties: &[&str],
    names: &Names<'_>,
) -> Result<Vec<Object>, Trouble> {
    Ok(pages(api, kind, filters, properties, names, PAGES).await?.0)
}

/// The same of so many pages at most, and whether that is all.
pub(super) async fn pages(
    api: &Api,
    kind: &str,
    filters: &[Filter<'_>],
    properties: &[&str],
    names: &Names<'_>,
    most: usize,
) -> Result<(Vec<Object>, bool), Trouble> {
    let group = |filter: &Filter<'_>| {
        let filter =
            json!({ "propertyName": filter.property, "operator": filter.operator, "value": filter.value });
        json!({ "filters": [filter] })
    };
    let groups: Vec<Value> = filters.iter().map(group).collect();
    let (mut found, mut after) = (Vec::new(), None::<String>);
    for _ in 0..most {
        let mut body = json!({ "filterGroups": groups, "properties": properties, "limit": PAGE });
        if let Some(after) = &after {
            body["after"] = json!(after);
        }
        let page: Page<Object> = api.ask(&["crm", "v3", "objects", kind, "search"], &body, names).await?;
        after = page.next().map(str::to_owned);
        found.extend(page.results);
        if after.is_none() {
            break;
        }
    }
    Ok((found, after.is_none()))
}
