//! Briefs for people who take conversations over.

use events::message::bot::ErasureRequested;
use events::message::llm::HandoffPrepared;
use ids::Ids;
use testkit::{Stage, until};

use crate::receiver::{Receiver, Say};
use crate::support::{SECRET, endpoint, lead, publish, stage, start, tell};

fn brief(conversation: &str) -> HandoffPrepared {
    HandoffPrepared {
        handoff_id: Ids::system().uuid().to_string(),
        conversation_id: conversation.to_owned(),
        bot: "sales".to_owned(),
        reason: "asked".to_owned(),
        language: "en".to_owned(),
        brief: "Wants a bot. Reach: +7 912 987-65-43.".to_owned(),
        prompt: "handover@d1".to_owned(),
        at_ms: 1_760_000_000_000,
        ..HandoffPrepared::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brief_goes_once_to_the_endpoint_that_asked_for_briefs_and_to_no_other() {
    let stage = stage().await;
    let (leads, desk) = tokio::join!(Receiver::start(&[]), Receiver::start(&[]));
    let asks = "events = [\"handoff.prepared\"]\n";
    let app = start(&stage, &format!("{}{}{asks}", endpoint("leads", &leads), endpoint("desk", &desk))).await;
    let brief = brief("c-1");
    tell(&stage, "sales", &brief).await;
    tell(&stage, "sales", &brief).await;
    let call = desk.called(1).await[0].clone();
    assert!(call.verifies(SECRET));
    assert_eq!(call.id(), format!("handoff_{}_desk", brief.handoff_id));
    let body = call.json();
    assert_eq!(
        (&body["type"], &body["timestamp"]),
        (&"handoff.prepared".into(), &"2025-10-09T08:53:20Z".into())
    );
    assert_eq!(body["data"]["brief"], brief.brief.as_str());
    assert_eq!(body["data"]["conversation_id"], "c-1");
    assert_eq!(body["data"]["by_model"], true);
    publish(&stage, &lead()).await;
    assert_eq!(leads.called(1).await[0].json()["type"], "lead.created");
    until("all is handled and told", async || {
        let waiting =
            "select (select count(*) from delivery where state = 'waiting') + (select count(*) from outbox)
                            + 3 - (select count(*) from inbox)";
        let waiting: i64 = sqlx::query_scalar(waiting).fetch_one(stage.pool("crm")).await.unwrap();
        (waiting == 0).then_some(())
    })
    .await;
    app.stop().await;
    assert_eq!((desk.calls().len(), leads.calls().len()), (1, 1));
}

async fn number(stage: &Stage, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(stage.pool("crm")).await.unwrap()
}

/// What is held of people.
const LEFT: &str = "select (select count(*) from delivery) + (select count(*) from attempt)
                           + (select count(*) from dead_letter) + (select count(*) from job where key <> queue)";

/// The person of the first conversation is erased.
async fn erase(stage: &Stage) {
    let erasure = ErasureRequested {
        erasure_id: Ids::system().uuid().to_string(),
        bot: "sales".to_owned(),
        chat_id: 7,
        conversation_id: "c-1".to_owned(),
        ..ErasureRequested::default()
    };
    tell(stage, "sales", &erasure).await;
    until("it is erased", async || {
        (number(stage, "select count(*) from erased_conversation").await == 1).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_who_is_erased_while_their_brief_is_on_its_way_whatever_is_answered() {
    for answer in [200, 500, 410] {
        let stage = stage().await;
        let desk = Receiver::start(&[Say::Held(answer)]).await;
        let asks = "events = [\"handoff.prepared\"]\n";
        let app = start(&stage, &format!("{}{asks}", endpoint("desk", &desk))).await;
        tell(&stage, "sales", &brief("c-1")).await;
        desk.called(1).await;
        erase(&stage).await;
        desk.let_go();
        until("the answer has been heard", async || {
            (number(&stage, "select count(*) from job where state = 3 and key <> queue").await == 0)
                .then_some(())
        })
        .await;
        assert_eq!(number(&stage, LEFT).await, 0, "{answer}");
        app.stop().await;
        assert_eq!(desk.calls().len(), 1, "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_brief_outlives_its_person() {
    let stage = stage().await;
    let desk = Receiver::start(&[Say::Status(500)]).await;
    let asks = "events = [\"lead.created\", \"handoff.prepared\"]\n";
    let app = start(&stage, &format!("{}{asks}", endpoint("desk", &desk))).await;
    tell(&stage, "sales", &brief("c-1")).await;
    crate::support::pause_after(&stage, 1).await;
    erase(&stage).await;
    assert_eq!(number(&stage, LEFT).await, 0);
    // One that was still on its way, and one of another person.
    tell(&stage, "sales", &brief("c-1")).await;
    tell(&stage, "sales", &brief("c-2")).await;
    let calls = desk.called(2).await;
    assert_eq!(calls[1].json()["data"]["conversation_id"], "c-2");
    until("the answer is noted", async || {
        (number(&stage, "select count(*) from delivery where state = 'delivered'").await == 1).then_some(())
    })
    .await;
    app.stop().await;
    assert_eq!(desk.calls().len(), 2);
}
