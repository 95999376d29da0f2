//! The CRM role in one process, as installed: a real Postgres with `fsync` on and a real NATS.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use ids::Secret;
use local_servers::{Nats, NatsOptions, Postgres, PostgresOptions, Tools};
use tempfile::TempDir;

use crate::processes;
use crate::program::Program;
use crate::psql::Psql;
use crate::settings::common;

/// Its name in the settings.
pub(super) const ENDPOINT: &str = "local";

pub(super) struct Ours {
    // First, so that it is dropped first: the program ends before its servers do.
    program: Program,
    postgres: Postgres,
    nats: Nats,
    psql: Psql,
    folder: TempDir,
}

impl Ours {
    pub(super) async fn start(root: &Path, program: &Path, receiver: SocketAddr) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("dragoman-bench-").tempdir_in("/var/tmp")?;
        let tools = Tools::below(root)?;
        let postgres_tools = tools.postgres()?;
        let postgres = Postgres::start(&postgres_tools, &PostgresOptions::new(folder.path().join("pg")))?;
        let nats = Nats::start(&tools.nats()?, &NatsOptions::new(folder.path().join("nats")))?;
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut program = Program::new(program, folder.path(), address).with_roles("crm");
        let more = format!(
            "crm.allow_private_addresses = [\"127.0.0.0/8\"]\n[[crm.endpoints]]\nname = \"{ENDPOINT}\"\nurl = \"http://{receiver}/leads\"\nsecret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"\n"
        );
        program.configure(&(common(&postgres, &nats, address) + &more))?;
        program.migrate(&postgres.url())?;
        program.start().await?;
        let psql = Psql::new(&postgres_tools.program("psql"));
        Ok(Self { program, postgres, nats, psql, folder })
    }

    pub(super) fn postgres_url(&self) -> Secret {
        self.postgres.url()
    }

    pub(super) fn nats_url(&self) -> Secret {
        self.nats.url()
    }

    pub(super) fn pids(&self) -> Result<Vec<u32>> {
        let nats = processes::of(&self.folder.path().join("nats/pid"))?;
        let postgres = processes::of(&self.postgres.data().join("postmaster.pid"))?;
        Ok(vec![self.program.pid()?, nats, postgres])
    }

    /// The end of what the program has logged.
    pub(super) fn said(&self) -> String {
        self.program.said()
    }

    /// How many deliveries are noted as done at their first attempt, once there are so many, or some time has passed.
    pub(super) async fn delivered(&self, expected: u64) -> Result<u64> {
        let mut done = 0;
        for _ in 0..100 {
            done = self.count("select count(*) from crm.attempt where outcome = 'delivered' and n = 1")?;
            if done >= expected {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(done)
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
