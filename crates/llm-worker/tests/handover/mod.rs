//! A brief for whoever takes a conversation over, on a real NATS and a real Postgres.
use crate::bench::{Bench, bench, completion, provider};
use bus::Delivery;
use events::Event;
use events::message::bot::{ErasureRequested, HandoffRequested, Turn, turn::Speaker};
use events::message::llm::HandoffPrepared;
use futures::StreamExt;
use futures::stream::BoxStream;
use std::time::Duration;
use wiremock::ResponseTemplate;

fn called(conversation: &str) -> HandoffRequested {
    let turn = |speaker: Speaker, text: &str| Turn { speaker: speaker.into(), text: text.to_owned() };
    HandoffRequested {
        conversation_id: conversation.to_owned(),
        bot: "dev2production".to_owned(),
        reason: "asked".to_owned(),
        language: "en".to_owned(),
        turns: vec![
            turn(Speaker::Person, "We need a bot. Call me: +7 912 987-65-43"),
            turn(Speaker::Bot, "Somebody will."),
        ],
        ..HandoffRequested::default()
    }
}

/// The briefs that are published from now on.
struct Briefs(BoxStream<'static, Result<Delivery, bus::BusError>>);

impl Briefs {
    async fn of(bench: &Bench) -> Self {
        Self(bench.bus().tail("llm", true).await.unwrap())
    }

    async fn next(&mut self) -> (HandoffPrepared, Delivery) {
        loop {
            let next = tokio::time::timeout(std::time::Duration::from_secs(60), self.0.next()).await;
            let event = next.unwrap().unwrap().unwrap();
            if event.name() == HandoffPrepared::NAME {
                return (event.decode().unwrap(), event);
            }
        }
    }
}

#[tokio::test]
async fn a_model_that_sees_no_number_writes_a_brief_that_has_it() {
    let said = completion("Wants: a bot. Reach: <PHONE_1>.");
    let server = provider(ResponseTemplate::new(200).set_body_json(said)).await;
    let bench = bench(&server.uri()).await;
    let worker = bench.start().await;
    let mut briefs = Briefs::of(&bench).await;
    let id = bench.tell(&called("c-1")).await;
    let (brief, event) = briefs.next().await;
    assert_eq!(brief.brief, "Wants: a bot. Reach: +7 912 987-65-43.");
    assert_eq!((brief.handoff_id.as_str(), brief.conversation_id.as_str()), (id.as_str(), "c-1"));
    assert_eq!(
        (brief.prompt.as_str(), brief.language.as_str(), brief.reason.as_str()),
        ("handover@d1", "en", "asked")
    );
    // Under the chat's key, by which a person's events are taken out of the stream.
    assert_eq!(event.key, events::Key::chat("dev2production", crate::bench::CHAT));
    let row = format!("handover-{id}");
    crate::bench::until("it is paid for", || async { bench.ledger().await.contains_key(&row) }).await;
    assert_eq!(bench.ledger().await[&row], "answered handover default m-1 handover@d1 100+10 120");
    worker.shutdown().await.unwrap();
    let calls = server.received_requests().await.unwrap();
    let call = String::from_utf8(calls[0].body.clone()).unwrap();
    assert!(
        call.contains("takes this conversation over") && call.contains("Person: We need a bot"),
        "{call}"
    );
    assert!(call.contains("<PHONE_1>") && !call.contains("987-65"), "{call}");
}

#[tokio::test]
async fn without_a_model_the_end_of_the_talk_is_the_brief() {
    let refused = provider(ResponseTemplate::new(401)).await;
    for url in [String::new(), refused.uri()] {
        let bench = bench(&url).await;
        let worker = bench.start().await;
        let mut briefs = Briefs::of(&bench).await;
        bench.tell(&called("c-1")).await;
        let (brief, _) = briefs.next().await;
        assert_eq!(brief.brief, "Person: We need a bot. Call me: +7 912 987-65-43\nBot: Somebody will.");
        assert_eq!(brief.prompt, "");
        worker.shutdown().await.unwrap();
    }
}

#[tokio::test]
async fn nobody_is_told_of_a_person_who_was_erased_and_nothing_is_left_of_a_brief() {
    let server = provider(ResponseTemplate::new(200).set_body_json(completion("Wants a bot."))).await;
    let bench = bench(&server.uri()).await;
    let worker = bench.start().await;
    let mut briefs = Briefs::of(&bench).await;
    bench
        .publish(&ErasureRequested {
            erasure_id: "e-1".to_owned(),
            bot: "dev2production".to_owned(),
            chat_id: crate::bench::CHAT,
            conversation_id: "c-1".to_owned(),
            ..ErasureRequested::default()
        })
        .await;
    bench.until_count("it is erased", "select count(*) from erased_conversation", 1).await;
    bench.tell(&called("c-1")).await;
    bench.tell(&called("c-2")).await;
    assert_eq!(briefs.next().await.0.conversation_id, "c-2");
    // What is left of words is in the stream alone, which is emptied by the chat's key.
    let words = "select (select count(*) from job where queue = 'llm.handover')
                      + (select count(*) from outbox) + (select count(*) from dead_letter)";
    bench.until_count("nothing of a brief is kept", words, 0).await;
    worker.shutdown().await.unwrap();
    assert_eq!(server.received_requests().await.unwrap().len(), 1, "a model reads of the other one alone");
}

#[tokio::test]
async fn a_brief_that_breaks_off_is_paid_for_each_time_and_there_is_one_all_the_same() {
    let begun = "data: {\"choices\": [{\"delta\": {\"content\": \"Wants a bot, and then\"}}]}\n\n";
    let cut = ResponseTemplate::new(200).set_body_raw(begun, "text/event-stream");
    let server = provider(cut).await;
    let bench = bench(&server.uri()).await;
    let worker = bench.start().await;
    let mut briefs = Briefs::of(&bench).await;
    bench.tell(&called("c-1")).await;
    assert_eq!(briefs.next().await.0.prompt, "", "the talk itself is the brief");
    let calls = i64::try_from(server.received_requests().await.unwrap().len()).unwrap();
    let booked = "select count(*) from ledger where outcome = 'cancelled' and of_request like 'handover-%'
                  and mode = 'handover' and cost_micros > 50 and not usage_reported";
    bench.until_count("each call is paid for", booked, calls).await;
    worker.shutdown().await.unwrap();
}

#[tokio::test]
async fn an_erasure_does_not_wait_for_a_brief_that_is_being_written() {
    let slow =
        ResponseTemplate::new(200).set_body_json(completion("Wants.")).set_delay(Duration::from_secs(600));
    let server = provider(slow).await;
    let bench = bench(&server.uri()).await;
    let worker = bench.start().await;
    let mut briefs = Briefs::of(&bench).await;
    bench.tell(&called("c-1")).await;
    crate::bench::until("the model is asked", || async {
        !server.received_requests().await.unwrap().is_empty()
    })
    .await;
    bench
        .publish(&ErasureRequested {
            erasure_id: "e-1".to_owned(),
            bot: "dev2production".to_owned(),
            chat_id: crate::bench::CHAT,
            conversation_id: "c-1".to_owned(),
            ..ErasureRequested::default()
        })
        .await;
    bench.until_count("it is erased", "select count(*) from erased_conversation", 1).await;
    // The call is given up, and what it has cost by then is nobody's.
    let settled = "select count(*) from ledger where outcome = 'cancelled' and conversation_id = '' and cost_micros > 0";
    bench.until_count("the call is given up", settled, 1).await;
    server.reset().await;
    crate::bench::answering(&server, ResponseTemplate::new(200).set_body_json(completion("Wants."))).await;
    bench.tell(&called("c-2")).await;
    assert_eq!(briefs.next().await.0.conversation_id, "c-2", "nothing of the other is published");
    let words =
        "select (select count(*) from job where queue = 'llm.handover') + (select count(*) from dead_letter)";
    bench.until_count("nothing is left", words, 0).await;
    worker.shutdown().await.unwrap();
}
