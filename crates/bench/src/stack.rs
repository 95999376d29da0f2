//! One installation to be measured: servers, the simulator, and the program with every role, as released.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use local_servers::{Nats, NatsOptions, Postgres, PostgresOptions, Sync, Tools};
use telegram_sim::{BotSpec, Limits, Options, Running, Simulator};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::cpu;
use crate::generator::People;

pub(crate) const SECRET: &str = "bench-secret-0123456789";
const TOKEN: &str = "123456:BENCH-TOKEN";

pub(crate) struct Stack {
    pub(crate) postgres: Postgres,
    pub(crate) nats: Nats,
    pub(crate) simulator: Running,
    pub(crate) address: SocketAddr,
    program: Option<Child>,
    config: PathBuf,
    psql: PathBuf,
    folder: TempDir,
}

/// CPU seconds used so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cpu {
    pub(crate) ours: f64,
    pub(crate) nats: f64,
    pub(crate) postgres: f64,
    /// Transactions that Postgres has committed.
    pub(crate) commits: f64,
}

impl Stack {
    pub(crate) async fn start(root: &Path, sync: Sync, people: &Arc<People>) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("dragoman-bench-").tempdir_in("/var/tmp")?;
        let tools = Tools::below(root)?;
        let (postgres_tools, nats_tools) = (tools.postgres()?, tools.nats()?);
        let postgres = Postgres::start(&postgres_tools, &PostgresOptions::new(folder.path().join("pg")))?;
        let nats_options = NatsOptions { sync, ..NatsOptions::new(folder.path().join("nats")) };
        let nats = Nats::start(&nats_tools, &nats_options)?;
        let observer = {
            let people = people.clone();
            move |call: &telegram_sim::CallSeen<'_>| {
                if let (true, "sendMessage", Some(chat)) = (call.ok, call.method, call.chat_id) {
                    people.answered(chat, call.at);
                }
            }
        };
        let simulator = Simulator::start(Options {
            bots: vec![BotSpec::new("bench", TOKEN)],
            limits: Limits::off(),
            lean: true,
            any_chat: true,
            observer: Some(Arc::new(observer)),
            ..Options::default()
        })
        .await?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let config = folder.path().join("dragoman.toml");
        std::fs::write(&config, settings(root, &postgres, &nats, &simulator, address))?;
        let mut stack = Self {
            postgres,
            nats,
            simulator,
            address,
            program: None,
            config,
            psql: postgres_tools.program("psql"),
            folder,
        };
        stack.migrate()?;
        stack.start_program().await?;
        Ok(stack)
    }

    /// Sets how long Telegram takes to answer.
    pub(crate) async fn delay(&self, delay: Duration) -> Result<()> {
        let body = format!("{{\"delay_ms\":{}}}", delay.as_millis());
        let request = format!(
            "PUT /sim/settings HTTP/1.1\r\nhost: sim\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = tokio::net::TcpStream::connect(self.simulator.addr()).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        if !answer.starts_with("HTTP/1.1 2") {
            bail!("the simulator refused the delay: {answer}");
        }
        Ok(())
    }

    /// Ends the program as a power cut would.
    pub(crate) fn kill_program(&mut self) -> Result<()> {
        if let Some(mut program) = self.program.take() {
            program.kill()?;
            program.wait()?;
        }
        Ok(())
    }

    pub(crate) async fn start_program(&mut self) -> Result<()> {
        let log = std::fs::File::create(self.folder.path().join("log"))?;
        let mut child = Command::new(program()?)
            .args(["run", "--config"])
            .arg(&self.config)
            .stdout(log.try_clone()?)
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .context("the program does not start")?;
        let patience = Instant::now() + Duration::from_secs(20);
        while !is_ready(self.address).await {
            if child.try_wait()?.is_some() || Instant::now() > patience {
                let said = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                bail!("the program did not start: {said}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.program = Some(child);
        Ok(())
    }

    fn migrate(&self) -> Result<()> {
        let done = Command::new(program()?)
            .args(["migrate", "--config"])
            .arg(&self.config)
            .env("DRAGOMAN_ADMIN_DATABASE_URL", self.postgres.url().expose())
            .output()?;
        if !done.status.success() {
            bail!("{}", String::from_utf8_lossy(&done.stderr));
        }
        Ok(())
    }

    pub(crate) fn cpu(&self) -> Result<Cpu> {
        let folder = self.folder.path().display().to_string();
        let sum = |pids: Vec<u32>| pids.into_iter().map(cpu::seconds).sum::<Result<f64>>();
        let data = self.postgres.data().display().to_string();
        Ok(Cpu {
            ours: self.program.as_ref().map_or(Ok(0.0), |child| cpu::seconds(child.id()))?,
            nats: sum(cpu::find(&["nats-server", &folder]))?,
            postgres: sum(cpu::find(&["postgres", "-D", &data]))?,
            commits: self.commits()?,
        })
    }

    fn commits(&self) -> Result<f64> {
        let output = Command::new(&self.psql)
            .arg(self.postgres.url().expose())
            .args(["-Atqc", "select sum(xact_commit) from pg_stat_database"])
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        text.trim()
            .parse()
            .with_context(|| format!("psql said: {text}{}", String::from_utf8_lossy(&output.stderr)))
    }

    /// Resident megabytes of the program: now, and at the most.
    pub(crate) fn memory_mb(&self) -> (f64, f64) {
        self.program.as_ref().map_or((0.0, 0.0), |child| cpu::memory_mb(child.id()))
    }

    /// The end of what the program has logged.
    pub(crate) fn said(&self) -> String {
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        log.lines().rev().take(5).collect::<Vec<_>>().join("\n")
    }

    pub(crate) async fn stop(mut self) -> Result<()> {
        if let Some(mut program) = self.program.take() {
            Command::new("kill").args(["-TERM", &program.id().to_string()]).status()?;
            program.wait()?;
        }
        self.simulator.shutdown().await;
        self.nats.stop()?;
        self.postgres.stop()?;
        Ok(())
    }
}

/// Whether every role behind this address says that it is ready.
async fn is_ready(address: SocketAddr) -> bool {
    let ask = async {
        let mut stream = tokio::net::TcpStream::connect(address).await?;
        stream.write_all(b"GET /health/ready HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n").await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok::<_, std::io::Error>(answer.starts_with(b"HTTP/1.1 200"))
    };
    ask.await.unwrap_or(false)
}

/// The program that was built beside this one.
fn program() -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name("dragoman");
    if !path.is_file() {
        bail!("{} is not there; build it: cargo build --release -p dragoman", path.display());
    }
    Ok(path)
}

fn settings(
    root: &Path,
    postgres: &Postgres,
    nats: &Nats,
    simulator: &Running,
    address: SocketAddr,
) -> String {
    let admin = postgres.url();
    let host = admin.expose().rsplit_once('@').map_or("", |(_, host)| host).to_owned();
    let url = |schema: &str| format!("postgres://dragoman_{schema}:bench@{host}");
    format!(
        r#"
[server]
listen = "{address}"
internal_token = "bench"
[log]
format = "json"
level = "warn"
[nats]
url = "{nats}"
[telegram]
api_base = "{api}"
public_url = "http://{address}"
[telegram.bots.bench]
token = "{TOKEN}"
webhook_secret = "{SECRET}"
mode = "webhook"
folder = "dev2production"
[gateway]
database_url = "{gateway}"
[bot]
database_url = "{bot}"
bots_dir = "{bots}"
send_concurrency = 1024
# Telegram's limits are below what is measured here; the limiter itself has figures of its own.
per_chat_per_second = 0
per_group_per_minute = 0
per_bot_per_second = 0
[llm-worker]
database_url = "{llm}"
bots_dir = "{bots}"
[crm]
database_url = "{crm}"
[analytics]
database_url = "{analytics}"
"#,
        nats = nats.url(),
        api = simulator.url(),
        gateway = url("gateway"),
        bot = url("bot"),
        llm = url("llm"),
        crm = url("crm"),
        analytics = url("analytics"),
        bots = root.join("bots").display(),
    )
}
