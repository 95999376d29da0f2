use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bot_folder::Lang;
use ids::Pii;

use super::*;
use crate::domain::question::{Source, SourceKind, Turn};
use crate::providers::Offline;

/// A provider that says one thing, or nothing for ever.
struct Fixed(Option<fn() -> Result<Reply, Problem>>);

#[async_trait]
impl Provider for Fixed {
    fn name(&self) -> &'static str {
        "fixed"
    }

    fn model(&self) -> &'static str {
        "m"
    }

    async fn answer(&self, _: &Question, _: Instant) -> Result<Answer, ProviderError> {
        let Some(say) = self.0 else { return std::future::pending().await };
        let usage = Usage { prompt: 10, cached: 0, completion: 2, reported: true };
        let problem = |problem| ProviderError { problem, attempts: 3 };
        say().map_err(problem).map(|reply| Answer {
            reply,
            model: "m-1".into(),
            usage,
            cost_micros: 7,
            attempts: 1,
        })
    }
}

fn providers(say: Option<fn() -> Result<Reply, Problem>>, fallback: bool) -> Providers {
    Providers {
        first: Arc::new(Fixed(say)),
        fallback: fallback.then(|| Arc::new(Offline) as Arc<dyn Provider>),
    }
}

fn question(confidence: f32) -> Question {
    Question {
        language: Lang::EN,
        prompt: "You are Max, a bot is $1.".to_owned(),
        turns: vec![Turn { by_person: true, text: Pii::new("I have $900. How much is a bot?".to_owned()) }],
        sources: vec![Source {
            kind: SourceKind::Faq,
            title: "Prices".to_owned(),
            heading: "Prices".to_owned(),
            text: "A bot is from $5k.".to_owned(),
            confidence,
        }],
    }
}

async fn ended(providers: &Providers, confidence: f32) -> End {
    answer(providers, &question(confidence), Instant::now() + Duration::from_secs(20)).await
}

fn text(text: &str) -> Reply {
    Reply::Text { text: text.to_owned(), citations: vec!["Prices".to_owned()] }
}

#[tokio::test]
async fn a_founded_answer_is_passed_on_with_its_cost() {
    let end = ended(&providers(Some(|| Ok(text("From $5,000; you said $900."))), true), 0.9).await;
    assert_eq!((end.outcome.word(), end.reason.as_deref(), end.provider), ("answered", None, "fixed"));
    assert_eq!((end.model.as_str(), end.cost_micros, end.usage.prompt, end.attempts), ("m-1", 7, 10, 1));
}

#[tokio::test]
async fn a_promise_that_is_unfounded_twice_is_withheld_and_still_paid_for() {
    let end = ended(&providers(Some(|| Ok(text("From $4,000."))), true), 0.9).await;
    assert_eq!(
        (end.outcome, end.reason.as_deref(), end.cost_micros),
        (Outcome::Unknown, Some("claim_price"), 14)
    );
    assert_eq!((end.usage.prompt, end.attempts), (20, 2));
    // The prompt is instruction, not knowledge.
    let end = ended(&providers(Some(|| Ok(text("A bot is $1."))), true), 0.9).await;
    assert_eq!(end.outcome, Outcome::Unknown);
}

#[tokio::test]
async fn knowing_nothing_is_no_failure_and_nobody_steps_in() {
    let end = ended(&providers(Some(|| Ok(Reply::Unknown)), true), 0.9).await;
    assert_eq!((end.outcome, end.provider), (Outcome::Unknown, "fixed"));
}

#[tokio::test]
async fn when_the_provider_fails_the_knowledge_answers_if_it_can() {
    let quota = || Err(Problem::Quota { status: 429, code: "insufficient_quota".to_owned() });
    let end = ended(&providers(Some(quota), true), 0.9).await;
    let said =
        Outcome::Answered { text: "A bot is from $5k.".to_owned(), citations: vec!["Prices".to_owned()] };
    assert_eq!(
        (end.outcome, end.provider, end.reason.as_deref(), end.attempts),
        (said, "offline", Some("quota"), 3)
    );

    let end = ended(&providers(Some(quota), true), 0.2).await;
    assert_eq!((end.outcome, end.provider), (Outcome::Failed, "fixed"));
    let end = ended(&providers(Some(quota), false), 0.9).await;
    assert_eq!((end.outcome, end.reason.as_deref()), (Outcome::Failed, Some("quota")));

    let end = ended(&providers(Some(|| Ok(Reply::Empty("filtered"))), true), 0.9).await;
    assert_eq!((end.provider, end.reason.as_deref(), end.cost_micros), ("offline", Some("empty"), 7));
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_never_answers_is_left_at_the_deadline() {
    let end = ended(&providers(None, false), 0.9).await;
    assert_eq!((end.outcome, end.reason.as_deref()), (Outcome::Failed, Some("timed_out")));
    let end = ended(&providers(None, true), 0.9).await;
    assert_eq!((end.outcome.word(), end.provider), ("answered", "offline"));
}

/// Promises what only an uncited source says, until it is told.
struct Learns;

#[async_trait]
impl Provider for Learns {
    fn name(&self) -> &'static str {
        "learns"
    }

    fn model(&self) -> &'static str {
        "m"
    }

    async fn answer(&self, question: &Question, _: Instant) -> Result<Answer, ProviderError> {
        let told = question.prompt.contains("the price 300 dollar");
        let reply = if told { text("Support is extra.") } else { text("Support is $300.") };
        Ok(Answer { reply, model: "m".into(), usage: Usage::default(), cost_micros: 1, attempts: 1 })
    }
}

#[tokio::test]
async fn a_price_of_a_source_that_is_not_cited_is_written_again() {
    let mut question = question(0.9);
    question.sources.push(Source {
        kind: SourceKind::Knowledge,
        title: "Support".to_owned(),
        heading: "Support".to_owned(),
        text: "Support is $300.".to_owned(),
        confidence: 0.8,
    });
    let providers = Providers { first: Arc::new(Learns), fallback: None };
    let end = answer(&providers, &question, Instant::now() + Duration::from_secs(20)).await;
    let said =
        Outcome::Answered { text: "Support is extra.".to_owned(), citations: vec!["Prices".to_owned()] };
    assert_eq!((end.outcome, end.cost_micros, end.attempts), (said, 2, 2));
    // A price of the FAQ is one of the catalogue, and may be said without being cited.
    let said = claims::unfounded("From $5k.", &question.words_behind(&[]), &[]);
    assert_eq!(said, None);
}
