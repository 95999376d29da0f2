//! How long a search takes among ten thousand passages: `cargo xtask test -p llm-worker --run-ignored only --no-capture latency`
//! prints it. What docs/PERFORMANCE.md says comes from here.

use std::time::Instant as Started;

use bot_folder::Lang;
use ids::{Clock, Ids};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::domain::question::SourceKind;
use crate::knowledge::tests::fixture;
use crate::knowledge::{Document, Passage, Scope, Search};
use crate::store::documents;

const PASSAGES: usize = 10_000;
const WORDS: usize = 4_000;
const QUESTIONS: usize = 200;

/// The most frequent words of a language are in no index.
const STOP_WORDS: f64 = 50.0;

/// A text whose words are as unevenly frequent as those of a language (Zipf's law).
fn text(ids: &Ids, words: usize) -> String {
    let word = |_| {
        let rank = (STOP_WORDS * (WORDS as f64 / STOP_WORDS).powf(ids.fraction())) as usize;
        format!("word{}", radix(rank))
    };
    (0..words).map(word).collect::<Vec<_>>().join(" ")
}

fn radix(mut number: usize) -> String {
    let mut letters = String::from("q");
    while number > 0 {
        letters.push(char::from(b'a' + (number % 26) as u8));
        number /= 26;
    }
    letters
}

fn vector(ids: &Ids, dimensions: u16) -> Vec<f32> {
    (0..dimensions).map(|_| ids.fraction() as f32 - 0.5).collect()
}

#[tokio::test]
#[ignore = "measures, and asserts nothing"]
async fn a_search_among_ten_thousand_passages() {
    let fixture = fixture().await;
    pg::provide_vectors(&fixture.admin).await.unwrap();
    let ids = Ids::seeded(Clock::system(), 7);
    let all: Vec<Document> = (0..PASSAGES / 10)
        .map(|nth| Document {
            kind: SourceKind::Knowledge,
            source: nth.to_string(),
            language: Lang::EN,
            title: text(&ids, 4),
            passages: (0..10)
                .map(|_| Passage { heading: text(&ids, 6), hints: String::new(), text: text(&ids, 90) })
                .collect(),
        })
        .collect();
    documents::replace(&fixture.pool, "large", &all).await.unwrap();
    sqlx::raw_sql("analyze").execute(&fixture.pool).await.unwrap();
    measure("words alone", &Search::new(fixture.pool.clone(), None), &ids).await;
    for dimensions in [384, 1_536] {
        let server = MockServer::start().await;
        let answer = serde_json::json!({ "data": [{ "index": 0, "embedding": vector(&ids, dimensions) }] });
        let answer = ResponseTemplate::new(200).set_body_json(answer);
        Mock::given(method("POST")).respond_with(answer).mount(&server).await;
        let config = EmbeddingsConfig {
            base_url: server.uri(),
            model: "random".to_owned(),
            dimensions,
            question_timeout_ms: 5_000,
            worth_similarity: 0.0,
            ..EmbeddingsConfig::default()
        };
        let embeddings = Embeddings::build(&config, &fixture.pool).await.unwrap().unwrap();
        loop {
            let missing = embeddings.vectors.missing(1_000).await.unwrap();
            if missing.is_empty() {
                break;
            }
            let vectors: Vec<_> =
                missing.into_iter().map(|one| (one.hash, Some(vector(&ids, dimensions)))).collect();
            embeddings.vectors.put(&vectors).await.unwrap();
        }
        sqlx::raw_sql("analyze").execute(&fixture.pool).await.unwrap();
        let search = Search::new(fixture.pool.clone(), Some(embeddings));
        measure(&format!("words and {dimensions} dimensions"), &search, &ids).await;
    }
}

async fn measure(what: &str, search: &Search, ids: &Ids) {
    let mut took = Vec::with_capacity(QUESTIONS);
    for nth in 0..QUESTIONS + 20 {
        let asked = text(ids, 7);
        let started = Started::now();
        search.find(&Scope::named("large"), Lang::EN, &asked).await.unwrap();
        // The first ones warm the caches.
        if nth >= 20 {
            took.push(started.elapsed().as_secs_f64() * 1_000.0);
        }
    }
    took.sort_by(f64::total_cmp);
    let at = |share: f64| took[(took.len() as f64 * share) as usize];
    println!("{what}: p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms", at(0.5), at(0.95), at(0.99));
}
