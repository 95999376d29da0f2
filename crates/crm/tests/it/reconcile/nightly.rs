//! The comparison that comes by itself.

use crm::Crm;
use ids::{Clock, ManualClock, SignedDuration, Timestamp};
use testkit::crms::Trouble;
use testkit::{Stage, until};

use super::{deal_of, deliver, delivered, long_ago};
use crate::accounts::fakes::{Fake, Kind};
use crate::alerts::receivers::Desk;
use crate::alerts::watch;
use crate::support::stage;

/// (day, how it ended, tries, note)
async fn nights(stage: &Stage) -> Vec<(String, Option<String>, i32, String)> {
    sqlx::query_as("select day, outcome, tries, note from comparison where day <> '' order by day")
        .fetch_all(stage.pool("crm"))
        .await
        .unwrap()
}

/// Waits until so many nights are done.
async fn done(stage: &Stage, count: usize) {
    until("the night is done", async || {
        let nights = nights(stage).await;
        let done = nights.iter().filter(|(_, outcome, ..)| outcome.as_deref() == Some("done")).count();
        (done >= count).then_some(())
    })
    .await;
}

/// A clock at half past two of the night that comes: before the hour of the comparison.
fn before_the_night() -> ManualClock {
    let day = 86_400;
    let midnight = Clock::system().now().as_second().div_euclid(day) * day + day;
    ManualClock::at(Timestamp::from_second(midnight + 9_000).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_night_is_compared_once_whatever_restarts_and_what_is_missing_is_told_until_it_is_not() {
    let (stage, fake) = (stage().await, Fake::start(Kind::Amocrm).await);
    let (desk, hands) = (Desk::start().await, before_the_night());
    let config =
        format!("{}{}{}[crm.reconcile]\nevery_seconds = 1\n", fake.config(""), desk.slack(""), watch(0));
    let app = stage.start_at(&[&Crm], &config, hands.clock()).await;
    let other = stage.start_at(&[&Crm], &config, hands.clock()).await;
    let leads = deliver(&stage, 2).await;
    fake.remove_deal(&deal_of(&stage, leads[0]).await);
    assert!(nights(&stage).await.is_empty(), "it is too early");
    hands.advance(SignedDuration::from_hours(1));
    done(&stage, 1).await;
    let text = desk.told(1).await.remove(0);
    assert!(
        text.contains("sales: the comparison with the CRM found differences: 1 (delivered and gone: 1,"),
        "{text}"
    );
    assert!(text.contains("dragoman crm reconcile sales --last"), "{text}");
    // A telling that was cut off would be told again.
    until("it is noted that it was told", async || {
        let telling = "select count(*) from job where queue = 'crm.alert'";
        let left: i64 = sqlx::query_scalar(telling).fetch_one(stage.pool("crm")).await.unwrap();
        (left == 0).then_some(())
    })
    .await;
    app.kill();
    other.stop().await;
    let app = stage.start_at(&[&Crm], &config, hands.clock()).await;
    crate::alerts::looks(&stage, 3).await;
    let night = nights(&stage).await;
    assert!(night.len() == 1 && night[0].2 == 1, "{night:?}");
    assert_eq!(desk.texts().len(), 1);

    long_ago(&stage).await;
    fake.desk(&stage, "").redrive_lead("sales", &leads[0].to_string()).await.unwrap();
    delivered(&stage, &leads).await;
    hands.advance(SignedDuration::from_hours(24));
    done(&stage, 2).await;
    assert_eq!(desk.told(2).await[1], "Over: sales: the comparison with the CRM found no difference.");
    app.stop().await;
    assert_eq!(fake.deals().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crm_that_is_away_at_night_is_compared_later_and_nothing_is_taken_for_gone() {
    let (stage, fake) = (stage().await, Fake::start(Kind::Amocrm).await);
    let hands = before_the_night();
    let config = format!("{}[crm.reconcile]\nevery_seconds = 1\n", fake.config(""));
    let app = stage.start_at(&[&Crm], &config, hands.clock()).await;
    deliver(&stage, 2).await;
    fake.faults().reads([Some(Trouble::Page(502)), None, Some(Trouble::Cut)]);
    hands.advance(SignedDuration::from_hours(1));
    done(&stage, 1).await;
    app.stop().await;
    let night = nights(&stage).await;
    assert_eq!((night[0].1.as_deref(), night[0].2), (Some("done"), 3), "{night:?}");
    let compared = fake.desk(&stage, "").reconcile(None, true).await.unwrap().remove(0);
    assert_eq!((compared.leads, compared.differences), (2, vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comparison_that_is_cut_off_is_taken_up_and_one_that_always_fails_says_why() {
    let (stage, fake) = (stage().await, Fake::start(Kind::Amocrm).await);
    let hands = before_the_night();
    let config = format!("{}[crm.reconcile]\nevery_seconds = 1\n", fake.config(""));
    let app = stage.start_at(&[&Crm], &config, hands.clock()).await;
    deliver(&stage, 1).await;
    let never = Trouble::DoneAndSlow(std::time::Duration::from_secs(30));
    fake.faults().reads(vec![Some(never); 2]);
    hands.advance(SignedDuration::from_hours(1));
    until("it has begun", async || Some(nights(&stage).await).filter(|nights| nights.len() == 1)).await;
    app.kill();
    let app = stage.start_at(&[&Crm], &config, hands.clock()).await;
    // Its lease is over.
    sqlx::query("update job set lease_until = now() where queue = 'crm.reconcile' and state = 3")
        .execute(stage.pool("crm"))
        .await
        .unwrap();
    done(&stage, 1).await;
    assert!(nights(&stage).await[0].2 >= 2);

    // The next night it is away for good.
    fake.faults().reads(vec![Some(Trouble::Page(502)); 6]);
    hands.advance(SignedDuration::from_hours(24));
    until("all tries are spent", async || {
        let night = nights(&stage).await.into_iter().nth(1)?;
        (night.1.as_deref() == Some("failed") && night.2 == 6).then_some(())
    })
    .await;
    app.stop().await;
    let compared = fake.desk(&stage, "").reconcile(None, true).await.unwrap().remove(0);
    assert_eq!((compared.outcome.as_str(), compared.note.as_str()), ("failed", "sales answered 502"));
}
