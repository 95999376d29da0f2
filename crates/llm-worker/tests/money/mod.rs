//! What answers may cost, seen from outside of the worker.

use std::time::Duration;

use wiremock::ResponseTemplate;

use crate::bench::{self, bench_with, completion, provider};

const SPENT: &str = "select spent_micros from budget where scope = 'all'";
const HELD: &str = "select coalesce(sum(held_micros), 0)::bigint from reservation";
const COST: &str = "select coalesce(sum(cost_micros), 0)::bigint from ledger";

#[tokio::test]
async fn a_worker_that_is_killed_in_the_middle_of_an_answer_leaves_settled_books() {
    let slow =
        ResponseTemplate::new(200).set_body_json(completion("Never.")).set_delay(Duration::from_secs(600));
    let server = provider(slow).await;
    let mut bench = bench_with(&server.uri(), "[llm-worker.money]\nlease_seconds = 3\n").await;
    let mut worker = bench.spawn();
    let asked = bench.ask("en", "Do you work with Kubernetes?").await;
    bench::until("the provider is asked", || async { !server.received_requests().await.unwrap().is_empty() })
        .await;
    worker.kill().unwrap();
    worker.wait().unwrap();
    // The conversation leaves a lead, which its costs are then of.
    let id = ids::Ids::system().lead().to_string();
    bench.lead(&asked, &id).await;
    let held = bench.number(HELD).await;
    assert!(held > 2_048, "the worst case is not held: {held}");

    server.reset().await;
    bench::answering(&server, ResponseTemplate::new(200).set_body_json(completion("Yes."))).await;
    let worker = bench.start().await;
    bench.settle().await;
    bench::until("nothing is held any more", || async { bench.number(HELD).await == 0 }).await;
    worker.shutdown().await.unwrap();
    assert_eq!(bench.answers(&[&asked]).await[0].0.text, "Yes.");
    // The call that died has cost all that was held for it, the other what the provider said.
    let lost = "select cost_micros from ledger where outcome = 'lost' and not usage_reported";
    assert_eq!(bench.number(lost).await, held);
    assert_eq!([bench.number(COST).await, bench.number(SPENT).await], [held + 120; 2]);
    assert_eq!(bench.number("select count(*) from ledger where lead_id <> ''").await, 2);
    assert_eq!(bench.number("select calls from budget where scope like 'person:%'").await, 1);
}

#[tokio::test]
async fn beyond_the_quota_the_bots_own_words_answer_and_the_person_learns_when_it_resets() {
    let server = provider(ResponseTemplate::new(200).set_body_json(completion("Yes, we do [1]."))).await;
    let mut bench = bench_with(&server.uri(), "[llm-worker.money]\nperson_day_calls = 1\n").await;
    let worker = bench.start().await;
    let first = bench.ask("en", "Do you work with Kubernetes?").await;
    bench.settle().await;
    let known = bench.ask("en", "Do you work with Kubernetes?").await;
    let unknown = bench.ask("en", "How much is a haircut?").await;
    bench.settle().await;
    worker.shutdown().await.unwrap();
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
    let answers = bench.answers(&[&first, &known, &unknown]).await;
    let told: Vec<_> = answers
        .iter()
        .map(|(answer, _)| (answer.outcome().as_str_name(), answer.provider.as_str(), answer.quota.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("OUTCOME_ANSWERED", "default", ""),
            ("OUTCOME_ANSWERED", "offline", "person"),
            ("OUTCOME_FAILED", "none", "person"),
        ]
    );
    let day = 24 * 60 * 60 * 1_000;
    let resets = answers[1].0.quota_resets_at_ms;
    assert!(resets % day == 0 && resets > answers[1].0.at_ms && resets <= answers[1].0.at_ms + day);
    assert_eq!(answers[0].0.quota_resets_at_ms, 0);
    let ledger = bench.ledger().await;
    assert!(ledger[&unknown.request_id].starts_with("failed quota_person none"));
    assert_eq!(
        [bench.number(COST).await, bench.number(SPENT).await, bench.number(HELD).await],
        [120, 120, 0]
    );
}

#[tokio::test]
async fn usage_that_is_not_reported_is_charged_by_an_estimate_and_words_are_kept_masked_where_asked() {
    let mut said = completion("Yes, write to anna@example.com [1].");
    said["usage"] = serde_json::Value::Null;
    let server = provider(ResponseTemplate::new(200).set_body_json(said)).await;
    let bench = bench_with(&server.uri(), "[llm-worker.money]\nsample_text_percent = 100.0\n").await;
    let worker = bench.start().await;
    let asked = bench.ask("en", "Do you work with Kubernetes? I am at jane@example.com").await;
    bench.settle().await;
    worker.shutdown().await.unwrap();
    let estimated =
        "select cost_micros from ledger where not usage_reported and outcome = 'answered' and mode = 'assistant'
                     and person <> ''";
    let cost = bench.number(estimated).await;
    assert!(cost > 100 && cost == bench.number(SPENT).await, "{cost}");
    let masked = "select count(*) from sample where asked like '%I am at <EMAIL_1>'
                  and answered like '%write to <EMAIL_2>%'";
    assert_eq!(bench.number(masked).await, 1, "{}", asked.request_id);
}

#[tokio::test]
async fn what_a_model_cost_stands_under_its_name_where_the_bots_own_words_answer() {
    let mut said = completion("Something that nobody may read.");
    said["choices"][0]["finish_reason"] = "content_filter".into();
    let server = provider(ResponseTemplate::new(200).set_body_json(said)).await;
    let mut bench = bench_with(&server.uri(), "").await;
    let worker = bench.start().await;
    let asked = bench.ask("en", "Do you work with Kubernetes?").await;
    bench.settle().await;
    worker.shutdown().await.unwrap();
    let answer = bench.answers(&[&asked]).await.remove(0).0;
    assert_eq!(
        (answer.provider.as_str(), answer.cost_micros),
        ("offline", 120),
        "the bot is told of all of it"
    );
    let ledger = bench.ledger().await;
    let told = &ledger[&asked.request_id];
    assert_eq!(told, "answered empty offline full-text search system@1+consultation@d1 0+0 0");
    let of_model =
        "select count(*) from ledger where outcome = 'tried' and reason = 'empty' and provider = 'default'
                    and model = 'm-1' and mode = 'assistant' and prompt_tokens = 100 and cost_micros = 120
                    and finish_reason = 'filter' and of_request is not null and usage_reported";
    assert_eq!((ledger.len(), bench.number(of_model).await), (2, 1), "{ledger:?}");
    assert_eq!([bench.number(COST).await, bench.number(SPENT).await], [120; 2]);
    // It is no answer that stands out, and no call that ended nothing.
    assert_eq!(bench.number("select count(*) from budget where calls <> 1").await, 0);
}
