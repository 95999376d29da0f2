//! An endpoint that fails for days, and what an operator does about it.

use crm::{Crm, CrmConfig, EndpointDesk, EndpointState};
use ids::{Clock, ManualClock, SignedDuration};
use testkit::{Stage, until};

use crate::receiver::{Receiver, Say};
use crate::support::{Facts, config, dead_letters, endpoint, hurry, lead, pause_after, publish, stage};

const DISABLED: &str = "one has failed every attempt for five days and is not called any more; mend it or give it a new address, then: dragoman crm enable one";

fn desk(stage: &Stage, endpoints: &str) -> EndpointDesk {
    let config: CrmConfig = stage.settings(&config(endpoints)).section("crm").unwrap();
    EndpointDesk::new(&config, stage.pool("crm").clone()).unwrap()
}

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_fails_for_five_days_is_left_alone_until_it_is_enabled() {
    let stage = stage().await;
    let receiver = Receiver::start(&[Say::Status(500), Say::Status(503), Say::Status(500)]).await;
    let endpoints = endpoint("one", &receiver);
    let hands = ManualClock::at(Clock::system().now());
    let app = stage.start_at(&[&Crm], &config(&endpoints), hands.clock()).await;
    let mut facts = Facts::listen(&stage).await;
    let desk = desk(&stage, &endpoints);
    publish(&stage, &lead()).await;
    pause_after(&stage, 1).await;
    let failing = desk.list().await.unwrap().remove(0);
    assert_eq!((failing.state, failing.waiting, failing.given_up), (EndpointState::Failing, 1, 0));
    assert_eq!(failing.last_error.as_deref(), Some("one answered 500 Internal Server Error"));
    assert_eq!(desk.enable("one").await.unwrap(), None, "there is nothing to enable yet");

    // Not five days yet: it is tried again.
    hands.advance(hours(119));
    hurry(&stage).await;
    pause_after(&stage, 2).await;
    hands.advance(hours(2));
    hurry(&stage).await;
    let first = facts.next().await;
    assert_eq!((first.outcome.as_str(), first.attempts, first.status), ("failed", 3, 500));
    let letters = dead_letters(&stage, 1).await;
    assert_eq!(letters[0].1, DISABLED);
    app.stop().await;

    // Another replica knows it as well: the next lead is not even sent.
    let app = stage.start_at(&[&Crm], &config(&endpoints), hands.clock()).await;
    publish(&stage, &lead()).await;
    let second = facts.next().await;
    assert_eq!((second.outcome.as_str(), second.attempts), ("failed", 0));
    assert_eq!(receiver.calls().len(), 3);
    let disabled = desk.list().await.unwrap().remove(0);
    assert_eq!((disabled.state, disabled.waiting, disabled.given_up), (EndpointState::Disabled, 0, 2));
    until("the metric tells of it", async || {
        told(&app.url()).await.contains("dragoman_crm_endpoint_disabled{endpoint=\"one\"} 1").then_some(())
    })
    .await;

    assert_eq!(desk.enable("one").await.unwrap(), Some(2));
    let ended = [facts.next().await, facts.next().await];
    assert!(ended.iter().all(|fact| fact.outcome == "delivered" && fact.status == 200));
    let calls = receiver.calls();
    assert_eq!(calls.len(), 5);
    assert!(calls[3..].iter().any(|call| call.id() == calls[0].id()), "the same delivery, by its id");
    app.stop().await;
    let well = desk.list().await.unwrap().remove(0);
    assert_eq!((well.state, well.waiting, well.given_up), (EndpointState::Ok, 0, 0));
    let nobody = desk.enable("another").await.unwrap_err();
    assert_eq!(nobody.to_string(), "there is no endpoint another in the settings; see [[crm.endpoints]]");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_success_and_the_five_days_begin_anew() {
    let mut stage = stage().await;
    stage.may_leave(&["job"]);
    let receiver = Receiver::start(&[Say::Status(500), Say::Status(200), Say::Status(500)]).await;
    let endpoints = endpoint("one", &receiver);
    let hands = ManualClock::at(Clock::system().now());
    let app = stage.start_at(&[&Crm], &config(&endpoints), hands.clock()).await;
    let mut facts = Facts::listen(&stage).await;
    publish(&stage, &lead()).await;
    pause_after(&stage, 1).await;
    hands.advance(hours(119));
    // Another lead is taken.
    publish(&stage, &lead()).await;
    assert_eq!(facts.next().await.outcome, "delivered");
    hands.advance(hours(2));
    hurry(&stage).await;
    pause_after(&stage, 2).await;
    app.stop().await;
    let listed = desk(&stage, &endpoints).list().await.unwrap().remove(0);
    assert_eq!((listed.state, listed.waiting, listed.given_up), (EndpointState::Failing, 1, 0));
    assert_eq!(listed.failing_since.map(|since| since.as_second()), Some(hands.clock().now().as_second()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_was_gone_is_enabled_at_its_new_address_with_what_was_given_up() {
    let stage = stage().await;
    let gone = Receiver::start(&[Say::Status(410)]).await;
    let app = stage.start(&[&Crm], &config(&endpoint("one", &gone))).await;
    let mut facts = Facts::listen(&stage).await;
    for _ in 0..2 {
        publish(&stage, &lead()).await;
        assert_eq!(facts.next().await.outcome, "failed");
    }
    let listed = desk(&stage, &endpoint("one", &gone)).list().await.unwrap().remove(0);
    assert_eq!((listed.state, listed.given_up), (EndpointState::Gone, 2));
    app.stop().await;

    let moved = Receiver::start(&[]).await;
    let endpoints = endpoint("one", &moved);
    let app = stage.start(&[&Crm], &config(&endpoints)).await;
    let desk = desk(&stage, &endpoints);
    assert_eq!(desk.list().await.unwrap().remove(0).state, EndpointState::Ok);
    assert_eq!(desk.enable("one").await.unwrap(), Some(2));
    for _ in 0..2 {
        assert_eq!(facts.next().await.outcome, "delivered");
    }
    app.stop().await;
    assert_eq!((gone.calls().len(), moved.calls().len()), (1, 2));
}

/// The page of metrics.
async fn told(url: &str) -> String {
    let answer = outbound::builder().unwrap().build().unwrap().get(format!("{url}/metrics")).send().await;
    answer.unwrap().text().await.unwrap()
}
