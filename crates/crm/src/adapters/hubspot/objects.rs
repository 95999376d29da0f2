//! Reading objects and what is tied to them. None of this goes through HubSpot's search: it is as new as the last write.

use serde_json::json;

use super::api::Api;
use super::refusal::{self, Names};
use super::wire::{Object, Page, Tied};
use crate::adapters::Trouble;

/// Associations: pages of 500, and so many of them.
const PAGES: usize = 10;
/// Objects that are read at once; HubSpot's limit.
const BATCH: usize = 100;

/// The ids of the `to` that are tied to this object, all of them; none where there is no such object.
pub(super) async fn tied(api: &Api, kind: &str, id: &str, to: &str) -> Result<Option<Vec<String>>, Trouble> {
    let (mut ids, mut after) = (Vec::new(), None::<String>);
    for _ in 0..PAGES {
        let mut query = vec![("limit", "500")];
        query.extend(after.as_deref().map(|after| ("after", after)));
        let reply = api.try_get(&["crm", "v4", "objects", kind, id, "associations", to], &query).await?;
        if reply.status == 404 {
            return Ok(None);
        }
        let page: Page<Tied> = super::api::read(&reply, &Names::default())?;
        after = page.next().map(str::to_owned);
        ids.extend(page.results.into_iter().map(|tied| tied.id.0));
        if after.is_none() {
            return Ok(Some(ids));
        }
    }
    // Whoever is looked for may be among those that were not seen.
    Err(refusal::too_many(to))
}

/// These objects with these properties, in any order. What is not there any more is left out.
pub(super) async fn read(
    api: &Api,
    kind: &str,
    ids: &[String],
    properties: &[&str],
) -> Result<Vec<Object>, Trouble> {
    let mut objects = Vec::with_capacity(ids.len().min(BATCH));
    for some in ids.chunks(BATCH) {
        let inputs: Vec<_> = some.iter().map(|id| json!({ "id": id })).collect();
        let body = json!({ "properties": properties, "inputs": inputs });
        let path = ["crm", "v3", "objects", kind, "batch", "read"];
        let page: Page<Object> = api.ask(&path, &body, &Names::default()).await?;
        objects.extend(page.results);
    }
    Ok(objects)
}

/// The object with this value of a property whose values are unique, with the first of those that it is tied to.
pub(super) async fn by_value(
    api: &Api,
    kind: &str,
    (property, value): (&str, &str),
    tied_to: Option<&str>,
) -> Result<Option<Object>, Trouble> {
    let mut query = vec![("idProperty", property), ("properties", property)];
    query.extend(tied_to.map(|kind| ("associations", kind)));
    let reply = api.try_get(&["crm", "v3", "objects", kind, value], &query).await?;
    if reply.status == 404 {
        return Ok(None);
    }
    super::api::read(&reply, &Names::default()).map(Some)
}
