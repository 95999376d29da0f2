//! The adapter against an account of HubSpot on the loopback.

mod deals;
mod limits;
mod made;
mod notes;
mod people;
mod refusals;
mod schema;
mod state;
mod webhook;
mod wild;

use std::time::Duration;

use ids::{Pii, Secret};
use jobs::Limit;
use pg::{Migrator, Pool, PoolSettings};
use serde_json::{Value, json};
use testkit::TestDatabase;
use testkit::crms::hubspot::{Hubspot as Account, Options};

use super::*;
use crate::domain::deal::Filled;

/// Longer than any test: a search finds nothing that the test writes.
const NEVER: Duration = Duration::from_secs(3_600);
const MARK: &str = "0196f0a1-7c3e-7b42-9d11-3f5a6c7e8d90";

/// An account of HubSpot, and what calls to it need.
struct Stage {
    hubspot: Account,
    settings: Value,
    pool: Pool,
    _database: TestDatabase,
}

async fn stage() -> Stage {
    stage_with(Options::default(), json!({})).await
}

/// `settings` are those of the account in `[[crm.accounts]]` that matter.
async fn stage_with(options: Options, settings: Value) -> Stage {
    let (hubspot, database) = tokio::join!(Account::start(options), testkit::database());
    let pool =
        pg::connect(&PoolSettings { url: database.secret(), max_connections: 4 }, "public").await.unwrap();
    pg::migrate(&pool, &Migrator::DEFAULT).await.unwrap();
    Stage { hubspot, settings, pool, _database: database }
}

impl Stage {
    /// As a process has it that has just begun.
    fn adapter(&self) -> Hubspot {
        adapter(self.hubspot.url(), &self.hubspot.token(), &self.settings, &self.pool).unwrap()
    }
}

fn adapter(url: &str, token: &str, settings: &Value, pool: &Pool) -> Result<Hubspot, AccountError> {
    let mut config = json!({ "name": "sales", "kind": "hubspot", "url": url, "token": token });
    config.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let config: AccountConfig = serde_json::from_value(config).unwrap();
    let client = outbound::builder().unwrap().timeout(Duration::from_secs(2)).build().unwrap();
    let limit = Limit { key: "crm:sales".to_owned(), per: Duration::from_millis(1), burst: 100 };
    Hubspot::new(&config, Caller::new(client, pool.clone(), limit), Token::Given(Secret::new(token)))
}

fn pii(text: &str) -> Pii<String> {
    Pii::new(text.to_owned())
}

fn filled(ours: &str, theirs: &str, value: &str) -> Filled {
    Filled { ours: ours.to_owned(), theirs: theirs.to_owned(), value: pii(value) }
}

fn ada() -> Contact {
    Contact {
        name: pii("Ada Augusta Lovelace"),
        phone: pii("+79129876543"),
        email: pii("ada@example.com"),
        telegram_user_id: 7,
        telegram_username: pii("ada"),
        fields: Vec::new(),
    }
}

fn lead() -> NewDeal {
    NewDeal { name: pii("Telegram: a CRM"), price: Some(5_000), mark: MARK.to_owned(), ..NewDeal::default() }
}

#[tokio::test]
async fn an_account_that_can_not_be_called_is_refused_at_the_start() {
    let stage = stage().await;
    for (url, token, settings, says) in [
        ("api.hubapi.com", "t", json!({}), "url"),
        ("mailto:a@b", "t", json!({}), "url"),
        ("https://api.hubapi.com", "", json!({}), "token"),
        (
            "https://api.hubapi.com",
            "t",
            json!({ "oauth": { "client_id": "a", "client_secret": "b" } }),
            "oauth",
        ),
    ] {
        let refused = adapter(url, token, &settings, &stage.pool).err().unwrap().to_string();
        assert!(refused.contains("sales") && refused.contains(says), "{refused}");
    }
}
