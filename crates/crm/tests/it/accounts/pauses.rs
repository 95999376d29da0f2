//! Accounts that are not called for a while, and who ends that.

use std::time::Duration;

use crm::{Crm, CrmConfig, Desk};
use ids::{Ids, Secret};
use jobs::Limit;
use testkit::crms::{Trouble, amocrm, bitrix24};
use testkit::{Stage, until};

use super::fakes::{Fake, Kind};
use crate::support::{Facts, config, lead, publish, stage};

/// The service's settings with an account whose tokens are renewed.
fn renewed(fake: &Fake) -> String {
    let (kind, url, id, secret, redirect) = match fake {
        Fake::Amocrm(fake) => {
            let amocrm::Options { client_id, client_secret, redirect_uri, .. } = amocrm::Options::default();
            ("amocrm", fake.url(), client_id, client_secret, redirect_uri)
        }
        Fake::Bitrix24(fake) => {
            let bitrix24::Options { client_id, client_secret, .. } = bitrix24::Options::default();
            ("bitrix24", fake.url(), client_id, client_secret, String::new())
        }
        // It renews none; the settings say so.
        Fake::Hubspot(fake) => ("hubspot", fake.url(), String::new(), String::new(), String::new()),
    };
    let token_url = if kind == "bitrix24" { format!("token_url = \"{url}\"\n") } else { String::new() };
    config(&format!(
        "encryption_key = \"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"\n\
         [[crm.accounts]]\nname = \"sales\"\nkind = \"{kind}\"\nurl = \"{url}\"\nper_second = 1000\n\
         [crm.accounts.oauth]\nclient_id = \"{id}\"\nclient_secret = \"{secret}\"\nredirect_uri = \"{redirect}\"\n{token_url}"
    ))
}

/// So many jobs wait for more than this long.
pub(super) async fn wait(stage: &Stage, jobs: i64, seconds: f64) {
    until("the jobs wait", async || {
        let sql = "select count(*) from job where queue = 'crm.deal' and state = 2
                   and run_at > now() + make_interval(secs => $1)";
        let waiting: i64 = sqlx::query_scalar(sql).bind(seconds).fetch_one(stage.pool("crm")).await.unwrap();
        (waiting == jobs).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_is_taken_while_the_account_waits_for_it_and_what_waited_goes_on_at_once() {
    for kind in [Kind::Amocrm, Kind::Bitrix24] {
        let (stage, fake) = (stage().await, Fake::start(kind).await);
        let settings = renewed(&fake);
        let app = stage.start(&[&Crm], &settings).await;
        let mut facts = Facts::listen(&stage).await;
        // Nobody has consented.
        publish(&stage, &lead()).await;
        wait(&stage, 1, 600.0).await;
        let code = match &fake {
            Fake::Amocrm(fake) => fake.code(),
            Fake::Bitrix24(fake) => fake.code(),
            Fake::Hubspot(_) => String::new(),
        };
        let of_desk: CrmConfig = stage.settings(&settings).section("crm").unwrap();
        let desk = Desk::new(&of_desk, stage.pool("crm").clone()).unwrap();
        desk.connect("sales", &Secret::new(code)).await.unwrap();
        assert_eq!(facts.next().await.outcome, "delivered", "{kind:?}");
        app.stop().await;
        assert_eq!(fake.deals().len(), 1, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_was_shut_out_is_called_at_once_when_it_is_driven_again() {
    let (stage, fake) = (stage().await, Fake::start(Kind::Amocrm).await);
    let app = stage.start(&[&Crm], &fake.config("")).await;
    let mut facts = Facts::listen(&stage).await;
    // The account is shut to everybody, for hours.
    fake.faults().reads([Some(Trouble::Page(403))]);
    publish(&stage, &lead()).await;
    wait(&stage, 1, 3_600.0).await;
    // Whoever comes meanwhile is told to come back after that: another lead, and a call that was already on its way.
    let mut second = lead();
    second.conversation_id = Ids::system().uuid().to_string();
    second.contact.as_mut().unwrap().phone = "+79120000002".to_owned();
    second.contact.as_mut().unwrap().telegram_user_id = 8;
    publish(&stage, &second).await;
    wait(&stage, 2, 3_600.0).await;
    let calls = Limit { key: "crm/sales/calls".to_owned(), per: Duration::from_millis(1), burst: 2 };
    let after = jobs::turn(stage.pool("crm"), &calls, false).await.unwrap().unwrap();
    assert!(after > Duration::from_secs(3_600), "{after:?}");

    let since = ids::Timestamp::UNIX_EPOCH;
    fake.desk(&stage, "").redrive("sales", since).await.unwrap();
    for _ in 0..2 {
        assert_eq!(facts.next().await.outcome, "delivered");
    }
    app.stop().await;
    assert_eq!(fake.deals().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_knows_the_outcome_of_is_not_hurried() {
    let (mut stage, fake) = (stage().await, Fake::start(Kind::Amocrm).await);
    stage.may_leave(&["job"]);
    let app = stage.start(&[&Crm], &fake.config("")).await;
    fake.faults().writes([Some(Trouble::DoneAndCut)]);
    publish(&stage, &lead()).await;
    until("nobody knows how it ended", async || {
        let sql = "select true from job where state = 2 and interrupted = 1";
        sqlx::query_scalar::<_, bool>(sql).fetch_optional(stage.pool("crm")).await.unwrap()
    })
    .await;
    app.stop().await;
    let due = async || -> String {
        let sql = "select run_at::text from job where queue = 'crm.deal'";
        sqlx::query_scalar(sql).fetch_one(stage.pool("crm")).await.unwrap()
    };
    let before = due().await;
    fake.desk(&stage, "").redrive("sales", ids::Timestamp::UNIX_EPOCH).await.unwrap();
    assert_eq!(due().await, before, "the CRM may still be at work on it");
}
