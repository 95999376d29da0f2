//! One message is one trace, from the webhook over the bus to the answer, told to a collector that is not ours.

use e2e::{Choices, Collector, Installation, Placement, Span, Updates};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_one_trace_from_the_webhook_to_the_answer() {
    let collector = Collector::start().await;
    let choices = Choices::new(Updates::Webhook).collector(&collector);
    let installation = Installation::start(Placement::Split, choices).await;
    let maria = installation.person("Maria", "en").await;
    maria.writes("/start").await;
    maria.hears("Hi, Maria").await;
    // A process that stops sends what it still has.
    installation.stop().await;

    let spans = collector.spans().await;
    let webhooks: Vec<&Span> = spans.iter().filter(|span| span.words["route"] == "/telegram/{bot}").collect();
    let [webhook] = webhooks[..] else { panic!("one update came: {webhooks:#?}") };
    assert_eq!(webhook.parent, "", "Telegram names no trace: {webhook:#?}");
    let trace: Vec<&Span> = spans.iter().filter(|span| span.trace == webhook.trace).collect();
    for span in &trace {
        assert!(span.service.starts_with("dragoman") && span.began <= span.ended, "{span:#?}");
        let way = way(&trace, span);
        assert_eq!(way.last().unwrap().id, webhook.id, "{span:#?} leads nowhere in {trace:#?}");
        assert!(way.is_sorted_by(|later, earlier| earlier.began <= later.began), "{way:#?}");
    }
    // Taken by one process, understood and answered by another, counted by a third.
    let count = |key: &str, word: &str| trace.iter().filter(|span| span.words[key] == word).count();
    for (key, word) in [("consumer", "bot-updates"), ("queue", "bot.send"), ("consumer", "analytics-gateway")]
    {
        assert_eq!(count(key, word), 1, "{word} is once in the trace: {trace:#?}");
    }
}

/// From a span over its parents, as far as the trace knows them.
fn way<'a>(trace: &[&'a Span], span: &'a Span) -> Vec<&'a Span> {
    std::iter::successors(Some(span), |span| trace.iter().find(|one| one.id == span.parent).copied())
        .collect()
}
