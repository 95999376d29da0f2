//! `dragoman up`: everything on this machine. Postgres and NATS (unless named), every role in one process, and
//! the simulator with its chat page and every bot there is (unless a real bot's token is given).

mod bots;
mod database;
mod given;
mod local;
mod own;
mod profile;
mod servers;
mod settings;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use ::bot::BotServiceConfig;
use anyhow::{Context, Error, Result, anyhow, bail};
use ids::Secret;
use service_kit::settings::LogConfig;
use service_kit::{Options, Process, Settings, StartError, telemetry};
use telegram::{BotName, TelegramConfig};
use telegram_sim::{BotSpec, Simulator};

use crate::cli::Up;
use crate::commands::{print, runtime};
use crate::roles::ROLES;
use bots::Bots;
use given::Given;
use local::Local;
use own::Own;
use servers::Servers;

/// What can still be finished without one of the servers is finished within this; the rest is work of the next start.
const FINISH_WITHOUT: Duration = Duration::from_secs(5);

/// Starts everything, says where it is, and stops everything on Ctrl-C.
pub(crate) fn up(call: &Up) -> Result<()> {
    let root = std::env::current_dir().context("the current folder can not be read")?;
    let given = Given::read()?;
    let own = Own::read(call.config.as_deref())?;
    let mut local = Local::open(&root.join(".dragoman"), ROLES.iter().map(|role| role.schema()))?;
    runtime()?.block_on(async {
        let mut stop = Stop::listen()?;
        let mut servers = Servers::start(&root, &given)?;
        let ended = match tokio::select! {
            started = start(&own, &given, &mut local, &servers) => started.map(Some),
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

async fn start(own: &Own, given: &Given, local: &mut Local, servers: &Servers) -> Result<Started> {
    let tokens = given.token.iter().map(|token| Ok((settings::BOT.parse()?, token.clone())));
    let mut tokens: BTreeMap<BotName, Secret> = tokens.collect::<Result<_>>()?;
    let over = |text: &str| Ok::<_, Error>(own.over(&Settings::from_toml(text, [])?));
    let settings = over(&settings::generate(given, local, servers, None, &tokens))?;
    let log = telemetry::init(&settings.section::<LogConfig>("log")?, ROLES)?;
    // Folders are read while the database is prepared: a large one takes a second in a program that is not optimised.
    let looked = if given.real_bot() {
        None
    } else {
        let folder = settings.section::<BotServiceConfig>("bot")?.bots_dir;
        Some(tokio::task::spawn_blocking(move || Bots::look(folder)))
    };
    for role in ROLES {
        let login = service_kit::pool_settings(*role, &settings)?.url;
        pg::provision(&servers.admin_url(), role.schema(), &login)
            .await
            .map_err(|error| database::explain(error, role.name(), given.database_url.as_ref()))?;
    }
    // Where there are none, the worker says so if it was to use them.
    pg::provide_vectors(&servers.admin_url())
        .await
        .map_err(|error| database::explain(error, "llm-worker", given.database_url.as_ref()))?;
    let (bots, simulator) = if let Some(looked) = looked {
        let bots = looked.await??.or_published(&settings).await?;
        for name in &bots.served {
            tokens.insert(name.clone(), local.bot_token(name.as_str())?);
        }
        // Whoever names a bot in settings of their own may give it another token, or mean one that has no folder here.
        let named: TelegramConfig =
            over(&settings::generate(given, local, servers, None, &tokens))?.section("telegram")?;
        let (bots, simulator) = on_the_chat_page(given, local, bots, named, &mut tokens).await?;
        (bots, Some(simulator))
    } else {
        (Bots::shipped()?, None)
    };
    let chat_page = simulator.as_ref().map(telegram_sim::Running::addr);
    local.write_settings(&settings::generate(given, local, servers, chat_page, &tokens))?;
    let settings = own.over_written(local)?;
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
    announce(process.address(), chat_page, given, local, &bots)?;
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

/// The simulator with its chat page, on which every bot can be talked to: those that are served, and those that are named.
/// A token that is drawn for one is put to the others; one that is given stays where it is given.
async fn on_the_chat_page(
    given: &Given,
    local: &mut Local,
    mut bots: Bots,
    named: TelegramConfig,
    drawn: &mut BTreeMap<BotName, Secret>,
) -> Result<(Bots, telegram_sim::Running)> {
    let mut tokens = BTreeMap::new();
    for (name, bot) in named.bots {
        let token = if bot.token.is_empty() {
            let token = local.bot_token(name.as_str())?;
            drawn.insert(name.clone(), token.clone());
            token
        } else {
            bot.token
        };
        tokens.insert(name.clone(), token);
        bots.serve(name);
    }
    let spec = |name: &BotName| Some(BotSpec::new(name.as_str(), tokens.get(name)?.expose()));
    let options = telegram_sim::Options {
        listen: given.sim_listen,
        bots: bots.served.iter().filter_map(spec).collect(),
        demo: true,
        ..telegram_sim::Options::default()
    };
    let simulator = Simulator::start(options).await.map_err(|error| match error {
        listen @ telegram_sim::StartError::Listen { .. } => Error::from(listen).context(format!(
            "the chat page can not listen on {}; stop what does, or set SIM_LISTEN",
            given.sim_listen
        )),
        other => other.into(),
    })?;
    Ok((bots, simulator))
}

fn announce(
    api: SocketAddr,
    chat_page: Option<SocketAddr>,
    given: &Given,
    local: &Local,
    bots: &Bots,
) -> Result<()> {
    print("")?;
    match chat_page {
        Some(address) => {
            print(&format!("  chat page      http://{address}"))?;
            let served: Vec<&str> = bots.served.iter().map(BotName::as_str).collect();
            print(&format!("  bots           {}", served.join(", ")))?;
        }
        None => print(&format!("  telegram       the bot answers there ({})", given.way()))?,
    }
    print(&format!("  admin and API  http://{api}"))?;
    if local.is_first_start() {
        print(&format!("  admin token    {}  (kept in .dragoman/secrets.json)", local.admin_token()))?;
    }
    print(&format!(
        "  numbers        curl -H \"Authorization: Bearer $(cat .dragoman/admin-token)\" http://{api}/v1/kpi"
    ))?;
    for line in bots.not_served() {
        print(&format!("  left out       {line}; mend it and start again"))?;
    }
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
