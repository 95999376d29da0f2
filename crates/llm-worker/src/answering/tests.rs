use std::time::Duration;

use async_trait::async_trait;
use bot_folder::Lang;
use futures::stream;
use ids::{Clock, Ids, Pii};

use super::*;
use crate::config::{LlmConfig, ModelConfig, Prices, ProviderConfig};
use crate::domain::answer::{Action, Usage};
use crate::domain::claims;
use crate::domain::leak::OwnWords;
use crate::domain::question::{Memory, Source, SourceKind, Turn};
use crate::providers::{Call, Catalog, Endpoint, Finish, Listed, Piece, Pieces, Problem, Tier, Tools};

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

fn asker(say: Option<Say>, fallback_offline: bool) -> Answering {
    let tools = Tools { clock: Clock::system(), ids: Ids::system() };
    let config = LlmConfig { fallback_offline, ..LlmConfig::default() };
    let prices = Prices { input: 500_000, cached_input: None, output: 1_000_000 };
    let models = vec![ModelConfig { prices, ..ModelConfig::default() }];
    let provider = ProviderConfig { models, ..ProviderConfig::default() };
    let catalog = Catalog::scripted(&provider, vec![Box::new(Fixed(say))], &tools);
    Answering {
        asker: Asker::new(catalog, &config, tools.ids.clone()),
        routes: Routes::new(config.routing),
        till: None,
        ids: tools.ids,
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
        memory: Memory::default(),
        own: OwnWords::default(),
    }
}

/// Models of the tiers small, medium, large, which say these things.
fn chain(says: [Say; 3]) -> Answering {
    let tools = Tools { clock: Clock::system(), ids: Ids::system() };
    let config = LlmConfig::default();
    let tiers = [Tier::Small, Tier::Medium, Tier::Large];
    let models = ["small", "medium", "large"].into_iter().zip(tiers).zip(says);
    let models =
        models.map(|((name, tier), say)| (name, tier, Box::new(Fixed(Some(say))) as Box<dyn Endpoint>));
    let catalog = Catalog::scripted_tiers(models.collect(), &tools);
    Answering {
        asker: Asker::new(catalog, &config, tools.ids.clone()),
        routes: Routes::new(config.routing),
        till: None,
        ids: tools.ids,
    }
}

fn of_catalog(catalog: impl FnOnce(&Tools) -> Catalog) -> Answering {
    let tools = Tools { clock: Clock::system(), ids: Ids::system() };
    let config = LlmConfig::default();
    let asker = Asker::new(catalog(&tools), &config, tools.ids.clone());
    Answering { asker, routes: Routes::new(config.routing), till: None, ids: tools.ids }
}

fn tried(end: &End) -> Vec<String> {
    end.route.tried.iter().map(|(model, what)| format!("{model} {what}")).collect()
}

#[tokio::test]
async fn an_answer_without_a_source_is_asked_again_where_the_bot_is_not_sure() {
    let says: [Say; 3] = [|| Ok("We do all of that for you."), || Ok("From $5,000. [1]"), || Ok("Hm.")];
    let end = ended(&chain(says), 0.4).await;
    assert_eq!(tried(&end), ["small/m unsure", "medium/m answered"]);
    let end = ended(&chain(says), 0.9).await;
    assert_eq!(tried(&end), ["small/m answered"]);
}

#[tokio::test]
async fn the_next_model_is_asked_where_one_can_not_answer() {
    let down: Say = || Err(Problem::Refused { status: 401, said: String::new() });
    let end = ended(&chain([down, || Ok("From $4,000."), || Ok("From $5,000. [1]")]), 0.9).await;
    assert_eq!((end.outcome.word(), end.provider.as_str()), ("answered", "large"));
    assert_eq!(tried(&end), ["small/m refused", "medium/m claim_price", "large/m answered"]);
    assert_eq!((end.reason.as_deref(), end.attempts, end.usage.prompt), (None, 3, 20));
    assert_eq!(
        (end.route.mode, end.route.tier, end.route.reason.as_str()),
        ("assistant", "small", "sources,short")
    );
}

#[tokio::test]
async fn a_short_answer_is_kept_where_nobody_says_more() {
    let quota: Say = || Err(Problem::Quota { status: 429, code: "insufficient_quota".to_owned() });
    let end = ended(&chain([|| Ok("Hm."), quota, quota]), 0.9).await;
    assert_eq!((end.outcome.word(), end.provider.as_str()), ("answered", "small"));
    assert_eq!(tried(&end), ["small/m short", "medium/m quota", "large/m quota"]);
    let end = ended(&chain([|| Ok("Yes."), quota, quota]), 0.9).await;
    assert_eq!(tried(&end), ["small/m answered"]);
}

#[tokio::test]
async fn a_promise_that_no_model_can_found_is_not_passed_on_by_any() {
    let unfounded: Say = || Ok("From $4,000.");
    let end = ended(&chain([unfounded, unfounded, unfounded]), 0.9).await;
    assert_eq!((end.outcome, end.reason.as_deref()), (Outcome::Unknown, Some("claim_price")));
    // What nobody knows is not asked again.
    let end = ended(&chain([|| Ok("NO_ANSWER"), unfounded, unfounded]), 0.9).await;
    assert_eq!((end.outcome.clone(), tried(&end).len()), (Outcome::Unknown, 1));
}

async fn ended(answering: &Answering, confidence: f32) -> End {
    let deadline = Instant::now() + Duration::from_secs(20);
    let (question, who) = (question(confidence), Who::default());
    answering
        .rehearse(Asked {
            question: &question,
            request_id: "",
            who: &who,
            wish: Wish::None,
            deadline,
            viewer: None,
        })
        .await
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
        (Outcome::Unknown, Some("claim_price"), 14)
    );
    assert_eq!((end.usage.prompt, end.attempts), (20, 2));
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

#[tokio::test]
async fn an_answer_says_what_is_to_happen_next_and_how_sure_it_is() {
    let end = ended(&asker(Some(|| Ok("From $5,000. [1]\n@resolve")), true), 0.9).await;
    assert_eq!((end.outcome.word(), end.action), ("answered", Action::Resolve));
    assert!(end.confidence.unwrap() > 0.99, "{:?}", end.confidence);
    let end = ended(&asker(Some(|| Ok("We also migrate databases between clouds.")), true), 0.9).await;
    let sure = end.confidence.unwrap();
    assert!((0.5..0.7).contains(&sure), "{sure}");
    // Another model had to be asked, and a draft was objected to.
    let down: Say = || Err(Problem::Refused { status: 401, said: String::new() });
    let end = ended(&chain([down, || Ok("From $4,000."), || Ok("From $5,000. [1]")]), 0.9).await;
    let sure = end.confidence.unwrap();
    assert!((sure - (0.75 + 0.25 * 0.5 * 0.8)).abs() < 0.001, "{sure}");
    let end = ended(&asker(Some(|| Ok("NO_ANSWER")), true), 0.9).await;
    assert_eq!(end.confidence, None);
    // What nobody has read is as sure as the search.
    let quota: Say = || Err(Problem::Quota { status: 429, code: "insufficient_quota".to_owned() });
    let end = ended(&asker(Some(quota), true), 0.6).await;
    assert_eq!((end.provider.as_str(), end.confidence), ("offline", Some(0.6)));
}

#[tokio::test]
async fn what_must_not_leave_is_written_again_once_and_is_withheld_then() {
    for (said, reason) in [
        (
            (|| Ok("Facts about the business, its services, terms and prices come from the sources below."))
                as Say,
            "leak_prompt",
        ),
        (|| Ok("Write to ivan.petrov@example.com for that."), "leak_person"),
        (|| Ok("Pay at https://evil.example/pay for that."), "leak_address"),
    ] {
        let end = ended(&asker(Some(said), true), 0.9).await;
        assert_eq!(
            (end.outcome, end.reason.as_deref(), end.attempts, end.confidence),
            (Outcome::Unknown, Some(reason), 2, None)
        );
    }
    let leaks: Say = || Ok("Pay at https://evil.example/pay for that.");
    let end = ended(&chain([leaks, || Ok("A bot is from $5k. [1]"), leaks]), 0.9).await;
    assert_eq!(
        (tried(&end), end.reason),
        (vec!["small/m leak_address".to_owned(), "medium/m answered".to_owned()], None)
    );
}

/// Promises what only an uncited source says, until it is told.
struct Learns;

#[async_trait]
impl Endpoint for Learns {
    async fn open(&self, _: &str, call: &Call) -> Result<Pieces, Problem> {
        let told = call.messages.iter().any(|message| message.text.contains("the price 300 dollar"));
        let text = if told { "Support is extra. [1]" } else { "Support is $300. [1]" };
        let pieces = [Piece::Text(text.to_owned()), Piece::End(Finish::Stop)];
        Ok(Box::pin(stream::iter(pieces.map(Ok))))
    }

    async fn models(&self) -> Result<Vec<Listed>, Problem> {
        Ok(Vec::new())
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
    let answering =
        of_catalog(|tools| Catalog::scripted(&ProviderConfig::default(), vec![Box::new(Learns)], tools));
    let (who, deadline) = (Who::default(), Instant::now() + Duration::from_secs(20));
    let asked =
        Asked { question: &question, request_id: "", who: &who, wish: Wish::None, deadline, viewer: None };
    let end = answering.rehearse(asked).await;
    let said =
        Outcome::Answered { text: "Support is extra.".to_owned(), citations: vec!["Prices".to_owned()] };
    assert_eq!((end.outcome.clone(), end.attempts), (said, 2));
    assert_eq!(tried(&end), ["scripted/m claim_price", "scripted/m answered"]);
    // A price of the FAQ is one of the catalogue, and may be said without being cited.
    let said = claims::unfounded("From $5k.", &question.words_behind(&[]), &[]);
    assert_eq!(said, None);
}
