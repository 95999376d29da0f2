//! `dragoman up`: everything on this machine. Postgres and NATS (unless named), every role in one process, and
//! the simulator with its chat page (unless a real bot's token is given).

mod database;
mod given;
mod local;
mod profile;
mod servers;
mod settings;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use service_kit::settings::LogConfig;
use service_kit::{Options, Process, Settings, StartError, telemetry};
use telegram_sim::{BotSpec, Simulator};

use crate::commands::{print, runtime};
use crate::environment;
use crate::roles::ROLES;
use given::Given;
use local::Local;
use servers::Servers;

/// What can still be finished without one of the servers is finished within this; the rest is work of the next start.
const FINISH_WITHOUT: Duration = Duration::from_secs(5);

/// Starts everything, says where it is, and stops everything on Ctrl-C.
pub(crate) fn up() -> Result<()> {
    let root = std::env::current_dir().context("the current folder can not be read")?;
    let given = Given::read()?;
    let local = Local::open(&root.join(".dragoman"), ROLES.iter().map(|role| role.schema()))?;
    runtime()?.block_on(async {
        let mut stop = Stop::listen()?;
        let mut servers = Servers::start(&root, &given)?;
        let ended = match tokio::select! {
            started = start(&root, &given, &local, &servers) => started.map(Some),
            () = stop.asked() => Ok(None),
        } {
            Ok(Some(started)) => started.serve(&mut stop, &mut servers).await,
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        let stopped = servers.stop();
        ended.and(stopped)
    })
}

/// Everything that runs between the servers' start and their stop.
struct Started {
    process: Process,
    simulator: Option<telegram_sim::Running>,
    _log: telemetry::Guard,
}

async fn start(root: &Path, given: &Given, local: &Local, servers: &Servers) -> Result<Started> {
    let simulator = if given.real_bot() { None } else { Some(simulator(given, local).await?) };
    let chat_page = simulator.as_ref().map(telegram_sim::Running::addr);
    local.write_settings(&settings::generate(given, local, servers, chat_page))?;
    let settings = Settings::load(Some(&root.join(environment::LOCAL)), environment::variables())?;
    let log = telemetry::init(&settings.section::<LogConfig>("log")?, ROLES)?;
    for role in ROLES {
        let own = service_kit::pool_settings(*role, &settings)?.url;
        pg::provision(&servers.admin_url(), role.schema(), &own)
            .await
            .map_err(|error| database::explain(error, role.name(), given.database_url.as_ref()))?;
    }
    // Where there are none, the worker says so if it was to use them.
    pg::provide_vectors(&servers.admin_url())
        .await
        .map_err(|error| database::explain(error, "llm-worker", given.database_url.as_ref()))?;
    let process =
        Process::start(ROLES, &settings, Options::default()).await.map_err(|error| match error {
            // Here the setting has a short name.
            StartError::Listen { address, .. } => {
                anyhow!("the API can not listen on {address}; stop what does, or set GATEWAY_LISTEN")
            }
            other => other.into(),
        })?;
    if simulator.is_some() {
        profile::show(&settings).await?;
    }
    announce(process.address(), chat_page, given, local)?;
    Ok(Started { process, simulator, _log: log })
}

impl Started {
    /// Serves until asked to stop, then finishes what is begun. Asked again, it does not wait for that.
    /// The end of a server that it needs is an error.
    async fn serve(self, stop: &mut Stop, servers: &mut Servers) -> Result<()> {
        let lost = tokio::select! {
            // It may have been the first to notice.
            () = self.process.failed() => servers.lost_already(),
            () = stop.asked() => None,
            lost = servers.lost() => Some(lost),
        };
        let finished = async {
            self.process.shutdown().await?;
            if let Some(simulator) = self.simulator {
                simulator.shutdown().await;
            }
            Ok(())
        };
        if let Some(sentence) = lost {
            tokio::select! {
                _ = tokio::time::timeout(FINISH_WITHOUT, finished) => {}
                () = stop.asked() => {}
            }
            bail!(sentence);
        }
        tokio::select! {
            finished = finished => finished,
            () = stop.asked() => bail!("the work in hand was cut off"),
        }
    }
}

async fn simulator(given: &Given, local: &Local) -> Result<telegram_sim::Running> {
    let options = telegram_sim::Options {
        listen: given.sim_listen,
        bots: vec![BotSpec::new(settings::BOT, local.bot_token())],
        demo: true,
        ..telegram_sim::Options::default()
    };
    Simulator::start(options).await.with_context(|| {
        format!("the chat page can not listen on {}; stop what does, or set SIM_LISTEN", given.sim_listen)
    })
}

fn announce(api: SocketAddr, chat_page: Option<SocketAddr>, given: &Given, local: &Local) -> Result<()> {
    print("")?;
    match chat_page {
        Some(address) => print(&format!("  chat page      http://{address}"))?,
        None => print(&format!("  telegram       the bot answers there ({})", given.way()))?,
    }
    print(&format!("  admin and API  http://{api}"))?;
    if local.is_first_start() {
        print(&format!("  admin token    {}  (kept in .dragoman/secrets.json)", local.admin_token()))?;
    }
    print(&format!(
        "  numbers        curl -H \"Authorization: Bearer $(cat .dragoman/admin-token)\" http://{api}/v1/kpi"
    ))?;
    print("\n  Ctrl-C stops everything.\n")
}

/// SIGINT or SIGTERM.
struct Stop {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Stop {
    fn listen() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
            (Ok(interrupt), Ok(terminate)) => Ok(Self { interrupt, terminate }),
            _ => bail!("the operating system takes no signal handlers"),
        }
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
