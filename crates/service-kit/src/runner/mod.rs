//! A process: roles made ready, started, watched and stopped. Which roles it runs is a list; nothing here
//! asks whether one of them is there.

mod keeping;
mod prepare;
mod signal;
mod start;
mod supervise;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use futures::future::try_join_all;
use ids::{Clock, Ids};

use crate::settings::{LogConfig, NatsConfig, SECTIONS, ServerConfig, Settings};
use crate::{Role, StartError, http, telemetry};
pub use prepare::{pool, pool_settings};
use supervise::Ending;

/// What a test or a program may choose that is no setting.
#[derive(Clone, Debug)]
pub struct Options {
    pub clock: Clock,
    pub ids: Ids,
    /// Bring the schemas up to date first. Any number of processes may.
    pub migrate: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { clock: Clock::system(), ids: Ids::system(), migrate: true }
    }
}

/// Reads every section that these roles use, so that all that can be wrong is told before anything is
/// connected.
///
/// # Errors
/// The first thing wrong.
pub fn check_settings(roles: &[&dyn Role], settings: &Settings) -> Result<(), StartError> {
    settings.check_sections(SECTIONS)?;
    settings.section::<ServerConfig>("server")?;
    settings.section::<LogConfig>("log")?;
    settings.section::<NatsConfig>("nats")?;
    for (at, role) in roles.iter().enumerate() {
        if roles.iter().take(at).any(|before| before.name() == role.name()) {
            return Err(StartError::RoleTwice(role.name()));
        }
        for section in role.sections() {
            section.check(settings)?;
        }
    }
    Ok(())
}

/// Brings the schemas of these roles up to date and does nothing else.
///
/// # Errors
/// A database that is not configured, can not be reached or can not be migrated.
pub async fn migrate(roles: &[&dyn Role], settings: &Settings) -> Result<(), StartError> {
    for role in roles {
        let pool = prepare::pool(*role, settings).await?;
        let migrated = pg::migrate(&pool, role.migrator()).await;
        migrated.map_err(|source| StartError::Migrate { role: role.name(), source })?;
        pool.close().await;
    }
    Ok(())
}

/// Running roles. Dropped without [`Process::shutdown`], they are cut off where they stand.
#[derive(Debug)]
pub struct Process {
    address: SocketAddr,
    grace: Duration,
    ending: Ending,
    running: start::Running,
    bus: bus::Bus,
    pools: Vec<pg::Pool>,
}

/// How long the end waits for the servers to hear of it. What they do not hear, they find out.
const FAREWELL: Duration = Duration::from_secs(1);

impl Process {
    /// Starts the roles and returns when all of them run.
    ///
    /// # Errors
    /// One sentence that says what is missing and what to do.
    pub async fn start(
        roles: &[&dyn Role],
        settings: &Settings,
        options: Options,
    ) -> Result<Self, StartError> {
        // What is counted before there is a recorder is lost, and roles count while they are built.
        let metrics = telemetry::metrics();
        check_settings(roles, settings)?;
        let server: ServerConfig = settings.section("server")?;
        let nats: NatsConfig = settings.section("nats")?;
        let names: Vec<_> = roles.iter().map(|role| role.name()).collect();

        let listener = http::bind(server.listen).await?;
        let address = listener.local_addr().unwrap_or(server.listen);
        let bus = bus::Bus::connect(&nats.into(), &names.join(",")).await?;
        let ending = Ending::default();
        let common = prepare::Common {
            settings,
            options: &options,
            bus: &bus,
            internal_token: &server.internal_token,
            own_url: own_url(address),
            shutdown: &ending.stop,
        };
        let prepared = try_join_all(roles.iter().map(|role| prepare::prepare(*role, &common))).await?;
        let pools = prepared.iter().map(|one| one.cx.pool.clone()).collect();
        let running = start::start(prepared, listener, metrics, &options.ids, &ending);
        tracing::info!(roles = names.join(","), %address, "started");
        let grace = Duration::from_secs(server.shutdown_grace_seconds);
        Ok(Self { address, grace, ending, running, bus, pools })
    }

    /// Where it listens: the configured address, or with port 0 the port it got.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns when a part has ended that the process can not do without. [`Process::shutdown`] is still to
    /// be called.
    pub async fn failed(&self) {
        self.ending.stop.cancelled().await;
    }

    /// Takes no new work, finishes what is begun, and returns.
    ///
    /// # Errors
    /// The work did not end within the grace and was cut off, or the process had stopped by itself.
    pub async fn shutdown(mut self) -> Result<(), StartError> {
        self.ending.stop.cancel();
        let finish = async {
            while self.running.work.join_next().await.is_some() {}
            self.running.stop_carriers.cancel();
            while self.running.carriers.join_next().await.is_some() {}
        };
        let finished = tokio::time::timeout(self.grace, finish).await;
        // The last acknowledgements may still be in the connection's buffer.
        let farewell = async {
            let _ = self.bus.flush().await;
            futures::future::join_all(self.pools.iter().map(pg::Pool::close)).await;
        };
        let _ = tokio::time::timeout(FAREWELL, farewell).await;
        if let Some(what) = self.ending.culprit() {
            return Err(StartError::Stopped { what: what.to_owned() });
        }
        finished.map_err(|_| StartError::Cut { seconds: self.grace.as_secs() })
    }
}

/// How the process reaches itself: one that listens on every address is asked on loopback.
fn own_url(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}

/// Runs the roles until SIGTERM or SIGINT, or until one of them can not go on. A second signal does not wait
/// for the work in hand.
///
/// # Errors
/// The start failed, or the end was not a clean one.
pub async fn run(roles: &[&dyn Role], settings: &Settings, options: Options) -> Result<(), StartError> {
    let mut signals = signal::Signals::listen();
    let process = tokio::select! {
        started = Process::start(roles, settings, options) => started?,
        () = signals.next() => return Ok(()),
    };
    tokio::select! {
        () = process.failed() => {}
        () = signals.next() => tracing::info!("asked to stop; finishing what is begun"),
    }
    let seconds = process.grace.as_secs();
    tokio::select! {
        ended = process.shutdown() => ended,
        () = signals.next() => Err(StartError::Cut { seconds }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_finds_itself_wherever_it_listens() {
        for (listens, url) in [
            ("0.0.0.0:80", "http://127.0.0.1:80"),
            ("[::]:80", "http://[::1]:80"),
            ("10.0.0.1:80", "http://10.0.0.1:80"),
        ] {
            assert_eq!(own_url(listens.parse().unwrap()), url);
        }
    }
}
