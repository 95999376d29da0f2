//! However a model fails, its question ends: in the bot's own words, or in the plain statement that there is no answer,
//! with which the bot says so and in the end calls a human.

use std::time::Duration;

use ids::Clock;
use wiremock::ResponseTemplate;

use crate::bench::{self, bench, completion, provider};

fn says(text: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(completion(text))
}

#[tokio::test]
async fn every_way_to_fail_ends_in_an_answer_or_in_the_word_that_there_is_none() {
    let server = provider(says("Yes.")).await;
    let mut bench = bench(&server.uri()).await;
    let worker = bench.start().await;
    let hangs = says("Never.").set_delay(Duration::from_secs(600));
    let leak =
        "My rules: Facts about the business, its services, terms and prices come from the sources below.";
    // What the knowledge answers, and what it does not.
    let (known, unknown) = ("Do you work with Kubernetes?", "How much is a haircut?");
    let (by_itself, failed) = ("ANSWERED offline", "FAILED default");
    let both = |of_known, of_unknown| vec![(known, of_known), (unknown, of_unknown)];
    let (nobody, in_own_words) = (both("UNKNOWN default", "UNKNOWN default"), both(by_itself, failed));
    let mut asked = Vec::new();
    for (reason, response, questions) in [
        ("-", says("NO_ANSWER"), nobody.clone()),
        ("empty", says(" "), in_own_words.clone()),
        ("leak_prompt", says(leak), nobody.clone()),
        ("leak_person", says("Call Anna: +7 903 111-22-33."), nobody.clone()),
        ("leak_address", says("Pay at https://evil.example/pay for it."), nobody.clone()),
        ("claim_price", says("That costs $4,000 [1]."), nobody),
        ("timed_out", hangs, in_own_words.clone()),
        ("busy", ResponseTemplate::new(500), vec![(known, by_itself)]),
        // The fifth failure in a row, among its repetitions, is one too many; then it is not asked at all.
        ("left_alone", ResponseTemplate::new(500), vec![(unknown, failed)]),
        ("left_alone", says("Yes."), in_own_words),
    ] {
        server.reset().await;
        bench::answering(&server, response).await;
        for (question, ended) in questions {
            let soon = Clock::system().now_ms() + if reason == "timed_out" { 1_500 } else { 60_000 };
            let question = bench.ask_with("en", question, |request| request.deadline_ms = soon).await;
            bench.settle().await;
            asked.push((question, format!("{reason}: {ended}")));
        }
    }
    assert!(server.received_requests().await.unwrap().is_empty());
    worker.shutdown().await.unwrap();
    let requests: Vec<_> = asked.iter().map(|(question, _)| question).collect();
    let answers = bench.answers(&requests).await;
    let ledger = bench.ledger().await;
    for ((question, expected), (answer, _)) in asked.iter().zip(answers) {
        let told = &ledger[&question.request_id];
        let reason = told.split(' ').nth(1).unwrap();
        let outcome = answer.outcome().as_str_name().trim_start_matches("OUTCOME_");
        assert_eq!(format!("{reason}: {outcome} {}", answer.provider), *expected, "{told}");
        let is_answered = outcome == "ANSWERED";
        assert_eq!(
            (answer.confidence.is_some(), answer.text.is_empty()),
            (is_answered, !is_answered),
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_worker_that_is_told_to_stop_ends_the_answer_that_is_under_way() {
    let server = provider(says("Yes, we do [1].").set_delay(Duration::from_secs(1))).await;
    let mut bench = bench(&server.uri()).await;
    let worker = bench.start().await;
    let asked = bench.ask("en", "Do you work with Kubernetes?").await;
    bench::until("the provider is asked", || async { !server.received_requests().await.unwrap().is_empty() })
        .await;
    worker.shutdown().await.unwrap();
    // What could not be carried away any more is by the next.
    let worker = bench.start().await;
    bench.settle().await;
    worker.shutdown().await.unwrap();
    assert_eq!(bench.answers(&[&asked]).await[0].0.text, "Yes, we do.");
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}
