use ids::{Clock, Ids};
use serde_json::json;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;

async fn trial(more: &str) -> (Trial, MockServer) {
    trial_of(&format!("[providers.p]\n[providers.p.retries]\nattempts = 1\n{more}")).await
}

/// `text` begins with the provider's own settings.
async fn trial_of(text: &str) -> (Trial, MockServer) {
    let server = MockServer::start().await;
    let body = json!({
        "choices": [{ "message": { "content": "OK" }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 10, "completion_tokens": 1 },
    });
    let good = ResponseTemplate::new(200).set_body_json(body);
    let call = || Mock::given(method("POST")).and(path("/v1/chat/completions"));
    call().and(header("authorization", "Bearer good")).respond_with(good).mount(&server).await;
    call()
        .and(header("authorization", "Bearer bad"))
        .respond_with(ResponseTemplate::new(401))
        .mount(&server)
        .await;
    let list = json!({ "data": [{ "id": "a" }, { "id": "b" }] });
    let list = ResponseTemplate::new(200).set_body_json(list);
    Mock::given(method("GET")).and(path("/v1/models")).respond_with(list).mount(&server).await;
    let own = format!("[providers.p]\nbase_url = \"{}/v1\"\napi_keys = \"good bad\"\n", server.uri());
    let text = text.replacen("[providers.p]\n", &own, 1);
    (Trial::new(&toml::from_str(&text).unwrap(), Clock::system(), Ids::system()).unwrap(), server)
}

const MODELS: &str = "[[providers.p.models]]\nname = \"a\"\nprices = { input = 1000000, output = 2000000 }\n\
                      [[providers.p.models]]\nname = \"b\"\n";

#[tokio::test]
async fn every_key_is_asked_and_every_model() {
    let (trial, _server) = trial(MODELS).await;
    let checked = trial.check(None).await;
    let told: Vec<_> = checked
        .iter()
        .map(|one| (one.key, one.model.as_str(), one.total_ms.is_some(), one.error.is_none()))
        .collect();
    assert_eq!(told, [(1, "a", true, true), (1, "b", true, true), (2, "a", false, false)]);
    assert!(checked[2].error.as_ref().unwrap().contains("refuses the key (status 401"));
    assert!(trial.check(Some("other")).await.is_empty());
}

#[tokio::test]
async fn a_provider_without_models_tells_which_it_has() {
    let (trial, _server) = trial("").await;
    let checked = trial.check(None).await;
    assert_eq!(checked.len(), 1);
    assert_eq!(checked[0].error.as_deref(), Some("no model is configured for it; it lists a, b"));
    assert!(trial.models().is_empty());
}

#[tokio::test]
async fn what_a_provider_lists_can_be_tried() {
    let more = "[providers.p]\ndiscover = true\nlisted.prices = { input = 1000000, output = 2000000 }\n";
    let (trial, _server) = trial_of(more).await;
    let checked = trial.check(None).await;
    let told: Vec<_> = checked.iter().map(|one| (one.key, one.model.as_str(), one.error.is_none())).collect();
    assert_eq!(told, [(1, "a", true), (2, "a", false)]);
    trial.discover().await;
    assert_eq!(trial.models(), ["p/a", "p/b"]);
    assert_eq!(trial.bench("p/b", "Hi", 50, 1, 1).await.unwrap().cost_micros, 12);
}

#[tokio::test]
async fn runs_are_counted_and_priced() {
    let (trial, _server) = trial(MODELS).await;
    assert_eq!(trial.models(), ["p/a", "p/b"]);
    let benched = trial.bench("p/a", "Hi", 50, 4, 2).await.unwrap();
    assert_eq!((benched.runs, benched.failed, benched.cost_micros), (4, 0, 4 * 12));
    assert!(benched.first.p50_ms > 0.0 && benched.first.p95_ms <= benched.total.p95_ms);
    assert!(trial.bench("p/none", "Hi", 50, 1, 1).await.is_none());
}
