//! The search by meaning, on a real Postgres with pgvector, against a strict endpoint over HTTP that has nothing in
//! common with our client: it knows which words mean the same, and hashes all others.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use bot_folder::Lang;
use bus::outbox::Outbox;
use ids::{Clock, Ids, Secret};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::*;
use crate::domain::question::SourceKind;
use crate::knowledge::tests::{Fixture, fixture};
use crate::knowledge::{Document, Passage, Scope, Search};
use crate::money::Money;
use crate::money::config::MoneyConfig;
use crate::money::costs::{By, costs};
use crate::store::documents;
use crate::store::reservation::open;

const DIMENSIONS: usize = 512;
/// Words that mean the same.
const MEANINGS: &[&[&str]] = &[
    &["refund", "refunds", "reimbursed", "reimbursement", "cash", "returned", "money", "back"],
    &["ship", "shipping", "delivery", "parcel", "courier", "deliver"],
];
const EMPTY: &[&str] = &["can", "i", "get", "is", "the", "a", "to", "be", "we", "my", "within", "by"];

/// What every vector of the endpoint is made of.
fn vector(text: &str) -> Vec<f32> {
    let mut vector = vec![0.0; DIMENSIONS];
    for word in text.to_lowercase().split(|c: char| !c.is_alphanumeric()) {
        if word.is_empty() || EMPTY.contains(&word) {
            continue;
        }
        let place = MEANINGS.iter().position(|words| words.contains(&word)).unwrap_or_else(|| {
            let mut hasher = DefaultHasher::new();
            word.hash(&mut hasher);
            MEANINGS.len() + hasher.finish() as usize % (DIMENSIONS - MEANINGS.len())
        });
        vector[place] += 1.0;
    }
    vector[DIMENSIONS - 1] += 0.01;
    vector
}

/// Refuses whatever is not as the interface says, and any text with "poison" in it.
struct Strict;

impl Respond for Strict {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let refused = |why: &str| {
            ResponseTemplate::new(400)
                .set_body_json(json!({ "error": { "message": why, "type": "invalid_request_error" } }))
        };
        if request.headers.get("authorization").is_none_or(|key| key != "Bearer secret-key") {
            return ResponseTemplate::new(401);
        }
        let Ok(body) = serde_json::from_slice::<Value>(&request.body) else { return refused("no JSON") };
        let known = ["model", "input", "encoding_format"];
        if body.as_object().is_none_or(|body| body.keys().any(|key| !known.contains(&key.as_str()))) {
            return refused("an unknown field");
        }
        let texts: Option<Vec<&str>> =
            body["input"].as_array().map(|texts| texts.iter().filter_map(Value::as_str).collect());
        let Some(texts) = texts.filter(|texts| (1..=4).contains(&texts.len())) else {
            return refused("input");
        };
        if body["model"] != "words" || body["encoding_format"] != "float" {
            return refused("model or encoding_format");
        }
        if texts.iter().any(|text| text.trim().is_empty() || text.contains("poison")) {
            return refused("a text");
        }
        // In the wrong order, as the interface allows.
        let data =
            texts.iter().enumerate().rev().map(
                |(index, text)| json!({ "object": "embedding", "index": index, "embedding": vector(text) }),
            );
        ResponseTemplate::new(200).set_body_json(json!({
            "object": "list", "data": data.collect::<Vec<_>>(), "model": "words",
            "usage": { "prompt_tokens": 3, "total_tokens": 3 }
        }))
    }
}

async fn provider(response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(response).mount(&server).await;
    server
}

async fn endpoint() -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST")).and(path("/v1/embeddings")).respond_with(Strict).mount(&server).await;
    server
}

fn config(server: &MockServer) -> EmbeddingsConfig {
    EmbeddingsConfig {
        base_url: format!("{}/v1", server.uri()),
        api_key: Secret::new("secret-key"),
        model: "words".to_owned(),
        dimensions: DIMENSIONS as u16,
        batch: 4,
        question_timeout_ms: 20_000,
        worth_similarity: 0.3,
        ..EmbeddingsConfig::default()
    }
}

async fn built(fixture: &Fixture, config: &EmbeddingsConfig) -> Arc<Embeddings> {
    assert_eq!(pg::provide_vectors(&fixture.admin).await.unwrap(), pg::Vectors::There);
    Embeddings::build(config, &fixture.pool).await.unwrap().unwrap()
}

fn document(source: &str, heading: &str, text: &str) -> Document {
    Document {
        kind: SourceKind::Faq,
        source: source.to_owned(),
        language: Lang::EN,
        title: heading.to_owned(),
        passages: vec![Passage { heading: heading.to_owned(), hints: String::new(), text: text.to_owned() }],
    }
}

fn shop() -> Vec<Document> {
    vec![
        document("refunds", "Refunds", "Money is returned within two weeks."),
        document("shipping", "Delivery", "A courier brings the parcel."),
        document("hours", "Opening hours", "Nine till six."),
    ]
}

/// The first that is found, as `confidence heading`.
async fn first(search: &Search, bot: &str, asked: &str) -> Option<(f32, String)> {
    let found = search.find(&Scope::named(bot), Lang::EN, asked).await.unwrap();
    found.into_iter().next().map(|source| (source.confidence, source.heading))
}

async fn calls(server: &MockServer) -> Vec<String> {
    let requests = server.received_requests().await.unwrap();
    requests.iter().map(|request| String::from_utf8_lossy(&request.body).into_owned()).collect()
}

#[tokio::test]
async fn a_paraphrase_without_a_common_word_is_found_by_its_meaning_alone() {
    let (fixture, server) = (fixture().await, endpoint().await);
    let embeddings = built(&fixture, &config(&server)).await;
    documents::replace(&fixture.pool, "shop", &shop()).await.unwrap();
    documents::replace(&fixture.pool, "rival", &[document("r", "Reimbursed at once", "Cash back.")])
        .await
        .unwrap();
    assert_eq!(embeddings.complete(None).await.unwrap(), 4);

    let asked = "Can I be reimbursed?";
    let words = Search::new(fixture.pool.clone(), None);
    assert_eq!(first(&words, "shop", asked).await, None);
    let meaning = Search::new(fixture.pool.clone(), Some(embeddings));
    let (sure, heading) = first(&meaning, "shop", asked).await.unwrap();
    assert_eq!(heading, "Refunds");
    assert!(sure >= SURE, "the entry of the FAQ can be passed on: {sure}");
    // What is asked in the words of the knowledge is found as before, and nothing is found for nonsense.
    assert_eq!(first(&meaning, "shop", "What are your opening hours?").await.unwrap().1, "Opening hours");
    assert_eq!(first(&meaning, "shop", "xylophone quartets").await, None);
    // Nothing of a bot that holds the very word.
    let found = meaning.find(&Scope::named("shop"), Lang::EN, asked).await.unwrap();
    assert!(found.iter().all(|source| !source.heading.contains("Reimbursed")));
}

#[tokio::test]
async fn a_text_is_computed_once_and_what_belongs_to_nothing_goes() {
    let (fixture, server) = (fixture().await, endpoint().await);
    let embeddings = built(&fixture, &config(&server)).await;
    documents::replace(&fixture.pool, "shop@1", &shop()).await.unwrap();
    assert_eq!(embeddings.complete(None).await.unwrap(), 3);
    // Another version of the bot says the same but for one text, and one that the model does not take.
    let mut second = shop();
    second[2].passages[0].text = "Ten till five.".to_owned();
    second.push(document("bad", "Bad", "poison"));
    documents::replace(&fixture.pool, "shop@2", &second).await.unwrap();
    let before = calls(&server).await.len();
    assert_eq!(embeddings.complete(None).await.unwrap(), 2);
    assert!(calls(&server).await[before..].iter().all(|call| !call.contains("Refunds")));
    let after = calls(&server).await.len();
    assert_eq!(embeddings.complete(None).await.unwrap(), 0);
    assert_eq!(calls(&server).await.len(), after, "what the model refused is not sent again");

    let count = async || embeddings.vectors().count().await.unwrap();
    assert_eq!(count().await, 5);
    documents::replace(&fixture.pool, "shop@1", &[]).await.unwrap();
    let search = Search::new(fixture.pool.clone(), Some(embeddings.clone()));
    assert_eq!(first(&search, "shop@1", "Can I be reimbursed?").await, None, "it is gone at once");
    assert_eq!(first(&search, "shop@2", "Can I be reimbursed?").await.unwrap().1, "Refunds");
    embeddings.let_go().await.unwrap();
    assert_eq!(count().await, 4);
}

#[tokio::test]
async fn an_endpoint_that_fails_costs_one_question_its_wait_and_none_its_answer() {
    let fixture = fixture().await;
    let server = MockServer::start().await;
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(600));
    Mock::given(method("POST")).respond_with(slow).mount(&server).await;
    let settings = EmbeddingsConfig { question_timeout_ms: 50, ..config(&server) };
    let search = Search::new(fixture.pool.clone(), Some(built(&fixture, &settings).await));
    documents::replace(&fixture.pool, "shop", &shop()).await.unwrap();
    for _ in 0..3 {
        assert_eq!(first(&search, "shop", "What about refunds?").await.unwrap().1, "Refunds");
    }
    assert_eq!(calls(&server).await.len(), 1, "it is left alone for a while");
}

/// What vectors have cost, as `tokens, millionths of a dollar`.
async fn bill(fixture: &Fixture, money: &MoneyConfig) -> (i64, i64) {
    let costs = costs(&fixture.pool, money, Clock::system().now(), None, Some(By::Mode)).await.unwrap();
    let line = costs.lines.iter().find(|line| line.name == "embeddings");
    line.map_or((0, 0), |line| (line.prompt_tokens, line.cost_micros))
}

#[tokio::test]
async fn vectors_are_on_the_bill_and_wait_where_the_budget_has_no_room() {
    let (fixture, server) = (fixture().await, endpoint().await);
    let settings = EmbeddingsConfig { price: 1_000_000_000, ..config(&server) };
    let embeddings = built(&fixture, &settings).await;
    documents::replace(&fixture.pool, "shop", &shop()).await.unwrap();
    let (clock, ids, stop) = (Clock::system(), Ids::system(), CancellationToken::new());
    let open = |day_dollars: f64| {
        let config = MoneyConfig { day_dollars, ..MoneyConfig::default() };
        let (pool, outbox) = (fixture.pool.clone(), Outbox::default());
        let money = Money::new(pool, clock.clone(), ids.clone(), outbox, config.clone()).unwrap();
        tokio::spawn(money.clone().run(stop.clone()));
        (Books::new(&money, &clock, &ids, &settings).unwrap(), config)
    };
    let (poor, _) = open(0.000_001);
    assert_eq!(embeddings.complete(Some(&poor)).await.unwrap(), 0);
    assert!(calls(&server).await.is_empty(), "nothing was sent that nobody may pay for");

    let (books, config) = open(100.0);
    assert_eq!(embeddings.complete(Some(&books)).await.unwrap(), 3);
    // The endpoint says three tokens a call.
    assert_eq!(bill(&fixture, &config).await, (3, 3_000));
    let search = Search::new(fixture.pool.clone(), Some(embeddings.clone()));
    for asked in ["Can I be reimbursed?", "Is there a courier?"] {
        first(&search, "shop", asked).await;
    }
    assert_eq!(bill(&fixture, &config).await, (3, 3_000), "nobody waits for it");
    embeddings.book(&books).await.unwrap();
    embeddings.book(&books).await.unwrap();
    assert_eq!(bill(&fixture, &config).await, (9, 9_000));
    stop.cancel();
}

/// Books that are open until `stop`.
fn books(fixture: &Fixture, settings: &EmbeddingsConfig, stop: &CancellationToken) -> (Books, MoneyConfig) {
    let (clock, ids, config) = (Clock::system(), Ids::system(), MoneyConfig::default());
    let (pool, outbox) = (fixture.pool.clone(), Outbox::default());
    let money = Money::new(pool, clock.clone(), ids.clone(), outbox, config.clone()).unwrap();
    tokio::spawn(money.clone().run(stop.clone()));
    (Books::new(&money, &clock, &ids, settings).unwrap(), config)
}

#[tokio::test]
async fn an_endpoint_that_reads_nothing_costs_nothing_and_one_that_refuses_is_left_alone() {
    let (fixture, stop) = (fixture().await, CancellationToken::new());
    documents::replace(&fixture.pool, "shop", &shop()).await.unwrap();
    for (status, calls_made) in [(503, 3), (401, 1)] {
        let server = provider(ResponseTemplate::new(status)).await;
        let settings = EmbeddingsConfig { price: 1_000_000_000, ..config(&server) };
        let embeddings = built(&fixture, &settings).await;
        let (books, money) = books(&fixture, &settings, &stop);
        for _ in 0..3 {
            let _ = embeddings.complete(Some(&books)).await;
        }
        assert_eq!(calls(&server).await.len(), calls_made, "{status}");
        embeddings.book(&books).await.unwrap();
        testkit::until("what was held is given back", async || {
            (open(&fixture.pool).await.unwrap() == (0, 0)).then_some(())
        })
        .await;
        assert_eq!(bill(&fixture, &money).await, (0, 0), "{status}");
    }
    stop.cancel();
}

#[tokio::test]
async fn what_came_before_a_batch_broke_off_is_kept_and_booked_once() {
    let (fixture, stop) = (fixture().await, CancellationToken::new());
    // The first call is refused as a whole, its half is answered, and then the endpoint is away.
    let server = MockServer::start().await;
    let call = || Mock::given(method("POST"));
    call().respond_with(ResponseTemplate::new(400)).up_to_n_times(1).with_priority(1).mount(&server).await;
    call().respond_with(Strict).up_to_n_times(1).with_priority(2).mount(&server).await;
    call().respond_with(ResponseTemplate::new(503)).up_to_n_times(1).with_priority(3).mount(&server).await;
    call().respond_with(Strict).with_priority(4).mount(&server).await;
    let settings = EmbeddingsConfig { price: 1_000_000_000, ..config(&server) };
    let embeddings = built(&fixture, &settings).await;
    documents::replace(&fixture.pool, "shop", &shop()).await.unwrap();
    let (books, money) = books(&fixture, &settings, &stop);
    embeddings.complete(Some(&books)).await.unwrap_err();
    let kept = embeddings.vectors().count().await.unwrap();
    assert!((1..3).contains(&kept), "{kept}");
    assert_eq!(bill(&fixture, &money).await, (3, 3_000));
    embeddings.book(&books).await.unwrap();
    assert_eq!(bill(&fixture, &money).await, (3, 3_000), "it was booked before");
    // It has cost something, so the next try is not at once; another worker asks only for what is missing.
    assert_eq!(embeddings.complete(Some(&books)).await.unwrap(), 0);
    let other = built(&fixture, &settings).await;
    assert_eq!(i64::try_from(other.complete(Some(&books)).await.unwrap()).unwrap(), 3 - kept);
    stop.cancel();
}

#[tokio::test]
async fn vectors_of_another_length_are_paid_for_once_in_a_while() {
    let (fixture, server, stop) = (fixture().await, endpoint().await, CancellationToken::new());
    let settings = EmbeddingsConfig { price: 1_000_000_000, dimensions: 100, ..config(&server) };
    let embeddings = built(&fixture, &settings).await;
    documents::replace(&fixture.pool, "shop", &shop()).await.unwrap();
    let (books, money) = books(&fixture, &settings, &stop);
    embeddings.complete(Some(&books)).await.unwrap_err();
    assert_eq!(embeddings.complete(Some(&books)).await.unwrap(), 0);
    assert_eq!((calls(&server).await.len(), bill(&fixture, &money).await), (1, (3, 3_000)));
    stop.cancel();
}

#[tokio::test]
async fn what_says_who_asks_does_not_go_out() {
    let (fixture, server) = (fixture().await, endpoint().await);
    let search = Search::new(fixture.pool.clone(), Some(built(&fixture, &config(&server)).await));
    first(&search, "shop", "I am at ivan@example.com, +7 912 987-65-43: can I be reimbursed?").await;
    let sent = calls(&server).await.join("\n");
    assert!(sent.contains("reimbursed") && !sent.contains("ivan@") && !sent.contains("987"), "{sent}");
}

#[tokio::test]
async fn without_the_extension_everything_works_by_words() {
    let (fixture, server) = (fixture().await, endpoint().await);
    assert!(Embeddings::build(&config(&server), &fixture.pool).await.unwrap().is_none());
    let search = Search::new(fixture.pool.clone(), None);
    documents::replace(&fixture.pool, "shop", &shop()).await.unwrap();
    assert_eq!(first(&search, "shop", "What about refunds?").await.unwrap().1, "Refunds");
}
