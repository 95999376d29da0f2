//! What an endpoint may ask for in the settings: headers of its own, a rate, leads that are warm enough.

use std::time::Duration;

use testkit::until;

use crate::receiver::{Receiver, Say};
use crate::support::{Facts, attempts, endpoint, hurry, lead, pause_after, publish, stage, start};

#[tokio::test(flavor = "multi_thread")]
async fn headers_of_the_operators_own_come_with_every_attempt() {
    let stage = stage().await;
    let receiver = Receiver::start(&[Say::Status(500)]).await;
    let headers = "headers = { \"X-Team\" = \"sales\", authorization = \"Bearer hunter2\" }\n";
    let app = start(&stage, &format!("{}{headers}", endpoint("one", &receiver))).await;
    let mut facts = Facts::listen(&stage).await;
    publish(&stage, &lead()).await;
    pause_after(&stage, 1).await;
    hurry(&stage).await;
    assert_eq!(facts.next().await.outcome, "delivered");
    app.stop().await;
    let calls = receiver.calls();
    assert_eq!(calls.len(), 2);
    for call in calls {
        assert_eq!((call.header("x-team"), call.header("authorization")), ("sales", "Bearer hunter2"));
        assert_eq!(call.header("content-type"), "application/json");
        assert!(call.verifies(crate::support::SECRET));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_is_called_no_faster_than_it_asks_by_all_replicas_together() {
    const LEADS: u32 = 6;
    let stage = stage().await;
    let (slow, fast) = tokio::join!(Receiver::start(&[]), Receiver::start(&[]));
    let rate = "most_per_second = 1\n";
    let endpoints = format!("{}{rate}{}", endpoint("slow", &slow), endpoint("fast", &fast));
    let replicas = [start(&stage, &endpoints).await, start(&stage, &endpoints).await];
    for _ in 0..LEADS {
        publish(&stage, &lead()).await;
    }
    fast.called(LEADS as usize).await;
    assert!(slow.calls().len() < LEADS as usize, "the other endpoint waited for the slow one");
    let calls = slow.called(LEADS as usize).await;
    let took = calls[calls.len() - 1].at.duration_since(calls[0].at);
    // A second between two, less what the first call was late. Two replicas on their own would take half of it.
    assert!(took > Duration::from_secs(u64::from(LEADS) - 2), "{LEADS} calls within {took:?}");
    until("all is told", async || {
        let left =
            "select (select count(*) from delivery where state = 'waiting') + (select count(*) from outbox)";
        let left: i64 = sqlx::query_scalar(left).fetch_one(stage.pool("crm")).await.unwrap();
        (left == 0).then_some(())
    })
    .await;
    for app in replicas {
        app.stop().await;
    }
    assert_eq!(attempts(&stage).await.len(), 2 * LEADS as usize, "waiting has cost attempts");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_wants_warm_leads_gets_no_cold_ones_and_nobody_is_alarmed() {
    let stage = stage().await;
    let receiver = Receiver::start(&[]).await;
    let warm = "temperatures = [\"hot\", \"warm\"]\n";
    let app = start(&stage, &format!("{}{warm}", endpoint("one", &receiver))).await;
    let mut leads = [lead(), lead(), lead()];
    for (lead, temperature) in leads.iter_mut().zip(["cold", "warm", "hot"]) {
        lead.temperature = temperature.to_owned();
        publish(&stage, lead).await;
    }
    let calls = receiver.called(2).await;
    until("all three are handled", async || {
        let handled: i64 =
            sqlx::query_scalar("select count(*) from inbox").fetch_one(stage.pool("crm")).await.unwrap();
        (handled == 3).then_some(())
    })
    .await;
    app.stop().await;
    let mut got: Vec<String> =
        calls.iter().map(|call| call.json()["data"]["temperature"].as_str().unwrap().to_owned()).collect();
    got.sort();
    assert_eq!(got, ["hot", "warm"]);
    assert_eq!(receiver.calls().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_to_another_server_of_ours_is_a_failed_attempt_and_that_server_is_not_called() {
    let stage = stage().await;
    let own = Receiver::start(&[]).await;
    let receiver = Receiver::start(&[Say::To(own.port())]).await;
    let app = start(&stage, &endpoint("one", &receiver)).await;
    let mut facts = Facts::listen(&stage).await;
    publish(&stage, &lead()).await;
    pause_after(&stage, 1).await;
    assert_eq!(attempts(&stage).await, [(Some("refused".to_owned()), Some(302))]);
    hurry(&stage).await;
    assert_eq!(facts.next().await.outcome, "delivered");
    app.stop().await;
    assert_eq!((receiver.calls().len(), own.calls().len()), (2, 0));
}
