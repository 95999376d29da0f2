//! The gap report, on a real Postgres, with drafts by a model over HTTP.

use ids::{Clock, Ids};
use serde_json::json;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::config::LlmConfig;
use crate::knowledge::tests::{Fixture, fixture};
use crate::money::costs::{By, costs};

async fn asked(fixture: &Fixture, bot: &str, conversation: &str, questions: &[(&str, &str)]) {
    let mut connection = fixture.pool.acquire().await.unwrap();
    for (language, question) in questions {
        let request_id = Ids::system().request().to_string();
        let question = gaps::Question {
            request_id: &request_id,
            conversation_id: conversation,
            bot,
            language,
            question,
            reason: None,
        };
        gaps::record_in_tx(&mut connection, &question, Clock::system().now()).await.unwrap();
    }
}

fn base(fixture: &Fixture) -> KnowledgeBase {
    KnowledgeBase::new(fixture.pool.clone(), Clock::system(), Ids::system())
}

/// By bot and number: the first question of each.
async fn shown(base: &KnowledgeBase) -> Vec<(String, i64, String)> {
    let gaps = base.gaps(None, &EmbeddingsConfig::default()).await.unwrap();
    gaps.into_iter().map(|gap| (gap.bot, gap.questions, gap.examples[0].clone())).collect()
}

#[tokio::test]
async fn questions_are_gathered_by_what_they_ask_and_stay_together() {
    let (fixture, first) = (fixture().await, "Do you repair old bicycles?");
    let base = base(&fixture);
    asked(&fixture, "a", "1", &[("en", first), ("ru", "Вы продаёте велосипеды в кредит?")]).await;
    asked(&fixture, "a", "2", &[("en", "can you repair an old bicycle"), ("en", "Where is the car park?")])
        .await;
    asked(&fixture, "b", "3", &[("en", first)]).await;
    let gaps = shown(&base).await;
    assert_eq!(gaps.len(), 4);
    assert_eq!(gaps[0], ("a".to_owned(), 2, first.to_owned()));

    let id = base.gaps(Some("a"), &EmbeddingsConfig::default()).await.unwrap()[0].id;
    asked(&fixture, "a", "4", &[("en", "Could you repair my old bicycle?")]).await;
    let gap = &base.gaps(Some("a"), &EmbeddingsConfig::default()).await.unwrap()[0];
    assert_eq!((gap.id, gap.questions), (id, 3));
    // Dismissed, it does not come back.
    assert_eq!(base.dismiss(id).await.unwrap().state, "dismissed");
    asked(&fixture, "a", "5", &[("en", "do you repair old bicycles")]).await;
    assert_eq!(shown(&base).await.len(), 3);
    assert!(base.dismiss(id).await.is_err());
}

#[tokio::test]
async fn an_approved_answer_is_found_from_then_on() {
    let fixture = fixture().await;
    let base = base(&fixture);
    asked(
        &fixture,
        "a",
        "1",
        &[("en", "Do you repair old bicycles?"), ("en", "can you repair an old bicycle")],
    )
    .await;
    let id = base.gaps(None, &EmbeddingsConfig::default()).await.unwrap()[0].id;
    assert!(base.approve(id, None, None).await.unwrap_err().to_string().contains("no draft"));
    assert!(
        base.approve(id, Some("From ____ euros."), None).await.unwrap_err().to_string().contains("blanks")
    );
    let text = Some("Yes, we repair bicycles of any age.");
    for (text, title) in [(text, Some("Is it <NAME_1> who repairs?")), (Some("Ask <NAME_1>."), None)] {
        assert!(base.approve(id, text, title).await.unwrap_err().to_string().contains("a mask"));
    }
    let approved = base.approve(id, text, Some("Do you repair old bicycles?")).await.unwrap();
    assert_eq!((approved.asked_again, approved.answered), (2, 2));
    assert_eq!((approved.document.kind.as_str(), approved.document.state.as_str()), ("answer", "ready"));
    assert!(shown(&base).await.is_empty());
    assert!(base.approve(id, Some("Again."), None).await.is_err());
    // Taken away, it is unknown again.
    base.remove(approved.document.id).await.unwrap();
    let search = Search::new(fixture.pool.clone(), None);
    let found = search.find(&Scope::of_given("a"), Lang::EN, "Do you repair old bicycles?").await.unwrap();
    assert!(found.is_empty());
}

#[tokio::test]
async fn a_model_drafts_and_a_person_decides() {
    let fixture = fixture().await;
    let base = base(&fixture);
    let server = MockServer::start().await;
    let completion = json!({
        "model": "m-1",
        "choices": [{ "message": { "role": "assistant", "content": "Yes, a repair is $90." }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 100, "completion_tokens": 10 }
    });
    let answer = ResponseTemplate::new(200).set_body_json(completion);
    Mock::given(method("POST")).respond_with(answer).mount(&server).await;
    asked(&fixture, "a", "1", &[("en", "Do you repair old bicycles?")]).await;
    let id = base.gaps(None, &EmbeddingsConfig::default()).await.unwrap()[0].id;
    let without = LlmConfig::default();
    assert!(base.draft(&without, id).await.unwrap_err().to_string().contains("no model is configured"));
    let config = LlmConfig { base_url: server.uri(), model: "m".to_owned(), ..LlmConfig::default() };
    let gap = base.draft(&config, id).await.unwrap();
    assert_eq!(gap.draft.as_deref(), Some("Yes, a repair is $90."));
    assert!(gap.draft_problem.unwrap().contains("90 dollar"), "what nothing backs is pointed out");
    let money =
        costs(&fixture.pool, &config.money, Clock::system().now(), None, Some(By::Mode)).await.unwrap();
    let spent: Vec<_> = money.lines.iter().map(|line| (line.name.as_str(), line.prompt_tokens)).collect();
    assert_eq!(spent, [("gap_draft", 100)], "it is on the bill");
    let sent = server.received_requests().await.unwrap();
    assert!(String::from_utf8_lossy(&sent[0].body).contains("Do you repair old bicycles?"));
    let approved = base.approve(id, None, None).await.unwrap();
    let title = approved.document.title;
    assert!(title.starts_with("FAQ ") && !title.contains("bicycle"), "nobody is quoted: {title}");
}

#[tokio::test]
async fn the_questions_of_a_person_who_is_erased_are_gone() {
    let fixture = fixture().await;
    let base = base(&fixture);
    asked(&fixture, "a", "1", &[("en", "Do you repair old bicycles?"), ("en", "Where is the car park?")])
        .await;
    asked(&fixture, "a", "2", &[("en", "can you repair an old bicycle")]).await;
    assert_eq!(shown(&base).await.len(), 2);
    let mut connection = fixture.pool.acquire().await.unwrap();
    assert_eq!(gaps::held(&mut connection, "1").await.unwrap(), 2);
    assert_eq!(gaps::erase_in_tx(&mut connection, "1").await.unwrap(), 2);
    assert_eq!(gaps::held(&mut connection, "1").await.unwrap(), 0);
    let left = [("a".to_owned(), 1, "can you repair an old bicycle".to_owned())];
    assert_eq!(shown(&base).await, left);
}
