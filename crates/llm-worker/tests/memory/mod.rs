//! What a provider is shown of a person, and what is remembered of a conversation, on a real NATS and a real
//! Postgres.
use crate::bench::{Asked, Bench, bench, completion, provider};
use events::message::bot::{ErasureRequested, PersonFact, Turn, turn::Speaker};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

fn say(request: &mut Asked, conversation: &str, said: &[&str]) {
    conversation.clone_into(&mut request.conversation_id);
    let speaker = |nth: usize| if nth.is_multiple_of(2) { Speaker::Person } else { Speaker::Bot };
    let turn = |(nth, text): (usize, &&str)| Turn { speaker: speaker(nth).into(), text: (*text).to_owned() };
    request.turns = said.iter().enumerate().map(turn).collect();
}

/// What the provider was sent, in the order of its calls.
async fn sent(server: &MockServer) -> Vec<String> {
    let calls = server.received_requests().await.unwrap();
    calls.iter().map(|call| String::from_utf8(call.body.clone()).unwrap()).collect()
}

async fn answered(bench: &mut Bench, request: &Asked) -> String {
    bench.settle().await;
    bench.answers(&[request]).await.remove(0).0.text
}

/// Whoever asked in the conversation `c-1` is to be forgotten.
async fn erase(bench: &Bench, asked: &Asked) {
    bench
        .publish(&ErasureRequested {
            erasure_id: "e-1".to_owned(),
            bot: asked.bot.clone(),
            chat_id: asked.chat_id,
            conversation_id: "c-1".to_owned(),
            ..ErasureRequested::default()
        })
        .await;
}

#[tokio::test]
async fn a_number_goes_out_as_the_same_mask_from_every_worker_and_comes_back_as_itself() {
    let server =
        provider(ResponseTemplate::new(200).set_body_json(completion("We call <PHONE_1>, <PHONE_2>."))).await;
    let known = ResponseTemplate::new(200).set_body_json(completion("We call <PHONE_1>."));
    Mock::given(method("POST")).respond_with(known).up_to_n_times(1).with_priority(1).mount(&server).await;
    let mut bench = bench(&server.uri()).await;
    let worker = bench.start().await;
    let first = bench
        .ask_with("en", "", |request| say(request, "c-1", &["My name is Ann Lee, call +7 912 987-65-43"]))
        .await;
    assert_eq!(answered(&mut bench, &first).await, "We call +7 912 987-65-43.");
    worker.shutdown().await.unwrap();

    // Another worker, and the first turn is no longer sent along.
    let worker = bench.start().await;
    let second = bench
        .ask_with("en", "", |request| {
            say(request, "c-1", &["Or +7 912 000-00-00. Write <PHONE_1>!"]);
            request.facts = vec![PersonFact { kind: "name".to_owned(), value: "Ann Lee".to_owned() }];
        })
        .await;
    // What this call did not show does not come back, and its mask is not said, though the person has typed it.
    assert_eq!(answered(&mut bench, &second).await, "");
    let other = bench.ask_with("en", "", |request| say(request, "c-2", &["Do you work on Sundays?"])).await;
    // Masks of another conversation stand for nobody here: an answer with them is withheld.
    assert_eq!(answered(&mut bench, &other).await, "");
    worker.shutdown().await.unwrap();

    let sent = sent(&server).await;
    assert!(sent[0].contains("My name is <NAME_1>, call <PHONE_1>"), "{}", sent[0]);
    assert!(
        sent[1].contains("Or <PHONE_2>. Write <TEXT_1>!") && sent[1].contains("name: <NAME_1>"),
        "{}",
        sent[1]
    );
    for body in &sent {
        assert!(!body.contains("987-65") && !body.contains("000-00") && !body.contains("Ann"), "{body}");
    }
}

#[tokio::test]
async fn a_long_talk_is_summarised_behind_the_answer_and_the_person_can_be_forgotten() {
    let server =
        provider(ResponseTemplate::new(200).set_body_json(completion("They want a bot; call <PHONE_1>.")))
            .await;
    let mut bench = bench(&server.uri()).await;
    let worker = bench.start().await;
    let said = [
        "A bot, call +7 912 987-65-43",
        "Sure",
        "In Rust",
        "Fine",
        "And React",
        "Good",
        "By May",
        "Noted",
        "Hm",
        "Yes?",
        "Do you work with Kubernetes?",
    ];
    let first = bench.ask_with("en", "", |request| say(request, "c-1", &said)).await;
    answered(&mut bench, &first).await;
    bench.until_count("a summary is kept", "select count(*) from memory where version = 1", 1).await;
    // The answer went out first.
    let calls = sent(&server).await;
    assert!(calls[0].contains("Kubernetes?") && calls[1].contains("You keep the memory"), "{calls:?}");
    assert!(
        calls[1].contains("Person: A bot, call <PHONE_1>") && !calls[1].contains("Kubernetes"),
        "{}",
        calls[1]
    );
    let ledger = bench.ledger().await;
    let of_summaries = ledger.iter().filter(|(id, _)| id.starts_with("summary-")).map(|(_, row)| row);
    assert_eq!(of_summaries.collect::<Vec<_>>(), ["answered summary default m-1  100+10 120"]);

    // The window has moved on: the number is known from the summary alone.
    let second = bench
        .ask_with("en", "", |request| say(request, "c-1", &[&said[6..], &["Yes.", "Which number?"]].concat()))
        .await;
    assert_eq!(answered(&mut bench, &second).await, "They want a bot; call +7 912 987-65-43.");
    let call = &sent(&server).await[2];
    assert!(call.contains("They want a bot; call <PHONE_1>.\\n</earlier-"), "{call}");

    erase(&bench, &first).await;
    bench
        .until_count(
            "nothing is remembered",
            "select (select count(*) from memory) + (select count(*) from mask)",
            0,
        )
        .await;
    worker.shutdown().await.unwrap();
}

#[tokio::test]
async fn what_is_kept_of_a_question_hides_what_was_masked_turns_ago() {
    let server = provider(ResponseTemplate::new(200).set_body_json(completion("NO_ANSWER"))).await;
    let mut bench = bench(&server.uri()).await;
    let worker = bench.start().await;
    let first =
        bench.ask_with("en", "", |request| say(request, "c-1", &["My name is Zebulon, hello there"])).await;
    answered(&mut bench, &first).await;
    let second =
        bench.ask_with("en", "", |request| say(request, "c-1", &["Does zebra surgery suit Zebulon?"])).await;
    answered(&mut bench, &second).await;
    worker.shutdown().await.unwrap();
    let masked = "select count(*) from gap_question where question like '%suit <NAME_1>?'";
    assert_eq!(bench.number(masked).await, 1);
    assert_eq!(bench.number("select count(*) from gap_question where question ilike '%zebulon%'").await, 0);
}

#[tokio::test]
async fn a_question_after_the_erasure_goes_to_no_model_and_makes_nobody_known() {
    let server = provider(ResponseTemplate::new(200).set_body_json(completion("Yes."))).await;
    let mut bench = bench(&server.uri()).await;
    let worker = bench.start().await;
    let said = ["Do you work with Kubernetes?"];
    let first = bench.ask_with("en", "", |request| say(request, "c-1", &said)).await;
    answered(&mut bench, &first).await;
    erase(&bench, &first).await;
    bench.until_count("it is erased", "select count(*) from erased_conversation", 1).await;
    let late = bench.ask_with("en", "", |request| say(request, "c-1", &said)).await;
    let told = "select count(*) from ledger where outcome = 'failed' and reason = 'erased' and person = ''";
    bench.until_count("the late question has its end", told, 1).await;
    worker.shutdown().await.unwrap();
    assert_eq!(sent(&server).await.len(), 1, "{}", late.request_id);
    let left =
        "select (select count(*) from person) + (select count(*) from mask) + (select count(*) from memory)
                     + (select count(*) from ledger where conversation_id <> '')
                     + (select count(*) from budget where scope <> 'all')";
    assert_eq!(bench.number(left).await, 0);
}
