//! A CRM that goes on with a call after the process that made it is gone.

use std::time::Duration;

use crm::Crm;
use events::message::bot::LeadCaptured;
use ids::Ids;
use testkit::crms::Trouble;
use testkit::{Stage, until};

use super::fakes::{Fake, KINDS, Kind};
use super::{calls, delivered, hurry, lead_of_its_own, tried};
use crate::support::{lead, publish, stage};

/// So long after its connection is cut a call has its effect.
const LATE: Duration = Duration::from_secs(2);

const AN_HOUR: Duration = Duration::from_secs(3_600);

/// The job of a delivery as a dead process leaves it, and as it is found when its lease has ended.
async fn cut_off(stage: &Stage) {
    for left in [
        "update attempt set outcome = null, took_ms = null, note = null where outcome = 'unknown'",
        "update job set interrupted = interrupted + 1, run_at = now() where state = 2",
    ] {
        sqlx::query(left).execute(stage.pool("crm")).await.unwrap();
    }
}

/// How often the only job was taken, and seconds until it runs.
async fn job(stage: &Stage) -> Option<(i32, f64)> {
    sqlx::query_as(
        "select lease, extract(epoch from run_at - now())::float8 from job
                    where state = 2 and key <> queue",
    )
    .fetch_optional(stage.pool("crm"))
    .await
    .unwrap()
}

/// The `nth` call that writes is cut off with its process, and done after the next process has begun.
async fn after_a_crash(kind: Kind, nth: usize) {
    let (stage, fake) = (stage().await, Fake::start(kind).await);
    let nothing_before = std::iter::repeat_n(None, nth);
    fake.faults().writes(nothing_before.chain([Some(Trouble::CutAndDone(LATE))]));
    let app = stage.start(&[&Crm], &fake.config("")).await;
    publish(&stage, &lead()).await;
    until("a call is cut off", async || {
        let calls = calls(&stage).await;
        calls.iter().any(|(_, outcome)| outcome.as_deref() == Some("unknown")).then_some(())
    })
    .await;
    let (taken, _) = until("its job waits", async || job(&stage).await).await;
    app.kill();
    let before = calls(&stage).await.len();
    cut_off(&stage).await;

    let app = stage.start(&[&Crm], &fake.config("")).await;
    let (_, left) = until("the next process has looked at it", async || {
        job(&stage).await.filter(|(leases, _)| *leases > taken)
    })
    .await;
    assert!(left > 30.0, "{kind:?} {nth}: looked at again after {left} s");
    let now = calls(&stage).await;
    assert_eq!(now.len(), before, "{kind:?} {nth}: called too soon: {now:?}");
    until("what was cut off is done", async || fake.has_written(nth + 1).then_some(())).await;
    delivered(&stage, 1).await;
    app.stop().await;
    let (deals, people) = (fake.deals(), fake.people());
    assert_eq!((deals.len(), people.len()), (1, 1), "{kind:?} {nth}: {deals:?} {people:?}");
    assert_eq!(deals[0].notes.len(), 1, "{kind:?} {nth}: {:?}", deals[0].notes);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_process_asked_for_is_not_asked_for_again_before_it_can_be_seen() {
    for kind in KINDS {
        // Where the person is made with the deal there is one call less.
        let last = if kind == Kind::Hubspot { 2 } else { 1 };
        for nth in 0..=last {
            after_a_crash(kind, nth).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_to_be_made_and_is_not_found_yet_is_looked_for_again() {
    let (stage, fake) = (stage().await, Fake::start_behind(Kind::Amocrm, AN_HOUR).await);
    let Fake::Amocrm(account) = &fake else { return };
    fake.faults().writes([None, Some(Trouble::Page(502))]);
    let app = stage.start(&[&Crm], &fake.config("")).await;
    publish(&stage, &lead()).await;
    tried(&stage, "add the note").await;
    // Its process has ended before it kept what it was told.
    sqlx::query("update crm_link set deal = null, contact = null").execute(stage.pool("crm")).await.unwrap();
    until("it is looked for", async || {
        hurry(&stage).await;
        calls(&stage).await.iter().any(|(step, _)| step == "look for the deal").then_some(())
    })
    .await;
    account.set_search_lag(Duration::ZERO);
    delivered(&stage, 1).await;
    app.stop().await;
    let deals = fake.deals();
    assert_eq!((deals.len(), deals[0].notes.len()), (1, 1), "{deals:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_leads_of_one_conversation_are_of_one_person_though_no_search_knows_them_yet() {
    for kind in KINDS {
        let (stage, fake) = (stage().await, Fake::start_behind(kind, AN_HOUR).await);
        let app = stage.start(&[&Crm], &fake.config("")).await;
        let first = lead_of_its_own();
        let second = LeadCaptured {
            lead_id: Ids::system().uuid().to_string(),
            bot: "support".to_owned(),
            ..first.clone()
        };
        publish(&stage, &first).await;
        delivered(&stage, 1).await;
        publish(&stage, &second).await;
        delivered(&stage, 2).await;
        app.stop().await;
        let (deals, people) = (fake.deals(), fake.people());
        assert_eq!((deals.len(), people.len()), (1, 1), "{kind:?}: {deals:?} {people:?}");
        assert_eq!(deals[0].notes.len(), 2, "{kind:?}: {deals:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_warns_where_a_person_of_hubspot_might_be_made_twice() {
    let (stage, fake) = (stage().await, Fake::start(Kind::Hubspot).await);
    // What is counted is in tables of the service.
    stage.start(&[&Crm], &fake.config("")).await.stop().await;
    let warned = async |more: &str| fake.desk(&stage, more).check(None).await.unwrap().remove(0);
    let checked = warned("").await;
    assert!(checked.problems.is_empty(), "{checked:?}");
    assert!(checked.warnings[0].contains("telegram_field"), "{checked:?}");
    let checked = warned("telegram_field = \"telegram_key\"\n").await;
    assert!(checked.problems.is_empty() && checked.warnings.is_empty(), "{checked:?}");
}
