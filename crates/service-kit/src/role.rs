//! What a service is to the program that runs it: a role that names its schema and its settings and hands
//! over its parts. The kit connects, migrates, starts and stops; a role binds no port and spawns nothing.

use async_trait::async_trait;
use ids::{Clock, Ids, Secret};
use pg::Migrator;
use tokio_util::sync::CancellationToken;

use crate::settings::{SectionDoc, Settings, SettingsError};
use crate::{Parts, StartError};

/// A service. One process runs any number of them; they talk through NATS even so.
#[async_trait]
pub trait Role: Send + Sync {
    /// `gateway`, `llm-worker`: the word in `--roles`, in logs and metrics, and the settings' section.
    fn name(&self) -> &'static str;

    /// Its Postgres schema (`llm` for `llm-worker`).
    fn schema(&self) -> &'static str;

    /// The service's own migrations; the platform's tables come before them.
    fn migrator(&self) -> &'static Migrator;

    /// The first word of the events it publishes, if it publishes any: its stream and its outbox relay.
    fn publishes(&self) -> Option<&'static str>;

    /// The sections it reads beside the kit's own, its own first: `vec![SectionDoc::of::<Config>("bot")]`.
    /// They are checked before anything is connected, and documented from their schemas.
    fn sections(&self) -> Vec<SectionDoc>;

    /// Reads its settings and puts its parts together. Binds no port, spawns nothing, leaves work to
    /// tasks: it must return in milliseconds.
    async fn build(&self, cx: &RoleContext) -> Result<Parts, StartError>;
}

/// What the kit has ready for a role before it is built. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RoleContext {
    /// The role's name.
    pub role: &'static str,
    /// Connections that see the role's schema only. Migrated.
    pub pool: pg::Pool,
    pub bus: bus::Bus,
    pub clock: Clock,
    pub ids: Ids,
    pub settings: Settings,
    /// Where a transaction puts the events that it decides to publish.
    pub outbox: bus::outbox::Outbox,
    /// Where a transaction writes the jobs that call the outside world.
    pub jobs: jobs::Jobs,
    /// Cancelled when the process is asked to stop: take no new work, finish what is begun.
    pub shutdown: CancellationToken,
    /// What a gRPC call to another role carries (`[server] internal_token`).
    pub internal_token: Secret,
    /// `http://host:port` under which this process answers itself: the listener is bound before roles are
    /// built (port 0 resolved, an unspecified address replaced by loopback), and serves after. Where a role
    /// of the same process is asked by gRPC.
    pub own_url: String,
}

impl RoleContext {
    /// The role's own section, typed. `T` carries `deny_unknown_fields`, so a misspelt key is told.
    ///
    /// # Errors
    /// What is wrong and where, with what to do.
    pub fn config<T>(&self) -> Result<T, SettingsError>
    where
        T: serde::de::DeserializeOwned + schemars::JsonSchema,
    {
        self.settings.section(self.role)
    }
}
