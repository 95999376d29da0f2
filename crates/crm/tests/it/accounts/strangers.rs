//! Who may tell something of an account, and what is taken from them.

use crm::Crm;
use reqwest::Response;
use testkit::crms::hubspot::Webhook;
use testkit::{App, Stage};

use super::fakes::{Fake, KINDS, Kind};
use super::hands::{OUTSIDE, client};
use crate::support::stage;

async fn started(kind: Kind) -> (Stage, Fake, App) {
    let (stage, fake) = (stage().await, Fake::start(kind).await);
    let app = stage.start(&[&Crm], &fake.telling("")).await;
    (stage, fake, app)
}

async fn post(address: &str, body: impl Into<reqwest::Body>) -> Response {
    client().post(address).body(body).send().await.unwrap()
}

async fn nothing_is_written(stage: &Stage) {
    let rows = "select (select count(*) from deal) + (select count(*) from job where key <> queue)";
    let rows: i64 = sqlx::query_scalar(rows).fetch_one(stage.pool("crm")).await.unwrap();
    assert_eq!(rows, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_show_that_they_are_the_crm_is_refused() {
    for kind in KINDS {
        let (stage, fake, app) = started(kind).await;
        let form =
            "event=ONCRMDEALUPDATE&data[FIELDS][ID]=7&leads[status][0][id]=7&auth[application_token]=a-guess";
        let base = app.url();
        for path in [
            "/crm/sales",
            "/crm/sales/",
            "/crm/sales/a-guess",
            "/crm/sales/0123456789abcdef-0123456789abcdeF",
        ] {
            let refused = post(&format!("{base}{path}"), form).await;
            // An address with nothing behind the last slash is none of ours.
            let wanted = if path.ends_with('/') { 404 } else { 401 };
            assert_eq!(refused.status(), wanted, "{kind:?} {path}");
            assert!(!refused.text().await.unwrap().contains("0123456789"), "{kind:?} {path}");
        }
        for path in ["/crm/other", "/crm/other/a-guess", "/crm/%00", "/crm/sales/a/b"] {
            assert_eq!(post(&format!("{base}{path}"), form).await.status(), 404, "{kind:?} {path}");
        }
        let read = client().get(fake.address(&app)).send().await.unwrap();
        assert_eq!(read.status(), 405, "{kind:?}");
        nothing_is_written(&stage).await;
        app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_long_or_garbage_is_refused_and_does_no_harm() {
    for kind in KINDS {
        let (stage, fake, app) = started(kind).await;
        let address = fake.address(&app);
        let long = "a".repeat(1024 * 1024 + 1);
        assert_eq!(post(&address, long).await.status(), 413, "{kind:?}");
        for garbage in [b"".as_slice(), b"\xff\xfe\0[", b"leads[status][0][id]=x&leads[[]]=1", b"[{}]"] {
            let status = post(&address, garbage.to_vec()).await.status();
            // amoCRM shows by the address alone who it is; the others by what they post.
            assert_eq!(status, if kind == Kind::Amocrm { 200 } else { 401 }, "{kind:?}");
        }
        nothing_is_written(&stage).await;
        app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hubspot_signed_for_another_address_with_another_secret_or_long_ago_is_refused() {
    let (stage, fake, app) = started(Kind::Hubspot).await;
    let Fake::Hubspot(hubspot) = &fake else { unreachable!() };
    let deal =
        hubspot.add_deal(&testkit::crms::Deal { name: "x".to_owned(), ..testkit::crms::Deal::default() });
    let webhook = Webhook {
        url: format!("{OUTSIDE}/crm/sales"),
        through: Some(app.url().replace("http://", "")),
        client_secret: "0123456789abcdef-0123456789abcdef".to_owned(),
        behind_ms: 0,
    };
    for (webhook, wanted) in [
        (webhook.clone(), 200),
        (Webhook { behind_ms: 4 * 60_000, ..webhook.clone() }, 200),
        (Webhook { behind_ms: 5 * 60_000 + 1_000, ..webhook.clone() }, 401),
        (Webhook { behind_ms: -6 * 60_000, ..webhook.clone() }, 401),
        (Webhook { client_secret: "another".to_owned(), ..webhook.clone() }, 401),
        (Webhook { url: "https://elsewhere.example.com/crm/sales".to_owned(), ..webhook.clone() }, 401),
        (Webhook { url: format!("{OUTSIDE}/crm/sales?a=1"), ..webhook }, 200),
    ] {
        hubspot.set_webhook(webhook.clone());
        assert_eq!(hubspot.move_deal(&deal, "closedwon").await, Some(wanted), "{webhook:?}");
    }
    nothing_is_written(&stage).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_nothing_can_be_stored_the_crm_is_told_to_come_again() {
    let (stage, fake, app) = started(Kind::Amocrm).await;
    let mut holds = stage.pool("crm").begin().await.unwrap();
    sqlx::query("lock table deal in access exclusive mode").execute(&mut *holds).await.unwrap();
    let answer = post(&fake.address(&app), "leads[status][0][id]=7").await;
    assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].to_str().unwrap()), (503, "5"));
    holds.rollback().await.unwrap();
    assert_eq!(post(&fake.address(&app), "leads[status][0][id]=7").await.status(), 200);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_can_not_be_one_is_told_at_the_start() {
    let stage = stage().await;
    for (kind, more, wanted) in [
        (Kind::Amocrm, "webhook_secret = \"short\"\n", "sales: webhook_secret ends the address"),
        (
            Kind::Amocrm,
            "webhook_secret = \"0123456789/0123456789/01234\"\n",
            "sales: webhook_secret ends the address",
        ),
        (
            Kind::Hubspot,
            "webhook_secret = \"0123456789abcdef-0123456789abcdef\"\n",
            "sales: webhook_secret needs [crm] public_url",
        ),
        (Kind::Hubspot, "webhook_secret = \"x\"\n", "too short or too simple"),
    ] {
        let config = Fake::start(kind).await.config(more);
        let Err(error) = stage.try_start(&[&Crm], &config).await else { panic!("it started: {more}") };
        let error = classify::chain(&error);
        assert!(error.contains(wanted) && !error.contains("0123456789"), "{error}");
    }
}
