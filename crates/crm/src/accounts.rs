//! The accounts of the settings, each with what its calls need.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ids::Clock;
use jobs::Limit;
use outbound::AddressGuard;
use pg::Pool;
use reqwest::Client;
use url::Url;

use crate::adapters::standard_webhook::NEWS;
use crate::adapters::{self, AccountError, Adapter, Caller, FindBy, Slots, Token};
use crate::config::{AccountConfig, AccountKind, CrmConfig, OpenDeal};
use crate::domain::mapping::Mapping;
use crate::expiry::TokenEnd;
use crate::store::grant::Grants;
use crate::store::seal::Seal;

/// Calls that may be made together after a rest: with five a second, never more than seven in one.
const BURST: u32 = 2;
/// So many calls a new lead takes, about; as often jobs begin.
const CALLS_OF_A_LEAD: u32 = 3;
/// A second. Whoever waits longer than ten seconds for a turn comes back later, and a delivery takes several turns.
const SLOWEST: f64 = 0.5;
/// Half of what the queue runs at once: an account that hangs leaves the rest to the others.
const SLOTS: usize = 8;

/// An account, ready.
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) kind: AccountKind,
    pub(crate) adapter: Arc<dyn Adapter>,
    pub(crate) token: Token,
    pub(crate) token_end: TokenEnd,
    /// Of the settings; what was published from the admin pages goes before (`mappings::in_force`).
    pub(crate) mapping: Mapping,
    pub(crate) find_by: Vec<FindBy>,
    pub(crate) open_deal: OpenDeal,
    /// Deliveries that this process makes to it at once.
    pub(crate) slots: Slots,
    /// So long after a call of which nobody knows how it ended nobody looks for what it did.
    pub(crate) settles_in: Duration,
    /// So long later news of a lead wait for more of them.
    pub(crate) gathers: Duration,
    bots: Vec<String>,
    /// What of a lead's later news it takes.
    events: Vec<String>,
    /// Of single calls, shared by all replicas.
    calls: Limit,
    /// Of jobs, so that few wait for their calls' turns at a time.
    starts: Limit,
    /// Of deals that are read because they moved: a mass edit at the CRM must not stand before the next lead.
    reads: Limit,
}

/// All of them by name.
#[derive(Default)]
pub(crate) struct Accounts(BTreeMap<String, Account>);

impl Accounts {
    pub(crate) fn new(
        config: &CrmConfig,
        guard: &AddressGuard,
        client: &Client,
        pool: &Pool,
        clock: &Clock,
    ) -> Result<Self, AccountError> {
        let keys = [&config.encryption_key, &config.previous_encryption_key];
        let seal = Seal::new(keys.into_iter().filter(|key| !key.is_empty()))
            .ok_or_else(|| AccountError("[crm] encryption_key must be 32 bytes in base64".to_owned()))?;
        let grants = Grants::new(pool.clone(), seal);
        let mut accounts = BTreeMap::new();
        for account in &config.accounts {
            let refuse = |why: String| AccountError(format!("[[crm.accounts]] {}: {why}", account.name));
            check(account, config, guard).map_err(refuse)?;
            let mapping = Mapping::new(&account.mapping).map_err(refuse)?;
            let [calls, starts, reads] = limits(account);
            let caller = Caller::new(client.clone(), pool.clone(), calls.clone());
            let token = adapters::token(account, &caller, &grants, clock)?;
            let adapter = adapters::open(account, caller, token.clone())?;
            let ready = Account {
                name: account.name.clone(),
                kind: account.kind,
                adapter,
                token,
                token_end: TokenEnd::of(account).map_err(refuse)?,
                mapping,
                find_by: account.find_by.clone(),
                open_deal: account.open_deal,
                slots: Slots::new(SLOTS),
                settles_in: Duration::from_secs(account.settle_seconds),
                gathers: Duration::from_secs(account.gather_seconds),
                bots: account.bots.clone(),
                events: account.events.clone(),
                calls,
                starts,
                reads,
            };
            if accounts.insert(account.name.clone(), ready).is_some() {
                return Err(refuse("there are two of this name".to_owned()));
            }
        }
        Ok(Self(accounts))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Account> {
        self.0.get(name)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Account> {
        self.0.values()
    }

    /// Those that want leads of this bot.
    pub(crate) fn that_want<'a>(&'a self, bot: &'a str) -> impl Iterator<Item = &'a Account> {
        self.0.values().filter(move |one| one.wants(bot))
    }

    /// What reading a deal of an account counts against.
    pub(crate) fn limits_of_reads(&self, name: &str) -> Vec<Limit> {
        self.get(name).map(|account| vec![account.reads.clone()]).unwrap_or_default()
    }

    /// What the jobs of an account count against.
    pub(crate) fn limits(&self, name: &str) -> Vec<Limit> {
        self.get(name).map(|account| vec![account.starts.clone()]).unwrap_or_default()
    }
}

impl Account {
    pub(crate) fn wants(&self, bot: &str) -> bool {
        self.bots.is_empty() || self.bots.iter().any(|wanted| wanted == bot)
    }

    /// Whether it takes news of this name.
    pub(crate) fn takes(&self, event: &str) -> bool {
        self.events.iter().any(|wanted| wanted == event)
    }

    /// Of the limits that a pause stands in.
    pub(crate) fn keys(&self) -> Vec<String> {
        [&self.calls, &self.starts, &self.reads].map(|limit| limit.key.clone()).to_vec()
    }

    /// What something that is in no hurry waits for: room for one call more than its own.
    pub(crate) fn spare(&self) -> [(Limit, u32); 1] {
        [(self.calls.clone(), 1)]
    }

    /// Nothing is called, and no job begins, for so long, on any replica.
    pub(crate) async fn pause(&self, pool: &Pool, pause: Duration) -> Result<(), pg::PgError> {
        let mut connection = pool.acquire().await?;
        for limit in [&self.calls, &self.starts, &self.reads] {
            jobs::pause(&mut connection, &limit.key, pause).await?;
        }
        Ok(())
    }
}

fn limits(account: &AccountConfig) -> [Limit; 3] {
    let usual = match account.kind {
        AccountKind::Amocrm | AccountKind::Kommo => 5.0,
        AccountKind::Bitrix24 => 2.0,
        AccountKind::Hubspot => 4.0,
    };
    let per = Duration::from_secs_f64(1.0 / account.per_second.unwrap_or(usual));
    let key = |what: &str| format!("crm/{}/{what}", account.name);
    [
        Limit { key: key("calls"), per, burst: BURST },
        Limit { key: key("leads"), per: per * CALLS_OF_A_LEAD, burst: BURST },
        // A third of the calls, or a quarter where leads come as fast as they may.
        Limit { key: key("reads"), per: per * CALLS_OF_A_LEAD, burst: BURST },
    ]
}

/// What is wrong with the settings, of what needs no network to be seen.
fn check(account: &AccountConfig, config: &CrmConfig, guard: &AddressGuard) -> Result<(), String> {
    let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    if !(1..=32).contains(&account.name.len()) || !account.name.bytes().all(is_word) {
        return Err("name must be 1 to 32 of a-z, 0-9, _ and -".to_owned());
    }
    if config.endpoints.iter().any(|endpoint| endpoint.name == account.name) {
        return Err("an endpoint has this name; give the account another".to_owned());
    }
    let url: Url = account.url.parse().map_err(|_| "url is not an address; write https://host".to_owned())?;
    guard.check(&url).map_err(|why| classify::chain(&why))?;
    if let Some(oauth) = account.oauth.as_ref().filter(|oauth| !oauth.token_url.is_empty()) {
        let url: Url = oauth.token_url.parse().map_err(|_| "oauth token_url is not an address".to_owned())?;
        guard.check(&url).map_err(|why| classify::chain(&why))?;
    }
    if account.per_second.is_some_and(|rate| !(SLOWEST..=1000.0).contains(&rate)) {
        return Err(format!("per_second must be {SLOWEST} to 1000; slower, no call would have its turn"));
    }
    if !(1..=600).contains(&account.settle_seconds) {
        return Err("settle_seconds must be 1 to 600".to_owned());
    }
    if account.gather_seconds > 600 {
        return Err("gather_seconds must be 0 to 600".to_owned());
    }
    let unknown = account.events.iter().find(|event| !NEWS.contains(&event.as_str()));
    if let Some(unknown) = unknown {
        return Err(format!(
            "events names {unknown:?}; beside the lead itself there are {}",
            NEWS.join(", ")
        ));
    }
    match (account.token.is_empty(), &account.oauth) {
        (true, None) => Err("token is missing, or oauth".to_owned()),
        (false, Some(_)) => Err("token and oauth are both there; leave one out".to_owned()),
        (true, Some(_)) if config.encryption_key.is_empty() => {
            Err("oauth needs [crm] encryption_key: 32 bytes in base64 (openssl rand -base64 32)".to_owned())
        }
        _ => Ok(()),
    }
}
