//! The gateway and the model worker in one process, as installed: durable accounting on, a real Postgres and NATS.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use local_servers::{Nats, NatsOptions, Postgres, PostgresOptions, Tools};
use tempfile::TempDir;

use super::client::Target;
use super::free_address;
use crate::processes;
use crate::program::Program;
use crate::psql::Psql;
use crate::settings::common;

pub(super) struct Ours {
    // First, so that it is dropped first: the program ends before its servers do.
    pub(super) program: Program,
    postgres: Postgres,
    nats: Nats,
    address: SocketAddr,
    key: String,
    psql: Psql,
    _folder: TempDir,
}

impl Ours {
    pub(super) async fn start(root: &Path, program: &Path, upstream: SocketAddr) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("dragoman-bench-").tempdir_in("/var/tmp")?;
        let tools = Tools::below(root)?;
        let postgres_tools = tools.postgres()?;
        let postgres = Postgres::start(&postgres_tools, &PostgresOptions::new(folder.path().join("pg")))?;
        let nats = Nats::start(&tools.nats()?, &NatsOptions::new(folder.path().join("nats")))?;
        let address = free_address()?;
        let mut program = Program::new(program, folder.path(), address).with_roles("gateway,llm-worker");
        program.configure(&settings(root, &postgres, &nats, address, upstream))?;
        program.migrate(&postgres.url())?;
        program.start().await?;
        // A budget, so that it is counted; far above what is spent here.
        let made = program.command(&[
            "keys", "create", "--name", "bench", "--budget", "1000000", "--per", "day", "--json",
        ])?;
        let made: serde_json::Value = serde_json::from_str(made.trim())?;
        let key = made.get("key").and_then(|key| key.as_str()).context("no key was made")?.to_owned();
        let psql = Psql::new(&postgres_tools.program("psql"));
        Ok(Self { program, postgres, nats, address, key, psql, _folder: folder })
    }

    pub(super) fn target(&self) -> Target {
        Target::new(self.address, &self.key, "bench/parrot-1")
    }

    pub(super) fn postgres_pid(&self) -> Result<u32> {
        processes::of(&self.postgres.data().join("postmaster.pid"))
    }

    /// How many of so many answered calls are not in the ledger, once nothing is held any more.
    pub(super) async fn missing(&self, answered: u64) -> Result<u64> {
        for _ in 0..100 {
            if self.count("select count(*) from llm.reservation")? == 0 {
                let rows = self.count("select count(*) from llm.ledger where outcome = 'answered'")?;
                return Ok(answered.saturating_sub(rows));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("calls are held 10 s after the last of them ended")
    }

    fn count(&self, query: &str) -> Result<u64> {
        self.psql.number(&self.postgres.url(), query)
    }

    pub(super) async fn stop(mut self) -> Result<()> {
        self.program.stop().await?;
        self.nats.stop()?;
        self.postgres.stop()?;
        Ok(())
    }
}

fn settings(
    root: &Path,
    postgres: &Postgres,
    nats: &Nats,
    address: SocketAddr,
    upstream: SocketAddr,
) -> String {
    let common = common(postgres, nats, address);
    format!(
        r#"{common}
llm-worker.bots_dir = "{bots}"
[llm-worker.money]
day_dollars = 1000000.0
[llm-worker.providers.bench]
kind = "openai"
base_url = "http://{upstream}/v1"
api_keys = "sk-bench"
concurrency = 2000
[[llm-worker.providers.bench.models]]
name = "parrot-1"
prices = {{ input = 435000, output = 870000 }}
"#,
        bots = root.join("bots").display(),
    )
}
