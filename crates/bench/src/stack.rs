//! One installation to be measured: servers, the simulator, and the program with every role.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use local_servers::{Nats, NatsOptions, Postgres, PostgresOptions, Sync, Tools};
use telegram_sim::{BotSpec, Limits, Options, Running, Simulator};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::people::People;
use crate::processes::{self, Processes};
use crate::program::Program;
use crate::psql::Psql;
use crate::settings::{Around, SendLimits, TOKEN};

pub(crate) struct Stack {
    // First, so that it is dropped first: the program ends before its servers do.
    pub(crate) program: Program,
    pub(crate) postgres: Postgres,
    pub(crate) nats: Nats,
    simulator: Running,
    /// Where the webhook is.
    pub(crate) address: SocketAddr,
    root: PathBuf,
    psql: Psql,
    folder: TempDir,
}

impl Stack {
    /// New servers, empty, and the program with the send limits off.
    pub(crate) async fn start(root: &Path, program: &Path, sync: Sync, people: &Arc<People>) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("dragoman-bench-").tempdir_in("/var/tmp")?;
        let tools = Tools::below(root)?;
        let (postgres_tools, nats_tools) = (tools.postgres()?, tools.nats()?);
        let postgres = Postgres::start(&postgres_tools, &PostgresOptions::new(folder.path().join("pg")))?;
        let nats_options = NatsOptions { sync, ..NatsOptions::new(folder.path().join("nats")) };
        let nats = Nats::start(&nats_tools, &nats_options)?;
        let simulator = simulator(people).await?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut stack = Self {
            program: Program::new(program, folder.path(), address),
            postgres,
            nats,
            simulator,
            address,
            root: root.to_owned(),
            psql: Psql::new(&postgres_tools.program("psql")),
            folder,
        };
        stack.configure(SendLimits::Off)?;
        stack.program.migrate(&stack.postgres.url())?;
        stack.program.start().await?;
        Ok(stack)
    }

    fn configure(&self, limits: SendLimits) -> Result<()> {
        let around = Around {
            root: &self.root,
            postgres: &self.postgres,
            nats: &self.nats,
            simulator: &self.simulator,
            address: self.address,
        };
        self.program.configure(&around.settings(limits))
    }

    /// Stops the program and starts it on the same servers with these limits.
    pub(crate) async fn restart(&mut self, limits: SendLimits) -> Result<()> {
        self.program.stop().await?;
        self.configure(limits)?;
        self.program.start().await
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

    pub(crate) fn processes(&self) -> Result<Processes> {
        Ok(Processes {
            ours: self.program.pid()?,
            nats: processes::of(&self.folder.path().join("nats/pid"))?,
            postgres: processes::of(&self.postgres.data().join("postmaster.pid"))?,
        })
    }

    /// Transactions that Postgres has committed, of all databases.
    pub(crate) fn commits(&self) -> Result<f64> {
        self.psql.number(&self.postgres.url(), "select sum(xact_commit) from pg_stat_database")
    }

    /// Where both servers keep their files.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) async fn stop(mut self) -> Result<()> {
        self.program.stop().await?;
        self.simulator.shutdown().await;
        self.nats.stop()?;
        self.postgres.stop()?;
        Ok(())
    }
}

/// Telegram, which tells the people of each message.
async fn simulator(people: &Arc<People>) -> Result<Running> {
    let people = people.clone();
    let observer = move |call: &telegram_sim::CallSeen<'_>| {
        if let (true, "sendMessage", Some(chat)) = (call.ok, call.method, call.chat_id) {
            people.answered(chat, call.at);
        }
    };
    let options = Options {
        bots: vec![BotSpec::new("bench", TOKEN)],
        limits: Limits::off(),
        lean: true,
        any_chat: true,
        observer: Some(Arc::new(observer)),
        ..Options::default()
    };
    Ok(Simulator::start(options).await?)
}
