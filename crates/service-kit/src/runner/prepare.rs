//! One role, from its settings to its parts: connected, migrated, its streams and consumers declared.

use ids::Secret;
use schemars::JsonSchema;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::Options;
use crate::settings::{Settings, variable};
use crate::{Check, Parts, Role, RoleContext, StartError};

/// What the kit itself reads of a role's section; the role's own struct has these fields too, and with them
/// their defaults.
#[derive(Deserialize, JsonSchema)]
struct Database {
    #[serde(default)]
    database_url: Secret,
    max_connections: Option<u32>,
}

/// For a role that names no number. With five roles on one Postgres, well below its own limit of 100.
const MAX_CONNECTIONS: u32 = 12;

impl Database {
    fn max_connections(&self, role: &dyn Role) -> u32 {
        let by_default = || {
            let sections = role.sections();
            let own = sections.iter().find(|section| section.name == role.name())?;
            u32::try_from(own.default_of("max_connections")?.as_u64()?).ok()
        };
        // The relay keeps one for itself.
        self.max_connections.or_else(by_default).unwrap_or(MAX_CONNECTIONS).max(2)
    }
}

/// A role that is ready to be started.
pub(super) struct Prepared {
    pub(super) cx: RoleContext,
    pub(super) publishes: Option<&'static str>,
    pub(super) parts: Parts,
}

/// The pool settings of a role's section.
///
/// # Errors
/// The section is wrong, or names no database.
pub fn pool_settings(role: &dyn Role, settings: &Settings) -> Result<pg::PoolSettings, StartError> {
    let name = role.name();
    let database: Database = settings.section(name)?;
    if database.database_url.is_empty() {
        let variable = variable(&[name.to_owned(), "database_url".to_owned()]);
        return Err(StartError::NoDatabase { role: name, variable });
    }
    let max_connections = database.max_connections(role);
    Ok(pg::PoolSettings { url: database.database_url, max_connections })
}

/// Connections that see the role's schema only, for a command that works on it from outside a process.
///
/// # Errors
/// The section is wrong, or its database can not be reached.
pub async fn pool(role: &dyn Role, settings: &Settings) -> Result<pg::Pool, StartError> {
    let settings = pool_settings(role, settings)?;
    let connected = pg::connect(&settings, role.schema()).await;
    connected.map_err(|source| StartError::Database { role: role.name(), source })
}

/// What all roles of a process share.
pub(super) struct Common<'a> {
    pub(super) settings: &'a Settings,
    pub(super) options: &'a Options,
    pub(super) bus: &'a bus::Bus,
    pub(super) internal_token: &'a Secret,
    pub(super) own_url: String,
    pub(super) shutdown: &'a CancellationToken,
}

pub(super) async fn prepare(role: &dyn Role, common: &Common<'_>) -> Result<Prepared, StartError> {
    let Common { settings, options, bus, .. } = common;
    let pool = pool(role, settings).await?;
    if options.migrate {
        let migrated = pg::migrate(&pool, role.migrator()).await;
        migrated.map_err(|source| StartError::Migrate { role: role.name(), source })?;
    }
    if let Some(service) = role.publishes() {
        bus.ensure_stream(service).await?;
    }
    let cx = RoleContext {
        role: role.name(),
        pool,
        bus: (*bus).clone(),
        clock: options.clock.clone(),
        ids: options.ids.clone(),
        settings: (*settings).clone(),
        outbox: bus::outbox::Outbox::default(),
        jobs: jobs::Jobs::default(),
        shutdown: common.shutdown.clone(),
        internal_token: common.internal_token.clone(),
        own_url: common.own_url.clone(),
    };
    let mut parts = role.build(&cx).await?;
    futures::future::try_join_all(parts.consumers.iter().map(|consumer| consumer.ensure(bus))).await?;
    parts.checks.splice(0..0, [postgres(cx.pool.clone()), nats((*bus).clone())]);
    Ok(Prepared { cx, publishes: role.publishes(), parts })
}

fn postgres(pool: pg::Pool) -> Check {
    Check::new("postgres", move || {
        let pool = pool.clone();
        async move {
            // A transaction that does nothing is a round trip on a connection that may have died meanwhile.
            let asked = async { pool.begin().await?.rollback().await };
            asked.await.map_err(|error| classify::chain(&error))
        }
    })
}

fn nats(bus: bus::Bus) -> Check {
    Check::new("nats", move || {
        let connected = bus.is_connected();
        async move { connected.then_some(()).ok_or_else(|| "not connected".to_owned()) }
    })
}
