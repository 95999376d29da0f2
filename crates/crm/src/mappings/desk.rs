//! What the admin pages do with mappings.

use std::sync::Arc;

use classify::{Class, Failure};
use pg::Pool;
use serde_json::json;

use super::schemas::Schemas;
use super::{taken, version};
use crate::accounts::{Account, Accounts};
use crate::adapters::Trouble;
use crate::config::MappingConfig;
use crate::desk::told;
use crate::domain::example::{example, unfit};
use crate::domain::fit::{self, Problem};
use crate::domain::lead::Lead;
use crate::domain::mapping::Mapping;
use crate::domain::note;
use crate::domain::schema::Schema;
use crate::store::account::{self, Fares, Known};
use crate::store::mapping::{self, New, Published};
use crate::store::redrive;

/// Characters of the name of whoever publishes.
const LONGEST_NAME: usize = 100;

/// The mappings of all accounts, for people.
pub(crate) struct Desk {
    accounts: Arc<Accounts>,
    pool: Pool,
    schemas: Schemas,
}

/// An account in the list.
pub(crate) struct Card<'a> {
    pub(crate) account: &'a Account,
    pub(crate) version: i32,
    pub(crate) published: Option<Published>,
    pub(crate) fares: Fares,
}

/// An account, to be looked at and changed.
pub(crate) struct Read<'a> {
    pub(crate) account: &'a Account,
    pub(crate) in_force: (i32, Option<Published>),
    pub(crate) mapping: MappingConfig,
    /// Or why it is not known, for people.
    pub(crate) schema: Result<Arc<Schema>, String>,
    pub(crate) leads: Vec<Known>,
}

/// What would be sent, as far as that can be told.
#[derive(Default)]
pub(crate) struct DryRun {
    /// JSON.
    pub(crate) payload: String,
    pub(crate) problems: Vec<Problem>,
    /// Why there is no payload; empty where the problems say it.
    pub(crate) not_shown: String,
}

/// What came of a wish to publish.
pub(crate) enum Outcome {
    Published(Published),
    /// This is in force by now, which somebody else has published.
    Conflict(i32, Option<Published>),
    Problems {
        problems: Vec<Problem>,
        /// Whether that may be wished all the same.
        can_be_published: bool,
    },
    NotAsked(String),
}

/// What is wished to be in force.
pub(crate) enum Draft {
    New(MappingConfig),
    Again(i32),
}

impl Desk {
    pub(crate) fn new(accounts: Arc<Accounts>, pool: Pool) -> Self {
        Self { accounts, pool, schemas: Schemas::default() }
    }

    pub(crate) async fn accounts(&self) -> Result<Vec<Card<'_>>, Failure> {
        let mut fares = account::fares(&self.pool).await?;
        let mut newest = mapping::newest(&self.pool).await?;
        let mut cards = Vec::new();
        for account in self.accounts.all() {
            let at = newest.iter().position(|(name, _)| *name == account.name);
            let published = at.map(|at| newest.swap_remove(at).1);
            let mut fares = fares.remove(&account.name).unwrap_or_default();
            fares.delivered_at = account::delivered_at(&self.pool, &account.name).await?;
            let version = published.as_ref().map_or(mapping::OF_THE_FILE, |one| one.version);
            cards.push(Card { account, version, published, fares });
        }
        Ok(cards)
    }

    pub(crate) async fn read(&self, name: &str, wanted: Option<i32>) -> Result<Read<'_>, Failure> {
        let account = self.one(name)?;
        let newest = mapping::of(&self.pool, name, None).await?;
        let shown = match wanted {
            Some(wanted) => version(&self.pool, account, wanted).await?,
            None => taken(account, newest.as_ref())?,
        };
        let leads = account::leads(&self.pool, name).await?;
        let in_force = (newest.as_ref().map_or(mapping::OF_THE_FILE, |one| one.version), newest);
        let mapping = shown.mapping.config().clone();
        Ok(Read { account, in_force, mapping, schema: self.schemas.of(account).await, leads })
    }

    /// What is wrong with a mapping, and why the account could not be asked.
    pub(crate) async fn check(
        &self,
        name: &str,
        config: &MappingConfig,
    ) -> Result<(Vec<Problem>, Option<String>), Failure> {
        let account = self.one(name)?;
        let mapping = match formed(config) {
            Ok(mapping) => mapping,
            Err(problems) => return Ok((problems, None)),
        };
        Ok(match self.schemas.now(account).await {
            Ok(schema) => (unfit(&mapping, &schema), None),
            Err(why) => (Vec::new(), Some(why)),
        })
    }

    /// What a lead of this account, or an example, would become.
    pub(crate) async fn dry_run(
        &self,
        name: &str,
        config: &MappingConfig,
        lead_id: &str,
    ) -> Result<DryRun, Failure> {
        let account = self.one(name)?;
        let mapping = match formed(config) {
            Ok(mapping) => mapping,
            Err(problems) => return Ok(DryRun { problems, ..DryRun::default() }),
        };
        let not_shown = |not_shown| Ok(DryRun { not_shown, ..DryRun::default() });
        let lead = if lead_id.is_empty() { Some(example()) } else { self.kept(name, lead_id).await? };
        let Some(lead) = lead else { return not_shown(format!("no lead {lead_id} is kept for {name}")) };
        let (deal, contact) = (mapping.deal(&lead), mapping.contact(&lead));
        let calls = match account.adapter.draft(&deal, &contact).await {
            Ok(calls) => Ok(calls),
            Err(trouble @ Trouble::Rejected { .. }) => Err(told(account, &trouble)),
            Err(trouble) => return not_shown(told(account, &trouble)),
        };
        // Some accounts are known to refuse a field before it is sent, some say so themselves.
        let problems = match self.schemas.of(account).await {
            Ok(schema) => fit::problems(config, &deal, &contact, &schema),
            Err(_) => Vec::new(),
        };
        match calls {
            Ok(calls) => {
                let note = note::of_lead(&lead, "").text.into_inner();
                let payload = serde_json::to_string_pretty(&json!({ "calls": calls, "note": note }));
                let payload = payload.map_err(|error| Failure::new(Class::Permanent, error))?;
                Ok(DryRun { payload, problems, not_shown: String::new() })
            }
            Err(_) if !problems.is_empty() => Ok(DryRun { problems, ..DryRun::default() }),
            Err(why) => not_shown(why),
        }
    }

    pub(crate) async fn publish(
        &self,
        name: &str,
        draft: Draft,
        based_on: i32,
        by: &str,
        unchecked: bool,
    ) -> Result<Outcome, Failure> {
        let account = self.one(name)?;
        let (config, again) = match draft {
            Draft::New(config) => (config, None),
            Draft::Again(earlier) => {
                let earlier = version(&self.pool, account, earlier).await?;
                (earlier.mapping.config().clone(), Some(earlier.version))
            }
        };
        let mapping = match formed(&config) {
            Ok(mapping) => mapping,
            Err(problems) => return Ok(Outcome::Problems { problems, can_be_published: false }),
        };
        if !unchecked {
            match self.schemas.now(account).await {
                Err(why) => return Ok(Outcome::NotAsked(why)),
                Ok(schema) => {
                    let problems = unfit(&mapping, &schema);
                    if !problems.is_empty() {
                        return Ok(Outcome::Problems { problems, can_be_published: true });
                    }
                }
            }
        }
        let by: String = by.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
        let json = serde_json::to_value(&config).map_err(|error| Failure::new(Class::Permanent, error))?;
        let new = New { account: name, based_on, mapping: &json, by: &by, again };
        if let Some(published) = mapping::publish(&self.pool, &new).await? {
            tracing::info!(account = name, version = published.version, by, "a mapping is in force");
            return Ok(Outcome::Published(published));
        }
        let newest = mapping::of(&self.pool, name, None).await?;
        match newest {
            // The answer to the first of two same requests was lost.
            Some(same)
                if based_on.checked_add(1) == Some(same.version)
                    && same.mapping == json
                    && same.by == by
                    && same.again == again =>
            {
                Ok(Outcome::Published(same))
            }
            newest => {
                Ok(Outcome::Conflict(newest.as_ref().map_or(mapping::OF_THE_FILE, |one| one.version), newest))
            }
        }
    }

    pub(crate) async fn history(&self, name: &str) -> Result<Vec<Published>, Failure> {
        self.one(name)?;
        Ok(mapping::history(&self.pool, name).await?)
    }

    async fn kept(&self, account: &str, lead_id: &str) -> Result<Option<Lead>, Failure> {
        let Ok(lead) = lead_id.parse::<ids::Uuid>() else { return Ok(None) };
        let body = redrive::body(&self.pool, &format!("lead_{lead}_{account}")).await?;
        Ok(body.and_then(|body| serde_json::from_str(&body).ok()))
    }

    fn one(&self, name: &str) -> Result<&Account, Failure> {
        self.accounts.get(name).ok_or_else(|| {
            Failure::new(Class::NotFound, format!("there is no account {name}; see [[crm.accounts]]"))
        })
    }
}

/// A mapping that could be kept.
fn formed(config: &MappingConfig) -> Result<Mapping, Vec<Problem>> {
    let mut problems = fit::shapeless(config);
    problems.extend(fit::unknown(config));
    if problems.is_empty() {
        // What it looks for was looked for.
        if let Ok(mapping) = Mapping::new(config) {
            return Ok(mapping);
        }
    }
    Err(problems)
}
