//! What an operator is told at the command line of an account that rests, of a name that nobody has, of nothing to do.

use crm::{Crm, CrmConfig, Desk};
use ids::{Secret, Timestamp};
use testkit::Stage;
use testkit::crms::Trouble;

use super::fakes::{Fake, KINDS, Kind};
use super::pauses::wait;
use crate::support::{Facts, config, lead, publish, stage};

/// The problems of the only account.
async fn problems(desk: &Desk) -> Vec<String> {
    desk.check(None).await.unwrap().remove(0).problems
}

fn desk_of(stage: &Stage, settings: &str) -> Desk {
    let config: CrmConfig = stage.settings(settings).section("crm").unwrap();
    Desk::new(&config, stage.pool("crm").clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_while_an_account_rests_is_told_why_until_when_and_what_to_do() {
    for kind in KINDS {
        let (stage, fake) = (stage().await, Fake::start(kind).await);
        let app = stage.start(&[&Crm], &fake.config("")).await;
        let mut facts = Facts::listen(&stage).await;
        fake.faults().reads([Some(Trouble::Status(401))]);
        publish(&stage, &lead()).await;
        wait(&stage, 1, 600.0).await;

        let desk = fake.desk(&stage, "");
        let told = problems(&desk).await.remove(0);
        let (since, rest) = told.strip_prefix("sales did not take the token at ").unwrap().split_at(20);
        assert!(rest.starts_with(" (it answered 401); nothing is called until "), "{kind:?}: {told}");
        assert!(rest.ends_with(&format!(", then dragoman crm redrive sales --since {since}")), "{told}");
        let refused = desk.schema("sales").await.unwrap_err().to_string();
        assert_eq!(refused, told, "{kind:?}");

        // What it says is what helps.
        assert_eq!(desk.redrive("sales", since.parse().unwrap()).await.unwrap(), 0);
        assert_eq!(facts.next().await.outcome, "delivered", "{kind:?}");
        assert_eq!(problems(&desk).await, [""; 0], "{kind:?}");
        app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_crm_said_stands_behind_our_own_words_once() {
    let (stage, fake) = (stage().await, Fake::start(Kind::Hubspot).await);
    // It makes the tables.
    stage.start(&[&Crm], &fake.config("")).await.stop().await;
    fake.faults().reads([Some(Trouble::Status(401))]);
    let told = problems(&fake.desk(&stage, "")).await.remove(0);
    let (ours, theirs) = told.strip_prefix("sales answered 401: ").unwrap().split_once(" ({").unwrap();
    assert!(!ours.is_empty() && !theirs.contains(ours), "{told}");
    let nobody = fake.config("").replace(&fake.url(), "http://127.0.0.1:1");
    let told = problems(&desk_of(&stage, &nobody)).await.remove(0);
    assert_eq!(told.matches("Connection refused").count(), 1, "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_nobody_has_is_no_success_and_one_that_was_taken_out_is_known() {
    let (stage, fake) = (stage().await, Fake::start(Kind::Hubspot).await);
    let app = stage.start(&[&Crm], &fake.config("")).await;
    let mut facts = Facts::listen(&stage).await;
    let lead = lead();
    publish(&stage, &lead).await;
    assert_eq!(facts.next().await.outcome, "delivered");
    app.stop().await;

    let desk = fake.desk(&stage, "");
    let refused = desk.redrive("salez", Timestamp::UNIX_EPOCH).await.unwrap_err().to_string();
    assert_eq!(refused, "no account and no endpoint is called salez; there are sales");
    assert_eq!(desk.redrive_lead("salez", &lead.lead_id).await.unwrap_err().to_string(), refused);
    let without = desk_of(&stage, &config(""));
    assert_eq!(without.redrive("sales", Timestamp::UNIX_EPOCH).await.unwrap(), 0);
    let refused = without.redrive("salez", Timestamp::UNIX_EPOCH).await.unwrap_err().to_string();
    assert!(refused.ends_with("there are sales"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_a_token_has_nothing_to_connect() {
    let (stage, fake) = (stage().await, Fake::start(Kind::Amocrm).await);
    let desk = fake.desk(&stage, "");
    let wanted = "sales has a token and no oauth: nothing to connect";
    assert!(desk.consent_address("sales").unwrap_err().to_string().starts_with(wanted));
    assert!(desk.connect("sales", &Secret::new("x")).await.unwrap_err().to_string().starts_with(wanted));
}
