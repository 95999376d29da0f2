//! Leads that arrive.

use crate::receiver::Receiver;
use crate::support::{Facts, OTHER_SECRET, SECRET, attempts, config, endpoint, lead, publish, stage, start};
use crm::Crm;
use testkit::until;

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_reaches_every_endpoint_that_wants_it_once_and_verifies() {
    let stage = stage().await;
    let (one, two, other) = tokio::join!(Receiver::start(&[]), Receiver::start(&[]), Receiver::start(&[]));
    let endpoints = format!(
        "{}{}{}bots = [\"another\"]\n",
        endpoint("one", &one),
        endpoint("two", &two),
        endpoint("other", &other)
    );
    let app = start(&stage, &endpoints).await;
    let mut facts = Facts::listen(&stage).await;
    let lead = lead();
    publish(&stage, &lead).await;

    let (a, b) = (one.called(1).await[0].clone(), two.called(1).await[0].clone());
    assert!(a.verifies(SECRET) && b.verifies(SECRET));
    assert!(!a.verifies(OTHER_SECRET));
    assert_eq!(a.id(), format!("lead_{}_one", lead.lead_id));
    assert_ne!(a.id(), b.id());
    assert_eq!(a.header("content-type"), "application/json");
    let body = a.json();
    assert_eq!(body["type"], "lead.created");
    assert_eq!(body["timestamp"], "2025-10-09T08:53:20Z");
    assert_eq!(body["data"]["lead_id"], lead.lead_id.as_str());
    assert_eq!(body["data"]["contact"]["phone"], "+79129876543");
    assert_eq!(body["data"]["temperature"], "hot");

    let mut ended = [facts.next().await, facts.next().await];
    ended.sort_by(|a, b| a.endpoint.cmp(&b.endpoint));
    for (fact, name) in ended.iter().zip(["one", "two"]) {
        assert_eq!((fact.endpoint.as_str(), fact.outcome.as_str()), (name, "delivered"));
        assert_eq!((fact.attempts, fact.status, &fact.lead_id), (1, 200, &lead.lead_id));
    }
    app.stop().await;
    assert_eq!((one.calls().len(), two.calls().len(), other.calls().len()), (1, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_that_is_captured_twice_or_told_twice_is_delivered_once() {
    let stage = stage().await;
    let receiver = Receiver::start(&[]).await;
    let app = start(&stage, &endpoint("one", &receiver)).await;
    let lead = lead();
    // Two events of the same lead: the inbox does not know them as one, the delivery does.
    publish(&stage, &lead).await;
    publish(&stage, &lead).await;
    receiver.called(1).await;
    // The second chat's lead is behind the others in time, not in order: it shows that they are through.
    let last = self::lead();
    publish(&stage, &last).await;
    receiver.called(2).await;
    app.stop().await;

    // Every event is delivered to the service again, as after the loss of its consumers.
    let (user, password) = stage.bus_login();
    let options = async_nats::ConnectOptions::with_user_and_password(user, password);
    let jetstream = async_nats::jetstream::new(options.connect(stage.bus_url()).await.unwrap());
    let stream = jetstream.get_stream("EV_BOT").await.unwrap();
    for partition in 0..events::PARTITIONS {
        stream.delete_consumer(&format!("crm-leads-p{partition:02}")).await.unwrap();
    }
    let app = start(&stage, &endpoint("one", &receiver)).await;
    until("every event was taken again", async || {
        let mut pending = 0;
        for partition in 0..events::PARTITIONS {
            let lag = stage.bus().lag("bot", &format!("crm-leads-p{partition:02}")).await.unwrap();
            pending += u64::from(!lag.is_zero());
        }
        (pending == 0).then_some(())
    })
    .await;
    app.stop().await;
    let ids: Vec<String> =
        receiver.calls().iter().map(|call| call.json()["data"]["lead_id"].to_string()).collect();
    assert_eq!(ids, [format!("{:?}", lead.lead_id), format!("{:?}", last.lead_id)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_secret_is_replaced_both_sign() {
    let stage = stage().await;
    let receiver = Receiver::start(&[]).await;
    let text = format!("{}previous_secret = \"{OTHER_SECRET}\"\n", endpoint("one", &receiver));
    let app = stage.start(&[&Crm], &config(&text)).await;
    let mut facts = Facts::listen(&stage).await;
    publish(&stage, &lead()).await;
    let call = receiver.called(1).await[0].clone();
    assert_eq!(call.header("webhook-signature").split(' ').count(), 2);
    assert!(call.verifies(SECRET) && call.verifies(OTHER_SECRET));
    facts.next().await;
    app.stop().await;
    assert_eq!(attempts(&stage).await, [(Some("delivered".to_owned()), Some(200))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_that_nobody_can_read_is_a_dead_letter_and_stops_nobody() {
    let mut stage = stage().await;
    stage.may_leave(&["dead_letter"]);
    let receiver = Receiver::start(&[]).await;
    let app = start(&stage, &endpoint("one", &receiver)).await;
    let mut broken = lead();
    broken.lead_id = "+7 912 987-65-43".to_owned();
    publish(&stage, &broken).await;
    publish(&stage, &lead()).await;
    receiver.called(1).await;
    let letters = crate::support::dead_letters(&stage, 1).await;
    assert_eq!(letters[0].1, "the lead's id is none");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_that_no_endpoint_wants_waits_to_be_replayed_and_stops_nobody() {
    let stage = stage().await;
    let receiver = Receiver::start(&[]).await;
    // The name of the bot is misspelt.
    let misspelt = format!("{}bots = [\"sale\", \"other\"]\n", endpoint("one", &receiver));
    let app = start(&stage, &misspelt).await;
    let unwanted = lead();
    let mut wanted = lead();
    wanted.bot = "other".to_owned();
    publish(&stage, &unwanted).await;
    publish(&stage, &wanted).await;
    assert_eq!(receiver.called(1).await[0].json()["data"]["lead_id"], wanted.lead_id.as_str());
    let letters = crate::support::dead_letters(&stage, 1).await;
    assert_eq!(letters[0].1, "no endpoint wants leads of sales; configure one and replay");
    app.stop().await;

    let app = start(&stage, &endpoint("one", &receiver)).await;
    let replay = sqlx::query("update dead_letter set replay_at = now()");
    replay.execute(stage.pool("crm")).await.unwrap();
    assert_eq!(receiver.called(2).await[1].json()["data"]["lead_id"], unwanted.lead_id.as_str());
    until("the dead letter is gone", async || {
        let left: i64 = sqlx::query_scalar("select count(*) from dead_letter")
            .fetch_one(stage.pool("crm"))
            .await
            .unwrap();
        (left == 0).then_some(())
    })
    .await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_no_leads_has_no_dead_letters_of_them() {
    let stage = stage().await;
    let app = start(&stage, "without_endpoint = \"ignore\"\n").await;
    let lead = lead();
    publish(&stage, &lead).await;
    until("the lead is handled", async || {
        let handled: i64 =
            sqlx::query_scalar("select count(*) from inbox").fetch_one(stage.pool("crm")).await.unwrap();
        (handled == 1).then_some(())
    })
    .await;
    app.stop().await;
}
