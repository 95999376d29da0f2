use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use ids::Secret;
use local_servers::{Nats, NatsOptions, Postgres, PostgresOptions, Tools};

use super::given::Given;

/// How soon the end of a server is noticed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Postgres and NATS: those that were named, or our own below `.dragoman/`.
pub(super) struct Servers {
    root: PathBuf,
    postgres: Option<Postgres>,
    nats: Option<Nats>,
    admin_url: Secret,
    nats_url: Secret,
}

impl Servers {
    pub(super) fn start(root: &Path, given: &Given) -> Result<Self> {
        let folder = root.join(".dragoman");
        let postgres = match &given.database_url {
            Some(_) => None,
            None => {
                let tools = Tools::below(root)?.postgres()?;
                Some(Postgres::start(&tools, &PostgresOptions::new(folder.join("postgres")))?)
            }
        };
        let nats = match &given.nats_url {
            Some(_) => None,
            None => {
                let tools = Tools::below(root)?.nats()?;
                Some(Nats::start(&tools, &NatsOptions::new(folder.join("nats")))?)
            }
        };
        let admin_url = given.database_url.clone().or_else(|| postgres.as_ref().map(Postgres::url));
        let nats_url = given.nats_url.clone().or_else(|| nats.as_ref().map(Nats::url));
        Ok(Self {
            root: root.to_owned(),
            postgres,
            nats,
            admin_url: admin_url.unwrap_or_default(),
            nats_url: nats_url.unwrap_or_default(),
        })
    }

    /// A role that may create schemas and roles.
    pub(super) fn admin_url(&self) -> Secret {
        self.admin_url.clone()
    }

    /// With what opens it.
    pub(super) const fn nats_url(&self) -> &Secret {
        &self.nats_url
    }

    /// Returns once one that was started here has ended by itself: the sentence that says which.
    pub(super) async fn lost(&mut self) -> String {
        loop {
            if let Some(sentence) = self.lost_already() {
                return sentence;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// The same, of this moment.
    pub(super) fn lost_already(&mut self) -> Option<String> {
        let nats_ended = self.nats.as_mut().is_some_and(|nats| !nats.is_running());
        let postgres_ended = self.postgres.as_mut().is_some_and(|postgres| !postgres.is_running());
        let (server, log) = match (&self.nats, &self.postgres) {
            (Some(nats), _) if nats_ended => ("NATS", nats.process().log()),
            (_, Some(postgres)) if postgres_ended => ("Postgres", postgres.process().log()),
            _ => return None,
        };
        let log = log.strip_prefix(&self.root).unwrap_or(log).display();
        Some(format!("{server} has ended by itself; its last words are in {log}"))
    }

    /// Stops what was started here.
    pub(super) fn stop(self) -> Result<()> {
        let nats = self.nats.map(Nats::stop);
        let postgres = self.postgres.map(Postgres::stop);
        nats.transpose()?;
        postgres.transpose()?;
        Ok(())
    }
}
