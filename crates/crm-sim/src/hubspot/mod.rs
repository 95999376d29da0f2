//! HubSpot, as a private app sees it: objects by version 3 of the CRM's API, associations by 3 and 4. Its searches are
//! behind what was written, its limits are three, and its mistakes are told twice in each answer.

mod account;
mod answer;
mod checked;
mod hands;
mod kind;
mod limits;
mod objects;
mod options;
mod properties;
mod search;
mod server;
mod webhook;
mod world;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;

pub use kind::Kind;
pub use options::Options;
pub use properties::Property;
pub use webhook::Webhook;

use self::server::Shared;
use self::world::{Object, World};
use crate::served::Served;
use crate::{Deal, Faults, Person};

/// What was called.
#[derive(Clone, Debug)]
pub struct Calls {
    /// Method and path of each, also of those that were refused.
    pub lines: Vec<String>,
    /// Those that were answered with 429.
    pub too_many: usize,
}

impl Calls {
    /// How often this was called: `count("POST /crm/v3/objects/deals")`.
    #[must_use]
    pub fn count(&self, line: &str) -> usize {
        self.lines.iter().filter(|call| *call == line).count()
    }
}

/// An account, on the loopback where it was started.
pub struct Hubspot {
    shared: Shared,
    served: Option<Served>,
}

impl Hubspot {
    /// An account that nobody can call yet: its `router` is served by whoever makes it.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let world = Arc::new(Mutex::new(World::new(options)));
        Self { shared: Shared { world, faults: Faults::default() }, served: None }
    }

    /// Starts one on a free port; it ends with its value.
    pub async fn start(options: Options) -> Self {
        let account = Self::new(options);
        let served = Some(Served::start(account.router()).await);
        Self { served, ..account }
    }

    /// What answers its calls.
    pub fn router(&self) -> Router {
        server::router(self.shared.clone())
    }

    /// `http://127.0.0.1:<port>`, in the place of `https://api.hubapi.com`.
    #[must_use]
    pub fn url(&self) -> &str {
        Served::url(self.served.as_ref())
    }

    /// The token of the private app.
    #[must_use]
    pub fn token(&self) -> String {
        self.shared.world().token.clone()
    }

    /// A person rotates the token: only the new one is taken.
    pub fn rotate_token(&self) -> String {
        let mut world = self.shared.world();
        let old = world.token.clone();
        world.token = format!("{old}1");
        world.token.clone()
    }

    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// Another property of the account.
    pub fn add_property(&self, property: Property) {
        self.shared.world().properties.push(property);
    }

    /// The day's calls are used up.
    pub fn spend_the_day(&self) {
        self.shared.world().limits.spend_the_day();
    }

    /// The next day begins.
    pub fn midnight(&self) {
        self.shared.world().limits.midnight();
    }

    /// From now on what is written is found after so long.
    pub fn set_search_lag(&self, lag: Duration) {
        self.shared.world().options.search_lag = lag;
    }

    /// Who is told of changes from now on.
    pub fn set_webhook(&self, webhook: Webhook) {
        self.shared.world().options.webhook = Some(webhook);
    }

    #[must_use]
    pub fn calls(&self) -> Calls {
        let world = self.shared.world();
        Calls { lines: world.calls.clone(), too_many: world.limits.refused }
    }

    /// As a person sees them, the oldest first.
    #[must_use]
    pub fn deals(&self) -> Vec<Deal> {
        let world = self.shared.world();
        let deals = world.objects.iter().filter(|((kind, _), _)| *kind == Kind::Deals);
        let shown = deals.map(|((_, id), deal)| {
            let note = |id| Some(text(world.get(Kind::Notes, id)?, "hs_note_body"));
            Deal {
                id: id.to_string(),
                name: text(deal, "dealname"),
                contact: world.linked(Kind::Deals, *id, Kind::Contacts).first().map(u64::to_string),
                price: text(deal, "amount").parse().ok(),
                pipeline: text(deal, "pipeline"),
                stage: text(deal, "dealstage"),
                responsible: text(deal, "hubspot_owner_id"),
                tags: Vec::new(),
                fields: deal.properties.clone(),
                notes: world.linked(Kind::Deals, *id, Kind::Notes).into_iter().filter_map(note).collect(),
            }
        });
        shown.collect()
    }

    /// As a person sees them, the oldest first.
    #[must_use]
    pub fn people(&self) -> Vec<Person> {
        let world = self.shared.world();
        let people = world.objects.iter().filter(|((kind, _), _)| *kind == Kind::Contacts);
        let shown = people.map(|((_, id), person)| {
            let some = |names: &[&str]| -> Vec<String> {
                names.iter().map(|name| text(person, name)).filter(|text| !text.is_empty()).collect()
            };
            Person {
                id: id.to_string(),
                name: some(&["firstname", "lastname"]).join(" "),
                phones: some(&["phone", "mobilephone"]),
                emails: some(&["email"]),
                fields: person.properties.clone(),
            }
        });
        shown.collect()
    }
}

impl std::fmt::Debug for Hubspot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hubspot").field("url", &self.url()).finish_non_exhaustive()
    }
}

fn text(object: &Object, name: &str) -> String {
    object.properties.get(name).cloned().unwrap_or_default()
}
