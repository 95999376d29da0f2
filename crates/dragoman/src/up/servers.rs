use std::path::Path;

use anyhow::Result;
use ids::Secret;
use local_servers::{Nats, NatsOptions, Postgres, PostgresOptions, Tools};

use super::given::Given;

/// Postgres and NATS: those that were named, or our own below `.dragoman/`.
pub(super) struct Servers {
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

    /// Stops what was started here.
    pub(super) fn stop(self) -> Result<()> {
        let nats = self.nats.map(Nats::stop);
        let postgres = self.postgres.map(Postgres::stop);
        nats.transpose()?;
        postgres.transpose()?;
        Ok(())
    }
}
