//! Tokens that will end.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crm::{Crm, CrmConfig, Desk as Cli};
use ids::{Clock, ManualClock, SignedDuration};

use super::receivers::Desk;
use super::{looks, watch};
use crate::support::{config, stage};

/// An account of which nothing is called.
fn account(token: &str, more: &str) -> String {
    format!(
        "[[crm.accounts]]\nname = \"sales\"\nkind = \"amocrm\"\nurl = \"https://acme.amocrm.ru\"\ntoken = \"{token}\"\n{more}"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_will_end_is_told_of_three_times_whatever_restarts_and_that_it_is_replaced() {
    let (stage, desk) = (stage().await, Desk::start().await);
    let hands = ManualClock::at("2026-11-28T09:00:00Z".parse().unwrap());
    let ends: ids::Timestamp = "2027-01-31T00:00:00Z".parse().unwrap();
    let claims = format!("{{\"exp\":{}}}", ends.as_second());
    let token = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
    let with =
        |token: &str, more: &str| config(&format!("{}{}{}", account(token, more), desk.slack(""), watch(0)));
    let app = stage.start_at(&[&Crm], &with(&token, ""), hands.clock()).await;
    looks(&stage, 2).await;
    assert!(desk.texts().is_empty(), "64 days before");
    for (days, told, words) in
        [(40, 1, "in less than 30 days"), (20, 2, "in less than 7 days"), (3, 3, "in less than a day")]
    {
        hands.advance(SignedDuration::from_hours(24 * days));
        let texts = desk.told(told).await;
        assert!(texts[told - 1].contains(&format!("sales: the token ends on {ends}, {words}.")), "{texts:?}");
    }
    app.stop().await;
    let app = stage.start_at(&[&Crm], &with(&token, ""), hands.clock()).await;
    looks(&stage, 3).await;
    assert_eq!(desk.texts().len(), 3);
    app.stop().await;

    // Another token, of which the settings say when it ends.
    let app = stage.start_at(&[&Crm], &with("other", "token_ends = \"2028-01-31\"\n"), hands.clock()).await;
    assert_eq!(desk.told(4).await[3], "Over: sales: the token does not end soon.");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_ends_so_long_after_it_was_renewed_and_the_check_says_when() {
    let (stage, desk) = (stage().await, Desk::start().await);
    let more = "[crm.accounts.oauth]\nclient_id = \"a\"\nclient_secret = \"b\"\n";
    let key = "encryption_key = \"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\"\n";
    let portal = account("", more).replace("amocrm", "bitrix24").replace("token = \"\"\n", "");
    let toml = config(&format!("{key}{portal}{}{}", desk.slack(""), watch(0)));
    // Nobody has consented, so nothing ends.
    let hands = ManualClock::at(Clock::system().now());
    let app = stage.start_at(&[&Crm], &toml, hands.clock()).await;
    looks(&stage, 1).await;
    sqlx::query(
        "insert into oauth_grant (account, access, refresh, expires_at) values ('sales', '', '', now())",
    )
    .execute(stage.pool("crm"))
    .await
    .unwrap();
    looks(&stage, 2).await;
    assert!(desk.texts().is_empty());
    hands.advance(SignedDuration::from_hours(24 * 151));
    let text = desk.told(1).await.remove(0);
    assert!(text.contains("sales: the token ends on") && text.contains("in less than 30 days"), "{text}");
    app.stop().await;

    let settings: CrmConfig = stage.settings(&toml).section("crm").unwrap();
    let cli = Cli::new(&settings, stage.pool("crm").clone()).unwrap();
    let checked = cli.check(None).await.unwrap();
    let days = checked[0].token_ends.unwrap().duration_since(Clock::system().now()).as_hours() / 24;
    assert!((179..=180).contains(&days), "{days}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_say_a_date() {
    let stage = stage().await;
    let toml = config(&account("t", "token_ends = \"next year\"\n"));
    let Err(error) = stage.try_start(&[&Crm], &toml).await else { panic!("it started") };
    assert!(classify::chain(&error).contains("sales: token_ends must be a date: 2027-01-31"));
}
