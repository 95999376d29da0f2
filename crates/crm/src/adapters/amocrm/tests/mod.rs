//! The adapter against an account on the loopback.

mod again;
mod creating;
mod doors;
mod finding;
mod hostile;
mod reading;
mod refusals;
mod state;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use ids::{Pii, Secret};
use jobs::Limit;
use pg::{Pool, PoolSettings};
use testkit::TestDatabase;
use testkit::crms::amocrm::{Amocrm, Options, account as ids_of};

use super::super::{Adapter, Caller, Fault, Token, Trouble};
use crate::config::{AccountConfig, AccountKind, FindBy, OpenDeal};
use crate::domain::deal::{Contact, Filled, NewDeal};

struct Account {
    crm: Amocrm,
    adapter: Arc<dyn Adapter>,
    config: AccountConfig,
    pool: Pool,
    caller: Caller,
    _database: TestDatabase,
}

/// An account that is not asked how fast it may be called.
async fn account() -> Account {
    account_with(quick(), |_| {}).await
}

fn quick() -> Options {
    Options { per_second: 1_000, ..Options::default() }
}

async fn account_with(options: Options, change: impl FnOnce(&mut AccountConfig)) -> Account {
    account_under(no_limit(), options, change).await
}

fn no_limit() -> Limit {
    Limit { key: "crm:sales".to_owned(), per: Duration::from_millis(1), burst: 100 }
}

async fn account_under(limit: Limit, options: Options, change: impl FnOnce(&mut AccountConfig)) -> Account {
    let (crm, database) = tokio::join!(Amocrm::start(options), testkit::database());
    let settings = PoolSettings { url: database.secret(), max_connections: 3 };
    let pool = pg::connect(&settings, "public").await.unwrap();
    pg::migrate(&pool, &crate::store::MIGRATIONS).await.unwrap();
    let mut config = config(crm.url());
    change(&mut config);
    let caller = caller(&pool, limit, Duration::from_secs(20));
    let adapter = super::open(&config, caller.clone(), Token::Given(Secret::new(crm.token()))).unwrap();
    Account { crm, adapter, config, pool, caller, _database: database }
}

fn caller(pool: &Pool, limit: Limit, timeout: Duration) -> Caller {
    let client = outbound::builder().unwrap().no_proxy().timeout(timeout).build().unwrap();
    Caller::new(client, pool.clone(), limit)
}

fn config(url: &str) -> AccountConfig {
    AccountConfig {
        webhook_secret: Secret::default(),
        mapping: crate::config::MappingConfig::default(),
        name: "sales".to_owned(),
        kind: AccountKind::Amocrm,
        url: url.to_owned(),
        token: Secret::default(),
        oauth: None,
        events: Vec::new(),
        gather_seconds: 0,
        bots: Vec::new(),
        find_by: vec![FindBy::Telegram, FindBy::Phone, FindBy::Email],
        open_deal: OpenDeal::Note,
        mark_field: ids_of::LEAD_ID.to_string(),
        telegram_field: ids_of::TELEGRAM.to_string(),
        per_second: None,
        settle_seconds: 90,
        token_ends: String::new(),
    }
}

fn pii(text: &str) -> Pii<String> {
    Pii::new(text.to_owned())
}

fn filled(ours: &str, theirs: i64, value: &str) -> Filled {
    Filled { ours: ours.to_owned(), theirs: theirs.to_string(), value: pii(value) }
}

fn ada() -> Contact {
    Contact {
        name: pii("Ada"),
        phone: pii("+79129876543"),
        email: pii("ada@b.example"),
        telegram_user_id: 7_000_001,
        telegram_username: pii("ada_l"),
        fields: Vec::new(),
    }
}

fn site(mark: &str) -> NewDeal {
    NewDeal { name: pii("Telegram: a site"), mark: mark.to_owned(), ..NewDeal::default() }
}

/// The word of a trouble, and what it says to a person.
fn told<T>(result: Result<T, Trouble>) -> (&'static str, String) {
    let trouble = result.err().expect("it went well");
    (trouble.word(), trouble.note().into_inner())
}

fn faults<T>(result: Result<T, Trouble>) -> Vec<(Option<String>, String)> {
    match result.err() {
        Some(Trouble::Rejected { faults, .. }) => {
            faults.into_iter().map(|Fault { field, code, .. }| (field, code)).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn fault(field: &str, code: &str) -> (Option<String>, String) {
    (Some(field.to_owned()), code.to_owned())
}
