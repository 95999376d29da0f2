//! Servers that belong to one test, which may stop, kill, freeze and restart them.

use local_servers::{Nats, NatsOptions, Postgres, PostgresOptions, ServerError, TOOLS_VARIABLE, Tools};
use tempfile::TempDir;

use ids::Secret;

use crate::{OrPanic, workspace_root};

/// A NATS server with a store of its own. Its port stays the same over restarts.
#[derive(Debug)]
pub struct PrivateNats {
    server: Option<Nats>,
    options: NatsOptions,
    url: Secret,
    login: (&'static str, Secret),
    _folder: TempDir,
}

/// A Postgres with data of its own. Its port stays the same over restarts.
#[derive(Debug)]
pub struct PrivatePostgres {
    server: Option<Postgres>,
    options: PostgresOptions,
    url: Secret,
    _folder: TempDir,
}

/// Starts a NATS for this test alone; it ends with its value.
pub async fn nats_server() -> PrivateNats {
    blocking("start NATS", || {
        let folder = temporary();
        let mut options = NatsOptions::new(folder.path());
        let server = Nats::start(&tools()?.nats()?, &options)?;
        options.port = Some(server.port());
        let (url, login) = (server.url(), server.login());
        Ok(PrivateNats { url, login, server: Some(server), options, _folder: folder })
    })
    .await
}

/// Starts a Postgres for this test alone; it ends with its value.
pub async fn postgres_server() -> PrivatePostgres {
    blocking("start Postgres", || {
        let folder = temporary();
        let mut options = PostgresOptions::new(folder.path().join("postgres"));
        let server = Postgres::start(&tools()?.postgres()?, &options)?;
        options.port = Some(server.port());
        Ok(PrivatePostgres { url: server.url(), server: Some(server), options, _folder: folder })
    })
    .await
}

impl PrivateNats {
    /// With user and password.
    #[must_use]
    pub fn url(&self) -> &Secret {
        &self.url
    }

    /// User and password, for a client that does not take them out of the address.
    #[must_use]
    pub fn login(&self) -> (String, String) {
        (self.login.0.to_owned(), self.login.1.expose().to_owned())
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        if let Some(server) = self.server.take() {
            server.kill();
        }
    }

    /// Stops it in order.
    pub async fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            blocking("stop NATS", || server.stop()).await;
        }
    }

    /// Starts it again on the same port with what it had stored.
    pub async fn start(&mut self) {
        let options = self.options.clone();
        self.server = Some(blocking("start NATS", move || Nats::start(&tools()?.nats()?, &options)).await);
    }

    /// Freezes it: connections stay open and nothing is answered.
    pub fn pause(&mut self) {
        if let Some(server) = &mut self.server {
            server.pause();
        }
    }

    pub fn resume(&mut self) {
        if let Some(server) = &mut self.server {
            server.resume();
        }
    }
}

impl PrivatePostgres {
    /// The superuser's address.
    #[must_use]
    pub fn url(&self) -> &Secret {
        &self.url
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        if let Some(server) = self.server.take() {
            server.kill();
        }
    }

    /// Ends every connection and stops it.
    pub async fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            blocking("stop Postgres", || server.stop()).await;
        }
    }

    /// Starts it again on the same port with what was committed.
    pub async fn start(&mut self) {
        let options = self.options.clone();
        self.server =
            Some(blocking("start Postgres", move || Postgres::start(&tools()?.postgres()?, &options)).await);
    }
}

pub(crate) fn tools() -> Result<Tools, ServerError> {
    match std::env::var_os(TOOLS_VARIABLE) {
        Some(folder) => Tools::at(folder),
        None => Tools::below(workspace_root()),
    }
}

/// In the system's own folder, which the user that Postgres runs as can reach.
fn temporary() -> TempDir {
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    tempfile::Builder::new().prefix("dragoman-test-").permissions(open).tempdir().or_panic("make a folder")
}

async fn blocking<T: Send + 'static>(
    what: &str,
    work: impl FnOnce() -> Result<T, ServerError> + Send + 'static,
) -> T {
    tokio::task::spawn_blocking(work).await.or_panic(what).or_panic(what)
}
