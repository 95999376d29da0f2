//! What an operator does with accounts from the command line: see whether they can be called, what can be filled in, what a
//! lead would become, and drive again what was given up.

mod alerts;
mod compared;
mod known;
mod resting;

use classify::{Class, Failure};
use ids::{Clock, Secret, Timestamp};
use outbound::AddressGuard;
use pg::Pool;
use serde::Serialize;

use crate::accounts::{Account, Accounts};
use crate::adapters::standard_webhook;
use crate::alerts::Alerts;
use crate::config::CrmConfig;
use crate::domain::example::{example, unfit};
use crate::domain::fit::Problem;
use crate::domain::lead::Lead;
use crate::domain::mapping::Mapping;
use crate::domain::schema::Schema;
use crate::expiry::warning;
use crate::mappings;
use crate::store::{grant, redrive};

use resting::explained;
pub(crate) use resting::told;

/// The accounts of the settings.
pub struct Desk {
    accounts: Accounts,
    alerts: Alerts,
    /// Of the accounts and the endpoints of the settings.
    names: Vec<String>,
    days: u8,
    pool: Pool,
}

/// Whether an account can be called, and whether the mapping fits it.
#[derive(Clone, Debug, Serialize)]
pub struct Checked {
    /// The account's name in the settings.
    pub account: String,
    /// What the account calls itself; empty where it could not be asked.
    pub says: String,
    /// When its token ends, where that is known.
    pub token_ends: Option<Timestamp>,
    /// For a person, each with what to do.
    pub problems: Vec<String>,
    /// What works, and could go wrong in a bad moment; each with what to do.
    pub warnings: Vec<String>,
}

/// What a lead would become.
#[derive(Clone, Debug, Serialize)]
pub struct Rehearsal {
    pub account: String,
    /// The deal, by the CRM's fields.
    pub deal: serde_json::Value,
    pub person: serde_json::Value,
    pub note: String,
    pub problems: Vec<String>,
}

impl Desk {
    /// # Errors
    /// `Invalid` where the settings are wrong.
    pub fn new(config: &CrmConfig, pool: Pool) -> Result<Self, Failure> {
        let invalid = |why: String| Failure::new(Class::Invalid, why);
        let guard = AddressGuard::new(&config.allow_private_addresses);
        let timeout = std::time::Duration::from_secs(config.timeout_seconds.clamp(1, 60));
        let client =
            standard_webhook::client(&guard, timeout).map_err(|error| invalid(classify::chain(&error)))?;
        let accounts = Accounts::new(config, &guard, &client, &pool, &Clock::system());
        let days = config.reconcile().map_err(invalid)?.days;
        let alerts = Alerts::new(&config.alerts, &guard, &client, &pool);
        let alerts = alerts.map_err(|error| invalid(classify::chain(&error)))?;
        let accounts = accounts.map_err(|error| invalid(classify::chain(&error)))?;
        Ok(Self { accounts, alerts, names: config.names(), days, pool })
    }

    /// Asks every account, or one, for its fields, and holds the mapping against them.
    ///
    /// # Errors
    /// `NotFound` where no account has this name.
    pub async fn check(&self, name: Option<&str>) -> Result<Vec<Checked>, Failure> {
        let mut checked = Vec::new();
        let renewed = grant::renewed(&mut *self.pool.acquire().await.map_err(pg::PgError::from)?).await?;
        for account in self.named(name)? {
            let renewed = renewed.iter().find(|(name, _)| *name == account.name).map(|(_, at)| *at);
            let token_ends = account.token_end.at(renewed);
            let (says, mut problems) = match account.adapter.schema().await {
                Ok(schema) => (schema.account.clone(), wrong(&self.mapping(account).await?, &schema)),
                Err(trouble) => (String::new(), vec![explained(&self.pool, account, &trouble).await]),
            };
            if let Some(end) = token_ends.filter(|end| warning(*end, Clock::system().now()) >= Some(2)) {
                problems.push(format!("the token ends on {end}; make a new one in the CRM, or consent anew"));
            }
            // Whoever can not be asked has told so.
            let warnings = if says.is_empty() { Ok(Vec::new()) } else { account.adapter.warnings().await };
            let warnings = warnings.unwrap_or_default();
            checked.push(Checked { account: account.name.clone(), says, token_ends, problems, warnings });
        }
        Ok(checked)
    }

    /// Where a person consents to be called for by an account with `oauth`, where that can be said beforehand.
    ///
    /// # Errors
    /// `NotFound` where no account has this name, `Invalid` where it has no `oauth`.
    pub fn consent_address(&self, name: &str) -> Result<Option<String>, Failure> {
        Ok(self.renewed(name)?.token.consent_address().map(String::from))
    }

    /// Changes the code of a consent for the first pair of tokens, and keeps it, sealed. What waited for it goes on at once.
    ///
    /// # Errors
    /// `NotFound` where no account has this name, `Invalid` where it has no `oauth`; else what the CRM answered.
    pub async fn connect(&self, name: &str, code: &Secret) -> Result<(), Failure> {
        let account = self.renewed(name)?;
        let connected = account.token.connect(code).await;
        connected.map_err(|trouble| Failure::new(Class::Denied, told(account, &trouble)))?;
        let mut tx = self.pool.begin().await.map_err(pg::PgError::from)?;
        redrive::resume(&mut tx, name, &account.keys()).await?;
        Ok(tx.commit().await.map_err(pg::PgError::from)?)
    }

    /// What can be filled in at an account, as JSON: fields, pipelines with their stages, people.
    ///
    /// # Errors
    /// `NotFound` where no account has this name; else what the CRM answered.
    pub async fn schema(&self, name: &str) -> Result<serde_json::Value, Failure> {
        let schema = self.asked(self.one(name)?).await?;
        serde_json::to_value(schema).map_err(|error| Failure::new(Class::Permanent, error))
    }

    /// What a lead would become at an account: one that is kept (`lead_id`), or an example. Nothing is written there.
    ///
    /// # Errors
    /// `NotFound` where no account has this name, or the lead is not kept; else what the CRM answered.
    pub async fn rehearse(&self, name: &str, lead_id: Option<&str>) -> Result<Rehearsal, Failure> {
        let account = self.one(name)?;
        let lead = match lead_id {
            Some(id) => self.kept(name, id).await?,
            None => example(),
        };
        let schema = self.asked(account).await?;
        let mapping = self.mapping(account).await?;
        let (deal, person) = (mapping.deal(&lead), mapping.contact(&lead));
        Ok(Rehearsal {
            account: account.name.clone(),
            deal: deal.shown(),
            person: person.shown(),
            note: crate::domain::note::of_lead(&lead, "").text.expose().clone(),
            problems: wrong(&mapping, &schema),
        })
    }

    /// Puts what was given up for this account or endpoint since then back into the queue, in its order, and lets the
    /// account be called at once. Returns how many.
    ///
    /// # Errors
    /// `NotFound` where nothing was ever called so; else the database's.
    pub async fn redrive(&self, name: &str, since: Timestamp) -> Result<u64, Failure> {
        self.is_known(name).await?;
        let mut tx = self.pool.begin().await.map_err(pg::PgError::from)?;
        let driven = redrive::drive(&mut tx, name, since).await?;
        let keys = self.accounts.get(name).map(Account::keys).unwrap_or_default();
        redrive::resume(&mut tx, name, &keys).await?;
        tx.commit().await.map_err(pg::PgError::from)?;
        Ok(driven)
    }

    /// The mapping in force.
    async fn mapping(&self, account: &Account) -> Result<Mapping, Failure> {
        Ok(mappings::in_force(&self.pool, account).await?.mapping)
    }

    async fn kept(&self, account: &str, lead_id: &str) -> Result<Lead, Failure> {
        let not_kept = || {
            Failure::new(
                Class::NotFound,
                format!("no lead {lead_id} is kept for {account}; see dragoman leads"),
            )
        };
        let body = redrive::body(&self.pool, &format!("lead_{lead_id}_{account}")).await?;
        serde_json::from_str(&body.ok_or_else(not_kept)?).map_err(|_| not_kept())
    }

    /// What the account is, as it tells now.
    async fn asked(&self, account: &Account) -> Result<Schema, Failure> {
        match account.adapter.schema().await {
            Ok(schema) => Ok(schema),
            Err(trouble) => {
                Err(Failure::new(Class::Transient, explained(&self.pool, account, &trouble).await))
            }
        }
    }

    /// The account, whose tokens are renewed.
    fn renewed(&self, name: &str) -> Result<&Account, Failure> {
        let account = self.one(name)?;
        if account.token.is_renewed() {
            return Ok(account);
        }
        let why = format!(
            "{name} has a token and no oauth: nothing to connect; to change its token, change it in the settings"
        );
        Err(Failure::new(Class::Invalid, why))
    }

    fn one(&self, name: &str) -> Result<&Account, Failure> {
        self.accounts.get(name).ok_or_else(|| {
            Failure::new(
                Class::NotFound,
                format!("there is no account {name} in the settings; see [[crm.accounts]]"),
            )
        })
    }

    fn named(&self, name: Option<&str>) -> Result<Vec<&Account>, Failure> {
        match name {
            Some(name) => Ok(vec![self.one(name)?]),
            None => Ok(self.accounts.all().collect()),
        }
    }
}

fn wrong(mapping: &Mapping, schema: &Schema) -> Vec<String> {
    unfit(mapping, schema).iter().map(Problem::to_string).collect()
}
