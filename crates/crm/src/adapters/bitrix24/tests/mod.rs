//! The adapter against a portal of its own in each test.

mod fake;
mod fields;
mod find;
mod hostile;
mod leads;
mod limits;
mod notes;
mod schema;
mod state;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use ids::{Clock, Pii, Secret};
use jobs::Limit;
use outbound::AddressGuard;
use pg::{Pool, PoolSettings};
use testkit::crms::bitrix24::{Bitrix24 as Portal, Options, account};
use testkit::crms::{Deal, Person};

use super::super::{Adapter, Caller, Fault, Token, Trouble, Whose};
use super::open;
use crate::config::{AccountConfig, AccountKind, OauthConfig, OpenDeal};
use crate::domain::deal::{Contact, Filled, Made, NewDeal, Note, Utm};

const MARK: &str = "0199f3c0-lead-1";

struct Bench {
    portal: Portal,
    adapter: Arc<dyn Adapter>,
    config: AccountConfig,
    caller: Caller,
    // Dropped last.
    _database: testkit::TestDatabase,
}

/// A portal, and the adapter with its webhook.
async fn bench(options: Options) -> Bench {
    let portal = Portal::start(options).await;
    let config = config(portal.url());
    let token = Token::Given(Secret::new(portal.token()));
    bench_with(portal, config, |_, _| token).await
}

async fn bench_with(
    portal: Portal,
    config: AccountConfig,
    token: impl FnOnce(&Pool, &Caller) -> Token,
) -> Bench {
    let database = testkit::database().await;
    let settings = PoolSettings { url: database.secret(), max_connections: 6 };
    let pool = pg::connect(&settings, "public").await.unwrap();
    pg::migrate(&pool, &crate::store::MIGRATIONS).await.unwrap();
    let caller = caller(&pool);
    let token = token(&pool, &caller);
    let adapter = open(&config, caller.clone(), token).unwrap();
    Bench { portal, adapter, config, caller, _database: database }
}

/// So many calls that our own limit never shows.
fn caller(pool: &Pool) -> Caller {
    let client = outbound::builder()
        .unwrap()
        .dns_resolver(AddressGuard::new(&["127.0.0.0/8".parse().unwrap()]))
        .timeout(Duration::from_secs(5))
        .build()
        .unwrap();
    let limit = Limit { key: "crm:sales".to_owned(), per: Duration::from_micros(1), burst: 1_000 };
    Caller::new(client, pool.clone(), limit)
}

fn config(url: &str) -> AccountConfig {
    AccountConfig {
        webhook_secret: Secret::default(),
        mapping: crate::config::MappingConfig::default(),
        name: "sales".to_owned(),
        kind: AccountKind::Bitrix24,
        url: url.to_owned(),
        token: Secret::default(),
        oauth: Some(OauthConfig {
            client_id: Options::default().client_id,
            client_secret: Secret::new(Options::default().client_secret),
            redirect_uri: String::new(),
            token_url: url.to_owned(),
        }),
        events: Vec::new(),
        gather_seconds: 0,
        bots: Vec::new(),
        find_by: Vec::new(),
        open_deal: OpenDeal::Note,
        mark_field: String::new(),
        telegram_field: account::TELEGRAM.to_owned(),
        per_second: None,
        settle_seconds: 90,
        token_ends: String::new(),
    }
}

fn ada() -> Contact {
    Contact {
        name: text("Ada Lovelace"),
        phone: text("+79129876543"),
        email: text("ada@example.com"),
        telegram_user_id: 7_000_000_001,
        telegram_username: text("ada"),
        fields: Vec::new(),
    }
}

fn deal() -> NewDeal {
    NewDeal {
        name: text("CRM for a garage"),
        price: Some(300_000),
        mark: MARK.to_owned(),
        ..NewDeal::default()
    }
}

fn note(mark: &str, said: &str) -> Note {
    Note { mark: mark.to_owned(), text: text(said) }
}

fn filled(ours: &str, theirs: &str, value: &str) -> Filled {
    Filled { ours: ours.to_owned(), theirs: theirs.to_owned(), value: text(value) }
}

fn text(text: &str) -> Pii<String> {
    Pii::new(text.to_owned())
}

fn made(deal: &str, contact: Option<&str>) -> Made {
    Made { deal: deal.to_owned(), contact: contact.map(str::to_owned), merged: false }
}

/// Somebody by whom a manager knows them.
fn person(name: &str, phone: &str, email: &str) -> Person {
    let all = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty()).into_iter().collect();
    Person { name: name.to_owned(), phones: all(phone), emails: all(email), ..Person::default() }
}

fn of(name: &str, contact: &str, stage: &str) -> Deal {
    let contact = Some(contact.to_owned()).filter(|contact| !contact.is_empty());
    Deal { name: name.to_owned(), contact, stage: stage.to_owned(), ..Deal::default() }
}

impl Bench {
    async fn new_lead(&self, deal: &NewDeal, contact: &Contact) -> Result<Made, Trouble> {
        self.adapter.create_deal(deal, &Whose::New(contact)).await
    }

    /// The only lead or deal.
    fn only(&self) -> Deal {
        let deals = self.portal.deals();
        assert_eq!(deals.len(), 1, "{deals:#?}");
        deals.into_iter().next().unwrap()
    }
}

/// Field and word of each fault.
fn faults(trouble: Trouble) -> Vec<(String, String)> {
    let Trouble::Rejected { faults, .. } = trouble else { panic!("{trouble:?}") };
    faults.into_iter().map(|Fault { field, code, .. }| (field.unwrap_or_default(), code)).collect()
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).collect()
}

#[tokio::test]
async fn a_token_that_is_no_webhook_is_told_apart_without_being_shown() {
    let bench = bench(Options::default()).await;
    for token in ["", "hunter2", "1/", "1/hunter2/x", "1/hunter2?x", "../hunter2"] {
        let opened = open(&bench.config, bench.caller.clone(), Token::Given(Secret::new(token)));
        let why = opened.err().unwrap_or_else(|| panic!("{token} was taken")).to_string();
        assert!(why.contains("sales") && !why.contains("hunter2"), "{why}");
    }
    let pasted = Token::Given(Secret::new(format!("/{}/", bench.portal.token())));
    let adapter = open(&bench.config, bench.caller.clone(), pasted).unwrap();
    assert!(adapter.made(MARK).await.unwrap().is_none());
    let elsewhere = AccountConfig { url: "acme.bitrix24.ru".to_owned(), ..bench.config.clone() };
    let opened = open(&elsewhere, bench.caller.clone(), Token::Given(Secret::new("1/a")));
    assert!(opened.err().unwrap().to_string().contains("https://acme.bitrix24.ru"));
}
