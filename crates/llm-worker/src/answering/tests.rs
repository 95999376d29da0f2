use std::time::Duration;

use async_trait::async_trait;
use bot_folder::Lang;
use futures::stream;
use ids::{Clock, Ids, Pii};

use super::*;
use crate::config::{LlmConfig, ModelConfig, Prices, ProviderConfig};
use crate::domain::question::{Source, SourceKind, Turn};
use crate::providers::{Call, Catalog, Endpoint, Finish, Listed, Piece, Pieces, Tools};

type Say = fn() -> Result<&'static str, Problem>;

/// A model that says one thing, or nothing for ever.
struct Fixed(Option<Say>);

#[async_trait]
impl Endpoint for Fixed {
    async fn open(&self, _: &str, _: &Call) -> Result<Pieces, Problem> {
        let Some(say) = self.0 else { return std::future::pending().await };
        let text = say()?;
        let usage = Usage { prompt: 10, cached: 0, completion: 2, reported: true };
        let finish = if text == "filtered" { Finish::Filter } else { Finish::Stop };
        let (one, two) = text.split_at(text.len() / 2);
        let pieces = [
            Piece::Model("m-1".into()),
            Piece::Text(one.to_owned()),
            Piece::Usage(usage),
            Piece::Text(two.to_owned()),
            Piece::End(finish),
        ];
        Ok(Box::pin(stream::iter(pieces.map(Ok))))
    }

    async fn models(&self) -> Result<Vec<Listed>, Problem> {
        Ok(Vec::new())
    }
}

fn asker(say: Option<Say>, fallback_offline: bool) -> Asker {
    let tools = Tools { clock: Clock::system(), ids: Ids::system() };
    let config = LlmConfig { fallback_offline, ..LlmConfig::default() };
    let prices = Prices { input: 500_000, cached_input: None, output: 1_000_000 };
    let models = vec![ModelConfig { prices, ..ModelConfig::default() }];
    let provider = ProviderConfig { models, ..ProviderConfig::default() };
    Asker::new(Catalog::scripted(&provider, vec![Box::new(Fixed(say))], &tools), &config)
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

async fn ended(asker: &Asker, confidence: f32) -> End {
    answer(asker, &question(confidence), Instant::now() + Duration::from_secs(20)).await
}

#[tokio::test]
async fn a_founded_answer_is_passed_on_with_its_cost() {
    let end = ended(&asker(Some(|| Ok("From $5,000; you said $900. [1]")), true), 0.9).await;
    assert_eq!(
        (end.outcome.word(), end.reason.as_deref(), end.provider.as_str()),
        ("answered", None, "scripted")
    );
    assert_eq!((end.model.as_str(), end.cost_micros, end.usage.prompt, end.attempts), ("m-1", 7, 10, 1));
}

#[tokio::test]
async fn an_unfounded_promise_is_withheld_and_still_paid_for() {
    let end = ended(&asker(Some(|| Ok("From $4,000.")), true), 0.9).await;
    assert_eq!(
        (end.outcome, end.reason.as_deref(), end.cost_micros),
        (Outcome::Unknown, Some("claim_price"), 7)
    );
    // The prompt is instruction, not knowledge.
    let end = ended(&asker(Some(|| Ok("A bot is $1.")), true), 0.9).await;
    assert_eq!(end.outcome, Outcome::Unknown);
}

#[tokio::test]
async fn knowing_nothing_is_no_failure_and_nobody_steps_in() {
    let end = ended(&asker(Some(|| Ok("NO_ANSWER")), true), 0.9).await;
    assert_eq!((end.outcome, end.provider.as_str()), (Outcome::Unknown, "scripted"));
}

#[tokio::test]
async fn when_the_provider_fails_the_knowledge_answers_if_it_can() {
    let quota: Say = || Err(Problem::Quota { status: 429, code: "insufficient_quota".to_owned() });
    let end = ended(&asker(Some(quota), true), 0.9).await;
    let said =
        Outcome::Answered { text: "A bot is from $5k.".to_owned(), citations: vec!["Prices".to_owned()] };
    assert_eq!(
        (end.outcome, end.provider.as_str(), end.reason.as_deref(), end.attempts),
        (said, "offline", Some("quota"), 1)
    );

    let end = ended(&asker(Some(quota), true), 0.2).await;
    assert_eq!((end.outcome, end.provider.as_str()), (Outcome::Failed, "scripted"));
    let end = ended(&asker(Some(quota), false), 0.9).await;
    assert_eq!((end.outcome, end.reason.as_deref()), (Outcome::Failed, Some("quota")));

    let end = ended(&asker(Some(|| Ok("filtered")), true), 0.9).await;
    assert_eq!(
        (end.provider.as_str(), end.reason.as_deref(), end.cost_micros),
        ("offline", Some("empty"), 7)
    );
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_never_answers_is_left_at_the_deadline() {
    let end = ended(&asker(None, false), 0.9).await;
    assert_eq!((end.outcome, end.reason.as_deref()), (Outcome::Failed, Some("timed_out")));
    let end = ended(&asker(None, true), 0.9).await;
    assert_eq!((end.outcome.word(), end.provider.as_str()), ("answered", "offline"));
}
