//! The role as it runs: a question in, exactly one answer out, on a real NATS and a real Postgres.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the helpers of tests are tests")]

mod bench;
mod failures;
mod handover;
mod memory;
mod money;

use std::time::Duration;

use bench::{Bench, bench, completion, provider};
use wiremock::matchers::method;
use wiremock::{Mock, ResponseTemplate};

#[tokio::test]
async fn a_question_is_answered_once_however_often_it_comes() {
    let server = provider(ResponseTemplate::new(200).set_body_json(completion("Yes, we do [1]."))).await;
    let mut bench = bench(&server.uri()).await;
    let worker = bench.start().await;
    // Two events with one question: the asker was restarted and asked again.
    let first = bench.ask("en", "Do you work with Kubernetes?").await;
    // Were both under way at once, the provider would be paid twice, and the ledger would say so.
    bench.settle().await;
    bench.ask_again(&first).await;
    bench.settle().await;
    worker.shutdown().await.unwrap();

    // The consumer forgets how far it was, so that every event is delivered a second time.
    bench.forget_deliveries().await;
    let worker = bench.start().await;
    let second = bench.ask("en", "Which clouds do you work with?").await;
    bench.settle().await;
    worker.shutdown().await.unwrap();

    let answers = bench.answers(&[&first, &second]).await;
    let (answer, key) = &answers[0];
    assert_eq!(answer.outcome().as_str_name(), "OUTCOME_ANSWERED");
    assert_eq!(
        (answer.text.as_str(), answer.citations[0].as_str()),
        ("Yes, we do.", "Do you work with Kubernetes?")
    );
    assert_eq!((answer.provider.as_str(), answer.model.as_str()), ("default", "m-1"));
    assert_eq!((answer.prompt_tokens, answer.completion_tokens, answer.cost_micros), (100, 10, 120));
    assert_eq!(
        (answer.chat_id, answer.bot.as_str(), answer.language.as_str()),
        (bench::CHAT, "dev2production", "en")
    );
    assert_eq!((answer.received_at_ms, answer.attempts), (17, 1));
    assert!(answer.confidence.unwrap() > 0.99, "{:?}", answer.confidence);
    assert_eq!(answer.action().as_str_name(), "ACTION_CONTINUE");
    assert_eq!(*key, first.key());
    let ended = "select count(*) from ledger where first_token_ms <= took_ms and finish_reason = 'stop'";
    assert_eq!(bench.number(ended).await, 2);
    let ledger = bench.ledger().await;
    assert_eq!(ledger.len(), 2, "{ledger:?}");
    assert_eq!(ledger[&first.request_id], "answered - default m-1 system@1+consultation@d1 100+10 120");
}

#[tokio::test]
async fn a_worker_that_dies_at_work_leaves_the_question_to_the_next() {
    let slow =
        ResponseTemplate::new(200).set_body_json(completion("Never.")).set_delay(Duration::from_secs(600));
    let server = provider(slow).await;
    let mut bench = bench(&server.uri()).await;
    let worker = bench.start_mortal().await;
    let asked = bench.ask("en", "Do you work with Kubernetes?").await;
    bench::until("the provider is asked", || async { !server.received_requests().await.unwrap().is_empty() })
        .await;
    worker.shutdown_background();

    server.reset().await;
    bench::answering(&server, ResponseTemplate::new(200).set_body_json(completion("Yes."))).await;
    let worker = bench.start().await;
    bench.settle().await;
    worker.shutdown().await.unwrap();
    let answers = bench.answers(&[&asked]).await;
    assert_eq!(answers[0].0.text, "Yes.");
}

#[tokio::test]
async fn a_question_that_is_superseded_is_not_worked_on() {
    let slow =
        ResponseTemplate::new(200).set_body_json(completion("Never.")).set_delay(Duration::from_secs(600));
    let server = provider(slow).await;
    let mut bench = bench(&server.uri()).await;
    let worker = bench.start().await;
    let begun = bench.ask("en", "Do you work with Kubernetes?").await;
    bench::until("the provider is asked", || async { !server.received_requests().await.unwrap().is_empty() })
        .await;
    bench.supersede(&begun).await;
    bench.settle().await;
    worker.shutdown().await.unwrap();
    let (answer, _) = &bench.answers(&[&begun]).await[0];
    assert_eq!((answer.outcome().as_str_name(), answer.text.as_str()), ("OUTCOME_SUPERSEDED", ""));
    let told = &bench.ledger().await[&begun.request_id];
    let cost =
        told.strip_prefix("superseded superseded default m system@1+consultation@d1 0+0 ").expect(told);
    // What the model had read by then, at the least.
    assert!(cost.parse::<i64>().unwrap() > 100, "{told}");
    let way = "select count(*) from ledger join route using (request_id)
               where ledger.mode = 'assistant' and attempts = 1 and tried = '[[\"default/m\", \"superseded\"]]'";
    assert_eq!(bench.number(way).await, 1);
}

#[tokio::test]
async fn without_a_provider_the_bots_own_words_answer() {
    let mut bench = bench("").await;
    let worker = bench.start().await;
    let known = bench.ask("en", "А с кубернетесом работаете?").await;
    let unknown = bench.ask("ru", "Сколько стоит маникюр?").await;
    bench.settle().await;
    worker.shutdown().await.unwrap();
    let answers = bench.answers(&[&known, &unknown]).await;
    let answer = &answers[0].0;
    assert_eq!(
        (answer.outcome().as_str_name(), answer.provider.as_str(), answer.language.as_str()),
        ("OUTCOME_ANSWERED", "offline", "ru")
    );
    assert!(answer.text.contains("кластеры"), "{}", answer.text);
    assert_eq!(answer.citations, ["Вы работаете с Kubernetes?"]);
    assert_eq!((answers[1].0.outcome().as_str_name(), answers[1].0.text.as_str()), ("OUTCOME_UNKNOWN", ""));
}

#[tokio::test]
async fn a_bot_is_known_by_its_folder_whatever_it_is_called() {
    let mut bench = bench("").await;
    let worker = bench.start().await;
    let asked = bench
        .ask_with("en", "Do you work with Kubernetes?", |request| {
            (request.bot, request.folder) = ("sales".to_owned(), "dev2production".to_owned());
        })
        .await;
    bench.settle().await;
    worker.shutdown().await.unwrap();
    let (answer, _) = &bench.answers(&[&asked]).await[0];
    assert_eq!((answer.outcome().as_str_name(), answer.bot.as_str()), ("OUTCOME_ANSWERED", "sales"));
}

#[tokio::test]
async fn every_failure_of_the_provider_is_an_answer() {
    let refused = provider(ResponseTemplate::new(401)).await;
    let mut bench = bench(&refused.uri()).await;
    let worker = bench.start().await;
    let known = bench.ask("en", "Do you work with Kubernetes?").await;
    let unknown = bench.ask("en", "How much is a haircut?").await;
    let late = bench.ask_with("en", "Do you work with Kubernetes?", |request| request.deadline_ms = 1).await;
    let nobody =
        bench.ask_with("en", "Do you work with Kubernetes?", |request| request.bot = "nobody".into()).await;
    let silent = bench.ask_with("en", " ", |_| {}).await;
    bench.settle().await;
    let client = outbound::builder().unwrap().build().unwrap();
    let page = client.get(format!("http://{}/metrics", worker.address())).send().await.unwrap();
    let metrics = page.text().await.unwrap();
    for outcome in ["deadline", "unknown_bot", "nothing_asked"] {
        let labels = [r#"provider="none""#.to_owned(), format!(r#"outcome="{outcome}""#)];
        let counted = |line: &str| {
            line.starts_with("dragoman_model_requests_total{")
                && labels.iter().all(|label| line.contains(label))
        };
        assert!(metrics.lines().any(counted), "{outcome} is not counted:\n{metrics}");
    }
    for (name, label) in [
        ("dragoman_model_failures_total{", r#"reason="key_refused""#),
        ("dragoman_model_keys_resting{", r#"provider="default"} 1"#),
        ("dragoman_model_breaker{", r#"provider="default"} 0"#),
        ("dragoman_model_calls_under_way{", r#"provider="default"} 0"#),
        ("dragoman_model_answers_total{", r#"provider="offline""#),
    ] {
        let shown = metrics.lines().any(|line| line.starts_with(name) && line.contains(label));
        assert!(shown, "{name} {label} is not shown:\n{metrics}");
    }
    worker.shutdown().await.unwrap();
    let answers = bench.answers(&[&known, &unknown, &late, &nobody, &silent]).await;
    let outcomes: Vec<&str> = answers.iter().map(|(answer, _)| answer.outcome().as_str_name()).collect();
    let failed = "OUTCOME_FAILED";
    assert_eq!(outcomes, ["OUTCOME_ANSWERED", failed, failed, failed, failed]);
    assert_eq!(answers[0].0.provider, "offline");
    let ledger = bench.ledger().await;
    let told = |request: &bench::Asked| ledger[&request.request_id].as_str();
    assert_eq!(told(&known), "answered key_refused offline full-text search system@1+consultation@d1 0+0 0");
    assert_eq!(told(&unknown), "failed key_refused default m system@1+consultation@d1 0+0 0");
    assert!(told(&late).starts_with("failed deadline none"));
    assert!(told(&nobody).starts_with("failed unknown_bot none"));
    assert!(told(&silent).starts_with("failed nothing_asked none"));
}

#[tokio::test]
async fn a_promise_without_a_source_does_not_leave() {
    let server =
        provider(ResponseTemplate::new(200).set_body_json(completion("A cluster costs $4,000 [1]."))).await;
    let mut bench = bench(&server.uri()).await;
    let worker = bench.start().await;
    let asked = bench.ask("en", "Do you work with Kubernetes?").await;
    bench.settle().await;
    worker.shutdown().await.unwrap();
    let answers = bench.answers(&[&asked]).await;
    assert_eq!((answers[0].0.outcome().as_str_name(), answers[0].0.text.as_str()), ("OUTCOME_UNKNOWN", ""));
    assert_eq!(
        bench.ledger().await[&asked.request_id],
        "unknown claim_price default m-1 system@1+consultation@d1 200+20 240"
    );
    // It was told what nothing backs, and nobody's words are lost: they show what the knowledge does not hold.
    let calls = server.received_requests().await.unwrap();
    assert!(!body(&calls[0]).contains("the price 4000") && body(&calls[1]).contains("the price 4000 dollar"));
    assert_eq!(bench.unanswered().await, ["dev2production en Do you work with Kubernetes?"]);
}

#[tokio::test]
async fn a_promise_that_is_taken_back_in_the_second_try_is_no_obstacle() {
    let first = ResponseTemplate::new(200).set_body_json(completion("A cluster costs $4,000 [1]."));
    let server = provider(ResponseTemplate::new(200).set_body_json(completion("Yes, we do [1]."))).await;
    Mock::given(method("POST")).respond_with(first).up_to_n_times(1).with_priority(1).mount(&server).await;
    let mut bench = bench(&server.uri()).await;
    let worker = bench.start().await;
    let asked = bench.ask("en", "Do you work with Kubernetes?").await;
    bench.settle().await;
    worker.shutdown().await.unwrap();
    assert_eq!(bench.answers(&[&asked]).await[0].0.text, "Yes, we do.");
    let ledger = bench.ledger().await;
    assert_eq!(ledger[&asked.request_id], "answered - default m-1 system@1+consultation@d1 200+20 240");
    assert_eq!(bench.unanswered().await, [""; 0]);
}

fn body(request: &wiremock::Request) -> String {
    String::from_utf8_lossy(&request.body).into_owned()
}

#[tokio::test]
async fn what_is_given_up_is_answered_too_and_only_once() {
    let mut bench = bench("").await;
    let worker = bench.start().await;
    bench.execute("alter table passage rename to passage_gone").await;
    let asked = bench.ask("en", "Do you work with Kubernetes?").await;
    bench.publish_nonsense().await;
    bench.until_dead_letters(2).await;
    bench.settle().await;
    // An operator repairs it and sends everything back: the person has long been told.
    bench.execute("alter table passage_gone rename to passage; update dead_letter set replay_at = now() where error not like '%is not a%'").await;
    bench.until_dead_letters(1).await;
    bench.settle().await;
    worker.shutdown().await.unwrap();
    let answers = bench.answers(&[&asked]).await;
    assert_eq!(answers[0].0.outcome().as_str_name(), "OUTCOME_FAILED");
    assert!(bench.ledger().await[&asked.request_id].starts_with("failed gave_up"));
}

#[tokio::test]
async fn a_start_that_can_not_work_says_what_to_do() {
    let bench: Bench = bench("ftp://example.com").await;
    let error = bench.try_start().await.unwrap_err();
    let told = error.to_string();
    assert!(told.contains("base_url") && told.contains("https://host/path"), "{told}");
}

#[tokio::test]
async fn an_answer_says_by_which_prompts_it_was_asked_for_and_the_ledger_why() {
    let server = provider(ResponseTemplate::new(200).set_body_json(completion("Yes, we do [1]."))).await;
    let mut bench = bench(&server.uri()).await;
    let worker = bench.start().await;
    let known = bench.ask("en", "Do you work with Kubernetes?").await;
    let broken = bench.ask("en", "Our Kubernetes is down, what do we do?").await;
    let told = bench
        .ask_with("en", "Do you work with Kubernetes?", |asked| asked.context = "qualification".to_owned())
        .await;
    bench.settle().await;
    worker.shutdown().await.unwrap();
    let answers = bench.answers(&[&known, &broken, &told]).await;
    let prompts: Vec<&str> = answers.iter().map(|(answer, _)| answer.prompt.as_str()).collect();
    assert_eq!(prompts, ["system@1+consultation@d1", "system@1+support@d1", "system@1+qualification@d1"]);
    let ledger = bench.ledger().await;
    assert!(ledger[&told.request_id].contains(" system@1+qualification@d1 "), "{ledger:?}");
    for (context, why) in [("consultation", "sources"), ("support", "trouble"), ("qualification", "told")] {
        let rows = format!("select count(*) from route where context = '{context} ({why})'");
        assert_eq!(bench.number_of(&rows).await, 1, "{context}");
    }
    let calls = server.received_requests().await.unwrap();
    let is_told = |call: &wiremock::Request| {
        String::from_utf8_lossy(&call.body).contains("in the middle of leaving a request")
    };
    assert_eq!(calls.iter().filter(|call| is_told(call)).count(), 1);
}
