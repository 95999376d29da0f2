//! What an operator does with endpoints from the command line: see how they fare, and let one that is disabled be called again.

use classify::{Class, Failure};
use ids::Timestamp;
use outbound::AddressGuard;
use pg::Pool;
use serde::Serialize;

use crate::adapters::standard_webhook::Endpoints;
use crate::config::CrmConfig;
use crate::store::{health, redrive};

/// The endpoints of the settings.
pub struct EndpointDesk {
    endpoints: Endpoints,
    pool: Pool,
}

/// How an endpoint fares.
#[derive(Clone, Debug, Serialize)]
pub struct ListedEndpoint {
    pub name: String,
    pub state: EndpointState,
    /// Since when every attempt has failed.
    pub failing_since: Option<Timestamp>,
    /// What came of the last attempt that failed, at whatever address.
    pub last_error: Option<String>,
    pub last_error_at: Option<Timestamp>,
    /// Deliveries that are on their way.
    pub waiting: i64,
    /// Deliveries that are dead letters.
    pub given_up: i64,
}

/// Whether an endpoint is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EndpointState {
    Ok,
    /// The last attempt failed.
    Failing,
    /// It answered 410, and is not called any more.
    Gone,
    /// Every attempt has failed for 120 hours, and it is not called any more.
    Disabled,
}

impl EndpointDesk {
    /// # Errors
    /// `Invalid` where the settings are wrong.
    pub fn new(config: &CrmConfig, pool: Pool) -> Result<Self, Failure> {
        let guard = AddressGuard::new(&config.allow_private_addresses);
        let endpoints = Endpoints::new(&config.endpoints, &guard);
        let invalid = |error| Failure::new(Class::Invalid, classify::chain(&error));
        Ok(Self { endpoints: endpoints.map_err(invalid)?, pool })
    }

    /// How each endpoint of the settings fares.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self) -> Result<Vec<ListedEndpoint>, Failure> {
        let (known, queued) = (health::all(&self.pool).await?, health::queued(&self.pool).await?);
        let listed = self.endpoints.all().map(|endpoint| {
            let (waiting, given_up) = queued
                .iter()
                .find(|(name, ..)| *name == endpoint.name)
                .map_or((0, 0), |(_, waiting, given_up)| (*waiting, *given_up));
            let health = known.iter().find(|one| one.endpoint == endpoint.name);
            // What happened at another address is over.
            let here = health.filter(|one| one.url_hash == endpoint.url_hash);
            let failing_since = here.and_then(|one| one.failing_since);
            let state = match here.and_then(|one| one.disabled) {
                Some(health::Why::Gone) => EndpointState::Gone,
                Some(health::Why::Failing) => EndpointState::Disabled,
                None if failing_since.is_some() => EndpointState::Failing,
                None => EndpointState::Ok,
            };
            ListedEndpoint {
                name: endpoint.name.clone(),
                state,
                failing_since,
                last_error: health.map(|one| one.last_error.clone()),
                last_error_at: health.map(|one| one.last_error_at),
                waiting,
                given_up,
            }
        });
        Ok(listed.collect())
    }

    /// Lets a disabled endpoint be called again, and puts what was given up since it began to fail back into the queue, in its
    /// order. Returns how many; `None`: it is not disabled.
    ///
    /// # Errors
    /// `NotFound` where no endpoint has this name; else the database's.
    pub async fn enable(&self, name: &str) -> Result<Option<u64>, Failure> {
        if self.endpoints.get(name).is_none() {
            let why = format!("there is no endpoint {name} in the settings; see [[crm.endpoints]]");
            return Err(Failure::new(Class::NotFound, why));
        }
        let mut tx = self.pool.begin().await.map_err(pg::PgError::from)?;
        let Some(since) = health::enable(&mut tx, name).await? else { return Ok(None) };
        let driven = redrive::drive(&mut tx, name, since).await?;
        tx.commit().await.map_err(pg::PgError::from)?;
        Ok(Some(driven))
    }
}
