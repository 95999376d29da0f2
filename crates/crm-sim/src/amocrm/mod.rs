//! An account of amoCRM (or Kommo) on the loopback, as its API v4 behaves: arrays for everything, 204 for nothing, seven
//! calls a second and then a ban, problems with dotted paths, tokens whose renewal is good once. What it does not know it
//! refuses.

pub mod account;
mod answer;
mod call;
mod entities;
mod fields;
mod hands;
mod leads;
mod notes;
mod options;
mod people;
mod read;
mod server;
mod state;
mod tokens;
mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
pub use options::Options;
use serde_json::json;

use self::server::Server;
use self::state::{Contact, Lead, State};
use crate::served::Served;
use crate::{Deal, Faults, Person};

/// An account, on the loopback where it was started.
pub struct Amocrm {
    server: Arc<Server>,
    served: Option<Served>,
}

/// What was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calls {
    /// Every call in its order, as `POST /api/v4/leads`.
    pub lines: Vec<String>,
    /// How many were refused with 429.
    pub too_many: usize,
    /// They were so many that every call is refused now.
    pub shut_out: bool,
}

impl Calls {
    /// How many calls begin so: `POST /api/v4/leads`.
    #[must_use]
    pub fn of(&self, begin: &str) -> usize {
        self.lines.iter().filter(|line| line.starts_with(begin)).count()
    }
}

impl Amocrm {
    /// An empty account that nobody can call yet: its `router` is served by whoever makes it.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self { server: Server::new(State::new(options)), served: None }
    }

    /// Starts an empty account on a free port; it ends with its value.
    pub async fn start(options: Options) -> Self {
        let account = Self::new(options);
        let served = Some(Served::start(account.router()).await);
        Self { served, ..account }
    }

    /// What answers its calls.
    pub fn router(&self) -> Router {
        server::router(self.server.clone())
    }

    /// `http://127.0.0.1:port`
    #[must_use]
    pub fn url(&self) -> &str {
        Served::url(self.served.as_ref())
    }

    /// A long-lived token of it.
    #[must_use]
    pub fn token(&self) -> String {
        self.server.state().options.token.clone()
    }

    /// What happens to the next calls of the API.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.server.faults
    }

    /// What happens to the next calls for tokens, all of which write.
    #[must_use]
    pub fn token_faults(&self) -> &Faults {
        &self.server.token_faults
    }

    /// The deals, the oldest first.
    #[must_use]
    pub fn deals(&self) -> Vec<Deal> {
        let state = self.server.state();
        state.leads.iter().map(|(id, lead)| state.deal(*id, lead)).collect()
    }

    /// The people, the oldest first.
    #[must_use]
    pub fn people(&self) -> Vec<Person> {
        let state = self.server.state();
        state.contacts.iter().map(|(id, contact)| state.person(*id, contact)).collect()
    }

    #[must_use]
    pub fn calls(&self) -> Calls {
        let state = self.server.state();
        Calls { lines: state.lines.clone(), too_many: state.too_many, shut_out: state.shut_out }
    }

    /// Puts a person there by hand, however a manager writes a telephone; `fields` by id. Returns the id.
    pub fn add_person(&self, person: &Person) -> String {
        let mut state = self.server.state();
        let of = |id: i64, texts: &[String]| {
            let values = texts.iter().map(|text| json!({ "value": text, "enum_code": "WORK" })).collect();
            Some((id, values)).filter(|_| !texts.is_empty())
        };
        let own = person.fields.iter();
        let own = own.filter_map(|(id, text)| of(id.parse().ok()?, std::slice::from_ref(text)));
        let fields = own.chain(of(951, &person.phones)).chain(of(952, &person.emails)).collect();
        let (id, created_at) = (state.next_id(), state.now());
        let contact = Contact { name: person.name.clone(), responsible: account::ANNA, created_at, fields };
        state.contacts.insert(id, contact);
        id.to_string()
    }

    /// Puts a deal there by hand: its name, its person, and where it stands (in the first stage where that is not said);
    /// `fields` by id. Returns the id.
    pub fn add_deal(&self, deal: &Deal) -> String {
        let mut state = self.server.state();
        let stage = deal.stage.parse().unwrap_or(account::SALES_FIRST);
        let lead = Lead {
            name: deal.name.clone(),
            price: deal.price,
            pipeline: deal.pipeline.parse().unwrap_or(account::SALES),
            stage,
            responsible: account::ANNA,
            created_at: state.now(),
            closed_at: matches!(stage, account::WON | account::LOST).then(|| state.now()),
            tags: deal.tags.clone(),
            contacts: deal.contact.iter().filter_map(|id| id.parse().ok()).collect(),
            fields: deal
                .fields
                .iter()
                .filter_map(|(id, text)| Some((id.parse().ok()?, vec![json!({ "value": text })])))
                .collect(),
            notes: Vec::new(),
        };
        let id = state.next_id();
        state.leads.insert(id, lead);
        id.to_string()
    }

    /// Moves a deal to another stage of its pipeline, as a manager does, and tells the webhooks that want to know. What each
    /// answered: its status, or nothing within two seconds.
    pub async fn move_lead(&self, deal: &str, stage: i64) -> Vec<Option<u16>> {
        let (destinations, form) = {
            let mut state = self.server.state();
            let Some((id, mut lead)) = leads::find(&state, deal) else { return Vec::new() };
            let was = (lead.pipeline, lead.stage);
            lead.stage = stage;
            lead.closed_at = matches!(stage, account::WON | account::LOST).then(|| state.now());
            state.leads.insert(id, lead.clone());
            webhooks::of_stage(&state, id, &lead, was)
        };
        let mut told = Vec::new();
        for destination in destinations {
            told.push(webhooks::told(&destination, &form).await);
        }
        told
    }

    /// A pair of tokens, as a consent gives them: access and refresh.
    #[must_use]
    pub fn pair(&self) -> (String, String) {
        self.server.state().tokens.pair()
    }

    /// A code that a consent gives, to be changed for a pair.
    #[must_use]
    pub fn code(&self) -> String {
        self.server.state().tokens.code()
    }

    /// Every access token that was given out is over, the long-lived one too; refresh tokens are not.
    pub fn expire_tokens(&self) {
        let state = &mut *self.server.state();
        state.tokens.expire_all(&state.options.token);
    }

    /// The integration is taken out of the account: no refresh token is good any more.
    pub fn revoke(&self) {
        self.server.state().tokens.revoke();
    }

    /// The account is at another address now.
    pub fn move_away(&self) {
        self.server.state().moved = true;
    }

    /// From now on what is made is found so long after it was made.
    pub fn set_search_lag(&self, lag: Duration) {
        self.server.state().options.search_lag = lag;
    }

    /// The support lets us in again.
    pub fn lift_the_ban(&self) {
        let mut state = self.server.state();
        (state.shut_out, state.too_many) = (false, 0);
    }
}
