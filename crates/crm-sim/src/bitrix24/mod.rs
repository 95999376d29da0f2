//! A portal of Bitrix24 on the loopback, as its REST API behaves: a leaky bucket, methods that have worked too long, lists
//! where a map is empty, unknown fields that are ignored in silence, leads that become deals by themselves, tokens that end
//! in the middle of a batch.

pub mod account;
mod call;
mod comments;
mod convert;
mod directory;
mod events;
mod filter;
mod hands;
mod item;
mod items;
mod limits;
mod methods;
mod options;
mod params;
mod problem;
mod server;
mod state;
mod tokens;
mod values;
mod view;

use std::sync::Arc;

use axum::Router;

pub use options::Options;

use self::problem::Problem;
use self::server::Server;
use self::state::State;
use crate::served::Served;
use crate::{Deal, Faults, Person};

/// A portal, on the loopback where it was started.
pub struct Bitrix24 {
    server: Arc<Server>,
    served: Option<Served>,
}

/// What was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calls {
    /// Every request by its method, in their order: `crm.item.add`, `batch`, `oauth/token`.
    pub requests: Vec<String>,
    /// Every method that was done, those in batches too.
    pub methods: Vec<String>,
    /// How many requests found the bucket full.
    pub too_many: usize,
    /// They were so many that somebody at Bitrix24 has shut us out.
    pub overload: bool,
}

impl Calls {
    /// How often a method was done, in a batch or not.
    #[must_use]
    pub fn of(&self, method: &str) -> usize {
        self.methods.iter().filter(|one| *one == method).count()
    }
}

impl Bitrix24 {
    /// An empty portal that nobody can call yet: its `router` is served by whoever makes it.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self { server: Server::new(State::new(options)), served: None }
    }

    /// Starts an empty portal on a free port; it ends with its value.
    pub async fn start(options: Options) -> Self {
        let portal = Self::new(options);
        let served = Some(Served::start(portal.router()).await);
        Self { served, ..portal }
    }

    /// What answers its calls.
    pub fn router(&self) -> Router {
        server::router(self.server.clone())
    }

    /// `http://127.0.0.1:port`; tokens are given out there too.
    #[must_use]
    pub fn url(&self) -> &str {
        Served::url(self.served.as_ref())
    }

    /// What the address of the webhook ends in: `<user>/<secret>`.
    #[must_use]
    pub fn token(&self) -> String {
        let state = self.server.state();
        format!("{}/{}", state.options.user, state.options.secret)
    }

    /// What happens to the next calls of methods.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.server.faults
    }

    /// What happens to the next calls for tokens, all of which write.
    #[must_use]
    pub fn token_faults(&self) -> &Faults {
        &self.server.token_faults
    }

    /// Leads and deals, with ids as `lead:10` and `deal:5`; a lead that became a deal is that deal. The oldest first,
    /// leads before deals. Comments are notes.
    #[must_use]
    pub fn deals(&self) -> Vec<Deal> {
        view::deals(&self.server.state())
    }

    /// People, the oldest first; and those whom only a lead knows, with its id.
    #[must_use]
    pub fn people(&self) -> Vec<Person> {
        view::people(&self.server.state())
    }

    #[must_use]
    pub fn calls(&self) -> Calls {
        let state = self.server.state();
        let overload = state.shut.as_ref().is_some_and(|shut| shut.json()["error"] == "OVERLOAD_LIMIT");
        let (requests, methods) = (state.requests.clone(), state.methods.clone());
        Calls { requests, methods, too_many: state.too_many, overload }
    }

    /// Changes are told to this address from now on.
    pub fn tell(&self, address: &str) {
        self.server.state().told = Some(address.to_owned());
    }

    /// A pair of tokens, as a consent gives them: access and refresh.
    #[must_use]
    pub fn pair(&self) -> (String, String) {
        let state = &mut *self.server.state();
        let now = state.now();
        state.tokens.pair(now)
    }

    /// A code that a consent gives, to be changed for a pair within 30 seconds.
    #[must_use]
    pub fn code(&self) -> String {
        let state = &mut *self.server.state();
        let now = state.now();
        state.tokens.code(now)
    }

    /// Every access token that was given out is over; refresh tokens are not.
    pub fn expire_tokens(&self) {
        self.server.state().tokens.expire();
    }

    /// The same, after so many calls of the next batch.
    pub fn expire_in_batch(&self, after: usize) {
        self.server.state().expire_in_batch = Some(after);
    }

    /// The application is taken out, and the webhook: no refresh token is good any more, and no secret.
    pub fn revoke(&self) {
        let mut state = self.server.state();
        state.tokens.revoke();
        state.options.secret = String::new();
    }

    /// Every call is refused so from now on: 403 `insufficient_scope`.
    pub fn refuse(&self, status: u16, code: &str) {
        self.server.state().shut = Some(Problem::new(status, code, "Refused"));
    }

    /// Somebody at Bitrix24 shuts us out: `OVERLOAD_LIMIT`.
    pub fn overload(&self) {
        self.server.state().shut = Some(server::overload());
    }

    /// The support lets us in again, or the portal is back from maintenance.
    pub fn open(&self) {
        let mut state = self.server.state();
        (state.shut, state.maintained, state.too_many) = (None, false, 0);
    }

    /// The portal shows a page to everybody.
    pub fn maintain(&self) {
        self.server.state().maintained = true;
    }

    /// Somebody else on our address has filled the bucket.
    pub fn fill_bucket(&self) {
        let state = &mut *self.server.state();
        state.bucket.fill(state.options.bucket);
    }

    /// A method has worked so many seconds more.
    pub fn work(&self, method: &str, seconds: f64) {
        let state = &mut *self.server.state();
        let now = state.now();
        state.operating.add(method, now, seconds);
    }
}
