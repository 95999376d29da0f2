//! `GET /v1/costs` from the gateway over gRPC to the ledger of the model worker.
#![expect(clippy::unwrap_used, reason = "all of it is a test")]

use events::message::bot::{ModelRequested, Turn, turn::Speaker};
use events::{Envelope, Trail};
use gateway::Gateway;
use ids::{Clock, Ids};
use llm_worker::LlmWorker;
use serde_json::{Value, json};
use testkit::{App, until};

const ADMIN: &str = "the-admin-token";

async fn get(gateway: &App, query: &str, token: &str) -> (u16, Value) {
    let client = outbound::builder().unwrap().no_proxy().build().unwrap();
    let url = format!("{}/v1/costs{query}", gateway.url());
    let answer = client.get(url).bearer_auth(token).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_is_told_by_what_is_asked_for_and_to_nobody_without_the_token() {
    let stage = testkit::stage(&[&Gateway, &LlmWorker]).await;
    stage.bus().ensure_stream("bot").await.unwrap();
    let bots = testkit::workspace_root().join("bots");
    let settings = format!(
        "[gateway]\nadmin_token = \"{ADMIN}\"\n[llm-worker]\nbots_dir = \"{}\"\n[llm-worker.money]\ntime_zone = \"Europe/Moscow\"\n",
        bots.display()
    );
    let app = stage.start(&[&Gateway, &LlmWorker], &settings).await;
    let ids = Ids::system();
    for text in ["Do you work with Kubernetes?", "How much is a haircut?"] {
        let request = ModelRequested {
            request_id: ids.request().to_string(),
            conversation_id: ids.conversation().to_string(),
            bot: "dev2production".to_owned(),
            chat_id: 7,
            language: "en".to_owned(),
            turns: vec![Turn { speaker: Speaker::Person.into(), text: text.to_owned() }],
            deadline_ms: Clock::system().now_ms() + 60_000,
            ..ModelRequested::default()
        };
        let id = ids.event();
        let trail = Trail::start(ids.trace(), id.clone());
        stage.bus().publish(Envelope::new(id, request.key(), trail, 1, &request)).await.unwrap();
    }
    let costs = until("both questions are in the ledger", async || {
        let (status, costs) = get(&app, "?by=provider", ADMIN).await;
        assert_eq!(status, 200, "{costs}");
        (costs["total"]["questions"] == 2).then_some(costs)
    })
    .await;
    assert_eq!((&costs["lines"][0]["name"], &costs["lines"][0]["questions"]), (&json!("offline"), &json!(2)));
    assert_eq!((&costs["day_limit_usd"], &costs["held_usd"]), (&json!(100.0), &json!(0.0)));
    assert_eq!(costs["today"], costs["month"]);
    assert!(costs["resets_at"].as_str().unwrap().ends_with("T21:00:00Z"), "{costs}");
    let (_, none) = get(&app, "?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z&by=day", ADMIN).await;
    assert_eq!((&none["lines"], &none["total"]["questions"]), (&json!([]), &json!(0)));
    for wrong in [
        "?by=shoe-size",
        "?from=2026-11-01T00:00:00Z",
        "?form=1",
        "?from=1900-01-01T00:00:00Z&to=2026-01-01T00:00:00Z",
    ] {
        assert_eq!(get(&app, wrong, ADMIN).await.0, 400, "{wrong}");
    }
    assert_eq!(get(&app, "", "a guess").await.0, 401);
    app.stop().await;
}
