//! What the portal has: its mode, the fields of leads, deals and people, its directories. Kept for a while, because the
//! API ignores in silence what it does not know, and every field is looked up here before it is sent.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::super::Trouble;
use super::api::{Api, Call};
use super::field::{Fields, text};
use super::place::Kind;

const KEPT: Duration = Duration::from_secs(600);
/// Entries of directories that are read; a large portal has some hundreds.
const MOST_ENTRIES: usize = 5_000;

/// An entry of a directory: a stage, a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// `STATUS` (stages of leads), `DEAL_STAGE`, `DEAL_STAGE_9`, `SOURCE`
    pub(super) directory: String,
    pub(super) id: String,
    pub(super) name: String,
    /// `S` of a stage that ends well, `F` of one that ends badly; empty otherwise.
    pub(super) semantics: String,
}

#[derive(Clone, Debug)]
pub(super) struct Catalogue {
    /// There are no leads: one that says who it is becomes a deal at once.
    pub(super) simple: bool,
    pub(super) leads: Fields,
    pub(super) deals: Fields,
    pub(super) contacts: Fields,
    pub(super) entries: Vec<Entry>,
}

impl Catalogue {
    pub(super) const fn fields(&self, kind: Kind) -> &Fields {
        match kind {
            Kind::Lead => &self.leads,
            Kind::Deal => &self.deals,
            Kind::Contact => &self.contacts,
        }
    }

    pub(super) fn directory<'a>(&'a self, directory: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| entry.directory == directory)
    }

    async fn fetched(api: &Api) -> Result<Self, Trouble> {
        let fields = |kind: Kind| Call::new("crm.item.fields", json!({ "entityTypeId": kind.number() }));
        let calls = [
            Call::new("crm.settings.mode.get", json!({})),
            fields(Kind::Lead),
            fields(Kind::Deal),
            fields(Kind::Contact),
            Call::new("crm.status.list", json!({ "order": { "SORT": "ASC" } })),
        ];
        let mut results = Vec::new();
        for given in api.batch(&calls).await? {
            results.push(given?.result);
        }
        let part = |nth: usize| results.get(nth).unwrap_or(&Value::Null);
        Ok(Self {
            simple: super::place::id(Some(part(0))) == Some(2),
            leads: Fields::read(part(1)),
            deals: Fields::read(part(2)),
            contacts: Fields::read(part(3)),
            entries: entries(part(4)),
        })
    }
}

fn entries(result: &Value) -> Vec<Entry> {
    let entry = |value: &Value| {
        let part = |name: &str| value.get(name).map(text).unwrap_or_default();
        let (directory, id) = (part("ENTITY_ID"), part("STATUS_ID"));
        (!id.is_empty()).then(|| Entry { directory, id, name: part("NAME"), semantics: part("SEMANTICS") })
    };
    result.as_array().into_iter().flatten().filter_map(entry).take(MOST_ENTRIES).collect()
}

/// The catalogue with when it was fetched.
#[derive(Default)]
pub(super) struct Kept(Mutex<Option<(Instant, Arc<Catalogue>)>>);

impl Kept {
    /// The catalogue, and whether it was fetched for this.
    pub(super) async fn get(&self, api: &Api) -> Result<(Arc<Catalogue>, bool), Trouble> {
        // Held while it is fetched: whoever comes meanwhile has the same one.
        let mut kept = self.0.lock().await;
        match kept.as_ref().filter(|(at, _)| at.elapsed() < KEPT) {
            Some((_, catalogue)) => Ok((catalogue.clone(), false)),
            None => Ok((fetch(&mut kept, api).await?, true)),
        }
    }

    /// The catalogue as it is now.
    pub(super) async fn anew(&self, api: &Api) -> Result<Arc<Catalogue>, Trouble> {
        fetch(&mut *self.0.lock().await, api).await
    }
}

async fn fetch(kept: &mut Option<(Instant, Arc<Catalogue>)>, api: &Api) -> Result<Arc<Catalogue>, Trouble> {
    let catalogue = Arc::new(Catalogue::fetched(api).await?);
    *kept = Some((Instant::now(), catalogue.clone()));
    Ok(catalogue)
}
