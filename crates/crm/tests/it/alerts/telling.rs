//! A receiver that is away, asks for time, does not answer or refuses.

use crm::Crm;
use testkit::{Stage, until};

use super::receivers::{Desk, Instead, ROUTING_KEY};
use super::{hurry, watch};
use crate::receiver::{Receiver, Say};
use crate::support::{config, dead_letters, endpoint, lead, publish, stage};

/// A dead letter of a lead, which is told to these.
async fn trouble(stage: &Stage, told: &str) -> testkit::App {
    let gone = Receiver::start(&[Say::Status(410)]).await;
    let app = stage.start(&[&Crm], &config(&format!("{}{told}{}", endpoint("one", &gone), watch(0)))).await;
    publish(stage, &lead()).await;
    app
}

async fn waits(stage: &Stage, attempt: i32) {
    until("the alert waits for its next attempt", async || {
        let sql =
            "select 1 from job where queue = 'crm.alert' and state = 2 and attempt = $1 and run_at > now()";
        sqlx::query_scalar::<_, i32>(sql).bind(attempt).fetch_optional(stage.pool("crm")).await.unwrap()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_away_is_told_later_and_once() {
    let mut stage = stage().await;
    stage.may_leave(&["dead_letter"]);
    let desk = Desk::start().await;
    desk.instead([Instead::Status(503), Instead::Status(500), Instead::Later(120)]);
    let app = trouble(&stage, &desk.slack("")).await;
    for attempt in 1..=2 {
        waits(&stage, attempt).await;
        hurry(&stage).await;
    }
    // It asked for time, and gets it: no attempt is spent.
    waits(&stage, 2).await;
    let pause: f64 = sqlx::query_scalar(
        "select extract(epoch from paused_until - now())::float8 from rate_limit where key = 'crm/alert/slack'",
    )
    .fetch_one(stage.pool("crm"))
    .await
    .unwrap();
    assert!((60.0..=120.0).contains(&pause), "{pause}");
    assert!(desk.texts().is_empty());
    hurry(&stage).await;
    let text = desk.told(1).await.remove(0);
    assert!(!text.contains("may have been told"), "{text}");
    app.stop().await;
    assert_eq!((desk.texts().len(), desk.calls()), (1, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_arrived_is_told_again_and_says_so_and_an_incident_stays_one() {
    let mut stage = stage().await;
    stage.may_leave(&["dead_letter"]);
    let desk = Desk::start().await;
    desk.instead([Instead::Silence, Instead::Silence]);
    let app = trouble(&stage, &format!("{}{}", desk.slack(""), desk.pagerduty(""))).await;
    until("both wait for their next attempt", async || {
        let sql = "select count(*) from job where queue = 'crm.alert' and state = 2 and interrupted = 1";
        let count: i64 = sqlx::query_scalar(sql).fetch_one(stage.pool("crm")).await.unwrap();
        (count == 2).then_some(())
    })
    .await;
    // The process ends in between.
    app.kill();
    let app =
        stage.start(&[&Crm], &config(&format!("{}{}{}", desk.slack(""), desk.pagerduty(""), watch(0)))).await;
    hurry(&stage).await;
    let texts = desk.told(2).await;
    assert!(!texts[0].contains("may have been told"), "{texts:?}");
    assert_eq!(texts[1], format!("{}\n(This may have been told before.)", texts[0]));
    until("the incident is told again", async || {
        desk.incidents().values().next().filter(|events| events.len() == 2).map(|_| ())
    })
    .await;
    app.stop().await;
    assert_eq!((desk.texts().len(), desk.incidents().len()), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_refuses_leaves_a_dead_letter_without_its_secret() {
    let mut stage = stage().await;
    stage.may_leave(&["dead_letter"]);
    let desk = Desk::start().await;
    desk.instead([Instead::Status(404)]);
    let app = trouble(&stage, &desk.slack("")).await;
    let letters = dead_letters(&stage, 2).await;
    assert_eq!(letters[1].1, "the alert slack answered 404: no_service");
    assert!(!letters[1].1.contains("hunter2") && !letters[1].1.contains(ROUTING_KEY));
    // A person who has mended it replays it, as any other.
    let mut connection = stage.pool("crm").acquire().await.unwrap();
    assert!(jobs::replay(&mut connection, letters[1].0).await.unwrap());
    desk.told(1).await;
    app.stop().await;
}
