//! `GET /v1/kpi` from the gateway over gRPC to the facts of analytics, in one process and in two.
#![expect(clippy::unwrap_used, reason = "all of it is a test")]

use analytics::Analytics;
use events::message::bot::{ConversationStarted, LeadCaptured, Send, SendsCompleted};
use events::message::gateway::UpdateReceived;
use events::message::llm::ModelAnswered;
use events::{Envelope, Event, Key, Trail};
use gateway::Gateway;
use ids::{Ids, Uuid};
use serde_json::Value;
use testkit::{App, Stage, until};

const ADMIN: &str = "the-admin-token";
/// 2025-10-09T08:54:00Z
const T: i64 = 1_760_000_040_000;

async fn publish<E: Event>(stage: &Stage, event: &E) {
    let ids = Ids::system();
    let id = ids.event();
    let trail = Trail::start(ids.trace(), id.clone());
    stage.bus().publish(Envelope::new(id, Key::chat("sales", 7), trail, T, event)).await.unwrap();
}

/// Two conversations, a lead of one, four answers of 10 to 40 ms, a model that cost 2.5 dollars.
async fn a_day(stage: &Stage) {
    let (bot, id) = ("sales".to_owned(), |n| Uuid::from_u128(n).to_string());
    publish(stage, &UpdateReceived { bot: bot.clone(), received_at_ms: T, ..UpdateReceived::default() })
        .await;
    for n in [1, 2] {
        let (conversation_id, bot) = (id(n), bot.clone());
        let started =
            ConversationStarted { conversation_id, bot, at_ms: T, ..ConversationStarted::default() };
        publish(stage, &started).await;
    }
    let lead = LeadCaptured {
        lead_id: id(9),
        conversation_id: id(1),
        bot: bot.clone(),
        temperature: "hot".to_owned(),
        at_ms: T,
        ..LeadCaptured::default()
    };
    publish(stage, &lead).await;
    let send = |took| Send {
        conversation_id: id(1),
        bot: bot.clone(),
        source: "flow".to_owned(),
        received_at_ms: T,
        sent_at_ms: T + took,
        outcome: "sent".to_owned(),
        ..Send::default()
    };
    publish(stage, &SendsCompleted { sends: [10, 20, 30, 40].map(send).into() }).await;
    let answered = ModelAnswered {
        request_id: id(5),
        conversation_id: id(1),
        bot: bot.clone(),
        outcome: 1,
        cost_micros: 2_500_000,
        at_ms: T,
        ..ModelAnswered::default()
    };
    publish(stage, &answered).await;
}

async fn get(gateway: &App, query: &str, token: &str) -> (u16, Value) {
    let client = outbound::builder().unwrap().no_proxy().build().unwrap();
    let url = format!("{}/v1/kpi{query}", gateway.url());
    let answer = client.get(url).bearer_auth(token).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap())
}

async fn shows_the_day(gateway: &App) {
    let day = "?from=2025-10-09T00:00:00Z&to=2025-10-10T00:00:00Z&bot=sales";
    let kpi = until("every fact is there", async || {
        let (status, kpi) = get(gateway, day, ADMIN).await;
        assert_eq!(status, 200, "{kpi}");
        let whole = kpi["updates"] == 1
            && kpi["latency"]["answers"] == 4
            && kpi["leads"]["hot"] == 1
            && kpi["model"]["answered"] == 1
            && kpi["conversations"] == 2;
        whole.then_some(kpi)
    })
    .await;
    assert_eq!(kpi["conversion"], 0.5);
    // The median lies between 20 and 30, the 95th percentile at 30 + 0.85 × 10.
    assert_eq!(kpi["latency"]["p50_ms"], 25.0);
    assert!((kpi["latency"]["p95_ms"].as_f64().unwrap() - 38.5).abs() < 1e-6, "{kpi}");
    assert_eq!(kpi["model"]["cost_usd"], 2.5);
    assert_eq!(get(gateway, "", "a guess").await.0, 401);
    assert_eq!(get(gateway, "?from=2025-10-10T00:00:00Z&to=2025-10-09T00:00:00Z", ADMIN).await.0, 400);
    assert_eq!(get(gateway, "?bot=%00", ADMIN).await.0, 400);
}

async fn stage() -> Stage {
    let stage = testkit::stage(&[&Gateway, &Analytics]).await;
    for service in ["gateway", "bot", "llm", "crm"] {
        stage.bus().ensure_stream(service).await.unwrap();
    }
    a_day(&stage).await;
    stage
}

#[tokio::test(flavor = "multi_thread")]
async fn the_numbers_come_from_the_facts_in_one_process() {
    let stage = stage().await;
    let both = stage.start(&[&Gateway, &Analytics], &format!("[gateway]\nadmin_token = \"{ADMIN}\"\n")).await;
    shows_the_day(&both).await;
    both.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_numbers_come_from_the_facts_of_another_process_and_are_503_without_it() {
    let stage = stage().await;
    let analytics = stage.start(&[&Analytics], "").await;
    let config = format!("[gateway]\nadmin_token = \"{ADMIN}\"\nanalytics_url = \"{}\"\n", analytics.url());
    let gateway = stage.start(&[&Gateway], &config).await;
    shows_the_day(&gateway).await;
    analytics.stop().await;
    assert_eq!(get(&gateway, "", ADMIN).await.0, 503);
    gateway.stop().await;
}
