//! Every event becomes its facts, once.

use std::collections::BTreeMap;

use analytics::Analytics;
use events::message::llm::model_answered::Outcome;
use events::{CATALOGUE, Event};
use ids::EventId;
use testkit::Stage;

use crate::support::{
    SERVICES, T, anomaly, answered, asked, deal, delivery, file, flow, handoff, lead, limit, publish,
    publish_as, reached, send, sends, settled, stage, started, update,
};

const TABLES: [&str; 14] = [
    "update_count",
    "conversation_started",
    "send",
    "flow_moved",
    "handoff",
    "limit_change",
    "lead",
    "file_checked",
    "model_request",
    "model_answer",
    "budget_reached",
    "anomaly",
    "delivery",
    "deal",
];

/// Every row of every table of facts.
async fn all_facts(stage: &Stage) -> BTreeMap<&'static str, String> {
    let mut facts = BTreeMap::new();
    for table in TABLES {
        let sql =
            format!("select coalesce(jsonb_agg(to_jsonb(t) order by t::text), '[]')::text from {table} t");
        let rows = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(stage.pool("analytics")).await;
        facts.insert(table, rows.unwrap());
    }
    facts
}

/// One of each event there is; the names of those published.
async fn publish_everything(stage: &Stage) -> Vec<&'static str> {
    fn name<E: Event>(_: &E) -> &'static str {
        E::NAME
    }
    let mut names = Vec::new();
    macro_rules! tell {
        ($event:expr) => {{
            let event = $event;
            names.push(name(&event));
            publish(stage, T, &event).await;
        }};
    }
    let first = update(1, "message", T);
    names.push(name(&first));
    publish_as(stage, EventId::of_update("sales", 1), T, &first).await;
    tell!(started(1, T));
    tell!(flow(1, T));
    tell!(handoff(1, T));
    tell!(limit(1, T));
    tell!(lead(1, 1, "hot", T));
    tell!(file(1, "kept", T));
    tell!(asked(1));
    tell!(sends(vec![send(1, Some(100), "sent", T), send(1, None, "failed", T)]));
    tell!(answered(1, Outcome::Answered, 1500, T));
    tell!(reached(T));
    tell!(anomaly(1, T));
    tell!(delivery(1, "delivered", T));
    tell!(deal(1, "won", 500_000, "RUB", T));
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_of_the_catalogue_becomes_facts_once_though_it_is_delivered_twice() {
    let stage = stage().await;
    let app = stage.start(&[&Analytics], "").await;
    let mut names = publish_everything(&stage).await;
    names.sort_unstable();
    // What services ask and tell each other of one person is no fact.
    let of_person = |name: &str| {
        name.contains(".person.") || ["bot.erasure.requested", "bot.export.requested"].contains(&name)
    };
    // Nor is a brief, which is somebody's words, or what whoever has a lead is told of it later.
    let told = [
        "llm.handoff.prepared",
        "bot.conversation.closed",
        "bot.lead.files",
        "bot.lead.rescored",
        "bot.handoff.taken",
        "bot.handoff.returned",
    ];
    let is_fact = |name: &&str| !of_person(name) && !told.contains(name);
    let mut catalogue: Vec<&str> = CATALOGUE.iter().map(|entry| entry.name).filter(is_fact).collect();
    catalogue.sort_unstable();
    assert_eq!(names, catalogue, "an event that this test does not know: give it facts");
    settled(&stage).await;
    app.stop().await;
    let once = all_facts(&stage).await;
    for (table, rows) in &once {
        assert_ne!(rows, "[]", "nothing was written to {table}");
        for typed in ["987-65-43", "9876543", "pseudonym", "Orlova"] {
            assert!(!rows.contains(typed), "what a person typed is in {table}: {rows}");
        }
    }

    // Without its durables everything is delivered to it again.
    let (user, password) = stage.bus_login();
    let options = async_nats::ConnectOptions::with_user_and_password(user, password);
    let jetstream = async_nats::jetstream::new(options.connect(stage.bus_url()).await.unwrap());
    for service in SERVICES {
        let stream = jetstream.get_stream(events::stream_name(service)).await.unwrap();
        stream.delete_consumer(&format!("analytics-{service}")).await.unwrap();
    }
    let app = stage.start(&[&Analytics], "").await;
    settled(&stage).await;
    app.stop().await;
    assert_eq!(all_facts(&stage).await, once);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_event_is_a_dead_letter_and_the_others_become_facts() {
    let mut stage = stage().await;
    stage.may_leave(&["dead_letter"]);
    let app = stage.start(&[&Analytics], "").await;
    let mut broken = lead(1, 1, "hot", T);
    broken.lead_id = "+7 912 987-65-43".to_owned();
    publish(&stage, T, &lead(2, 1, "hot", T)).await;
    publish(&stage, T, &broken).await;
    publish(&stage, T, &lead(3, 1, "hot", i64::MAX)).await;
    publish(&stage, T, &lead(4, 1, "cold", T)).await;
    settled(&stage).await;
    app.stop().await;
    let leads: i64 =
        sqlx::query_scalar("select count(*) from lead").fetch_one(stage.pool("analytics")).await.unwrap();
    let dead: Vec<String> = sqlx::query_scalar("select error from dead_letter order by id")
        .fetch_all(stage.pool("analytics"))
        .await
        .unwrap();
    assert_eq!((leads, dead.len()), (2, 2));
    assert!(dead.iter().all(|error| !error.contains("987-65")), "{dead:?}");
}
