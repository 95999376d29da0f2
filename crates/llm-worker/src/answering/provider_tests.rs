//! Answers of a provider behind a server that answers as told.

use std::time::Duration;

use bot_folder::Lang;
use ids::{Clock, Ids, Pii, Secret};
use serde_json::{Value, json};
use wiremock::matchers::{body_partial_json, header as with_header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use tokio::time::Instant;

use super::meter::Meter;
use super::*;
use crate::config::{LlmConfig, Prices, Retries};
use crate::domain::answer::{Action, Answer, Reply, Usage};
use crate::domain::cover::Cover;
use crate::domain::leak::OwnWords;
use crate::domain::question::{Memory, Question, Source, SourceKind, Turn};
use crate::providers::{ProviderError, Tools};

const KEY: &str = "sk-very-secret";

fn config(server: &MockServer) -> LlmConfig {
    LlmConfig {
        base_url: format!("{}/v1/", server.uri()),
        api_key: Secret::new(KEY),
        model: "model-1".to_owned(),
        retries: Retries { attempts: 4, first_pause_ms: 1, longest_pause_ms: 4 },
        prices: Prices { input: 1_000_000, cached_input: Some(100_000), output: 2_000_000 },
        ..LlmConfig::default()
    }
}

fn question() -> Question {
    let source = |title: &str, text: &str| Source {
        kind: SourceKind::Knowledge,
        title: title.to_owned(),
        heading: title.to_owned(),
        text: text.to_owned(),
        confidence: 0.8,
    };
    Question {
        memory: Memory::default(),
        own: OwnWords::default(),
        language: Lang::EN,
        prompt: "You are Max.".to_owned(),
        turns: vec![Turn {
            by_person: true,
            text: Pii::new("Call me at +7 912 987-65-43. Price?".to_owned()),
        }],
        sources: vec![source("Prices", "A bot is from $5k."), source("Terms", "Half in advance.")],
    }
}

fn completion(content: &str) -> Value {
    json!({
        "id": "c", "object": "chat.completion", "created": 1, "model": "model-1-0613",
        "choices": [{ "index": 0, "message": { "role": "assistant", "content": content }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 200, "completion_tokens": 10, "total_tokens": 210,
                   "prompt_tokens_details": { "cached_tokens": 100 } }
    })
}

async fn ask(config: &LlmConfig, within: Duration) -> Result<Answer, ProviderError> {
    let tools = Tools { clock: Clock::system(), ids: Ids::system() };
    let asker = Asker::build(config, &tools).unwrap();
    let deadline = Instant::now() + within;
    asker.ask_in_time(asker.catalog.first(), &question(), deadline, &Meter::default(), None).await
}

/// A server that answers `first` so many times and then well.
async fn server(first: ResponseTemplate, times: u64) -> MockServer {
    let server = MockServer::start().await;
    let call = || Mock::given(method("POST")).and(path("/v1/chat/completions"));
    call().respond_with(first).up_to_n_times(times).with_priority(1).mount(&server).await;
    let good = ResponseTemplate::new(200).set_body_json(completion("From $5k [1]."));
    call().respond_with(good).with_priority(2).mount(&server).await;
    server
}

async fn calls(server: &MockServer) -> usize {
    server.received_requests().await.unwrap_or_default().len()
}

const LONG: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_question_goes_out_with_its_sources_and_comes_back_priced() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/chat/completions"))
        .and(with_header("authorization", format!("Bearer {KEY}").as_str()))
        .and(body_partial_json(
            json!({ "model": "model-1", "stream": true, "max_tokens": 1024, "temperature": 0.2 }),
        ))
        .respond_with(
            ResponseTemplate::new(200).set_body_json(completion("From $5k [1]. We call <PHONE_1>.")),
        )
        .expect(1)
        .mount(&server)
        .await;
    let answer = ask(&config(&server), LONG).await.unwrap();
    assert_eq!(
        answer,
        Answer {
            reply: Reply::Text {
                text: "From $5k. We call +7 912 987-65-43.".to_owned(),
                citations: vec!["Prices".to_owned()],
                action: Action::Continue,
                cover: Cover { stated: 2, covered: 1 },
            },
            model: "model-1-0613".to_owned(),
            usage: Usage { prompt: 200, cached: 100, completion: 10, reported: true },
            cost_micros: 100 + 10 + 20,
            attempts: 1,
        }
    );
    let sent: Value = server.received_requests().await.unwrap()[0].body_json().unwrap();
    assert_eq!(sent["messages"][1], json!({ "role": "user", "content": "Call me at <PHONE_1>. Price?" }));
    let system = sent["messages"][0]["content"].as_str().unwrap();
    assert!(system.starts_with("You are Max.") && system.contains("A bot is from $5k."));
    assert!(!sent.to_string().contains("987"));
}

#[tokio::test]
async fn what_is_busy_is_asked_again() {
    for status in [408, 409, 429, 500, 502, 503, 504, 529] {
        let server = server(ResponseTemplate::new(status), 2).await;
        let answer = ask(&config(&server), LONG).await.unwrap();
        assert_eq!((answer.attempts, calls(&server).await), (3, 3), "{status}");
    }
}

#[tokio::test]
async fn what_is_refused_is_asked_once() {
    let error = |word: &str| json!({ "error": { "message": "no", "type": word, "code": word } });
    let cases = [
        (400, error("invalid_request_error"), "refused"),
        (401, error("invalid_api_key"), "key_refused"),
        (402, error("balance"), "quota"),
        (403, error("forbidden"), "key_refused"),
        (403, error("insufficient_quota"), "quota"),
        (404, error("model_not_found"), "unknown_model"),
        (413, error("request_too_large"), "too_long"),
        (429, error("insufficient_quota"), "quota"),
        (429, json!([error("credit_balance_exhausted")]), "quota"),
        (302, Value::Null, "refused"),
    ];
    for (status, body, word) in cases {
        let server = server(ResponseTemplate::new(status).set_body_json(&body), 9).await;
        let error = ask(&config(&server), LONG).await.unwrap_err();
        assert_eq!(
            (error.problem.word(), error.attempts, calls(&server).await),
            (word, 1, 1),
            "{status} {body}"
        );
    }
}

#[tokio::test]
async fn attempts_end() {
    let server = server(ResponseTemplate::new(503), 99).await;
    let error = ask(&config(&server), LONG).await.unwrap_err();
    assert_eq!((error.problem.word(), error.attempts, calls(&server).await), ("busy", 4, 4));
}

#[tokio::test]
async fn a_wait_that_is_asked_for_is_kept_or_not_begun() {
    let busy = |name: &str, value: &str| ResponseTemplate::new(429).insert_header(name, value);
    let kept = server(busy("retry-after-ms", "300"), 1).await;
    let started = std::time::Instant::now();
    assert_eq!(ask(&config(&kept), LONG).await.unwrap().attempts, 2);
    assert!(started.elapsed() >= Duration::from_millis(300));

    let too_long = server(busy("retry-after", "30"), 1).await;
    let started = std::time::Instant::now();
    let error = ask(&config(&too_long), LONG).await.unwrap_err();
    assert_eq!((error.problem.word(), calls(&too_long).await), ("rate_limited", 1));
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn nothing_goes_on_past_the_deadline() {
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(30));
    let server = server(slow, 9).await;
    let started = std::time::Instant::now();
    let error = ask(&config(&server), Duration::from_millis(200)).await.unwrap_err();
    assert_eq!((error.problem.word(), error.attempts), ("timed_out", 1));
    assert!(started.elapsed() < Duration::from_secs(5));
    let error = ask(&config(&server), Duration::ZERO).await.unwrap_err();
    assert_eq!((error.problem.word(), error.attempts), ("no_time", 0));
}

#[tokio::test]
async fn a_call_that_hangs_is_cut_and_made_again_and_paid_for_as_far_as_is_known() {
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(30));
    for (first, unheard) in [(slow, 1), (ResponseTemplate::new(503), 0)] {
        let server = server(first, 1).await;
        let config = LlmConfig { request_timeout_ms: 300, ..config(&server) };
        let tools = Tools { clock: Clock::system(), ids: Ids::system() };
        let (asker, meter) = (Asker::build(&config, &tools).unwrap(), Meter::default());
        let (question, deadline) = (question(), Instant::now() + LONG);
        let asked = asker.ask_in_time(asker.catalog.first(), &question, deadline, &meter, None).await;
        let tries = meter.seen().tries;
        assert_eq!((asked.unwrap().attempts, tries.attempts, tries.unheard), (2, 2, unheard));
    }
}

#[tokio::test]
async fn who_waits_for_a_place_and_goes_has_asked_nobody() {
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(30));
    let server = server(slow, 9).await;
    let text = format!(
        "[providers.p]\nbase_url = \"{}/v1\"\nconcurrency = 1\n[[providers.p.models]]\nname = \"m\"\n",
        server.uri()
    );
    let config: LlmConfig = toml::from_str(&text).unwrap();
    let tools = Tools { clock: Clock::system(), ids: Ids::system() };
    let asker = Asker::build(&config, &tools).unwrap();
    let (question, deadline) = (question(), Instant::now() + LONG);
    let (first, second) = (Meter::default(), Meter::default());
    let asking = asker.ask_in_time(asker.catalog.first(), &question, deadline, &first, None);
    let waiting = asker.ask_in_time(asker.catalog.first(), &question, deadline, &second, None);
    // In this order, so that the first has the place.
    tokio::select! {
        biased;
        _ = asking => panic!("it was answered"),
        _ = waiting => panic!("it was answered"),
        () = testkit::until("one is asked", async || (calls(&server).await == 1).then_some(())) => {}
    }
    assert_eq!((first.seen().tries.attempts, second.seen().tries.attempts), (1, 0));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_without_its_address() {
    let mut config = config(&MockServer::start().await);
    // Port 1 of this machine: nobody listens there.
    config.base_url = "http://127.0.0.1:1/v1".to_owned();
    let error = ask(&config, LONG).await.unwrap_err();
    assert_eq!((error.problem.word(), error.attempts), ("unreachable", 4));
    assert!(!classify::chain(&error).contains("/v1"), "{}", classify::chain(&error));
}

#[tokio::test]
async fn bodies_of_every_make_are_read_or_refused() {
    let plain = |body: &str| ResponseTemplate::new(200).set_body_string(body);
    let kept_alive = server(plain(&format!("\n\n: keep-alive\n\n{}", completion("Hi"))), 1).await;
    assert!(matches!(ask(&config(&kept_alive), LONG).await.unwrap().reply, Reply::Text { .. }));

    let bare = server(plain(r#"{"choices":[{"message":{"content":"Hi"}}]}"#), 1).await;
    let answer = ask(&config(&bare), LONG).await.unwrap();
    assert_eq!((answer.usage, answer.cost_micros, answer.model.as_str()), (Usage::default(), 0, "model-1"));

    let huge = server(plain(&completion(&"x".repeat(2 * 1024 * 1024)).to_string()), 9).await;
    for server in [huge, server(plain("<html>"), 9).await, server(plain("{}"), 9).await] {
        let error = ask(&config(&server), LONG).await.unwrap_err();
        assert_eq!((error.problem.word(), calls(&server).await), ("malformed", 1));
    }
}

#[tokio::test]
async fn no_error_shows_the_key() {
    let body = json!({ "error": { "message": format!("bad key {KEY} {KEY}."), "code": KEY, "type": KEY } });
    for status in [400, 401, 402, 403, 429] {
        let server = server(ResponseTemplate::new(status).set_body_json(&body), 9).await;
        let error = ask(&config(&server), LONG).await.unwrap_err();
        let told = format!("{error:?} {}", classify::chain(&error));
        assert!(!told.contains("very-secret"), "{told}");
    }
}
