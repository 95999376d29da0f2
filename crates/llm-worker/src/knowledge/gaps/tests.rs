//! The gap report, on a real Postgres, with drafts by a model over HTTP.

use bot_folder::Lang;
use ids::{Clock, Ids, SignedDuration};
use serde_json::json;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::knowledge::SURE;
use crate::knowledge::search::Search;
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

/// Settings of a place that has no folder of the bot.
fn settings() -> LlmConfig {
    LlmConfig { bots_dir: "nowhere".into(), ..LlmConfig::default() }
}

/// What the bot `a` finds first, where that is sure enough to be passed on.
async fn answer(fixture: &Fixture, language: Lang, asked: &str) -> Option<String> {
    let search = Search::new(fixture.pool.clone(), None);
    let found = search.find(&Scope::of_given("a"), language, asked).await.unwrap();
    found.into_iter().next().filter(|source| source.confidence >= SURE).map(|source| source.text)
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
    assert!(base.approve(&settings(), id, None, None).await.unwrap_err().to_string().contains("no draft"));
    assert!(
        base.approve(&settings(), id, Some("From ____ euros."), None)
            .await
            .unwrap_err()
            .to_string()
            .contains("blanks")
    );
    let text = Some("Yes, we repair bicycles of any age.");
    for (text, title) in [(text, Some("Is it <NAME_1> who repairs?")), (Some("Ask <NAME_1>."), None)] {
        assert!(base.approve(&settings(), id, text, title).await.unwrap_err().to_string().contains("a mask"));
    }
    let approved = base.approve(&settings(), id, text, Some("Do you repair old bicycles?")).await.unwrap();
    assert_eq!((approved.asked_again, approved.answered), (2, 2));
    assert_eq!((approved.document.kind.as_str(), approved.document.state.as_str()), ("answer", "ready"));
    assert!(shown(&base).await.is_empty());
    assert!(base.approve(&settings(), id, Some("Again."), None).await.is_err());
    // Taken away, it is unknown again.
    base.remove(approved.document.id).await.unwrap();
    let search = Search::new(fixture.pool.clone(), None);
    let found = search.find(&Scope::of_given("a"), Lang::EN, "Do you repair old bicycles?").await.unwrap();
    assert!(found.is_empty());
}

#[tokio::test]
async fn the_very_questions_find_an_answer_that_shares_no_word_with_them() {
    let fixture = fixture().await;
    let base = base(&fixture);
    let swallow = "What is the airspeed velocity of an unladen swallow?";
    asked(&fixture, "a", "1", &[("en", swallow), ("ru", "какая погода завтра")]).await;
    asked(&fixture, "a", "2", &[("en", "airspeed of the unladen swallow, Mr <NAME_1>?")]).await;
    let gaps = base.gaps(None, &EmbeddingsConfig::default()).await.unwrap();
    assert_eq!(gaps.iter().map(|gap| gap.questions).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(answer(&fixture, Lang::EN, swallow).await, None);
    let fast = "About 11 metres per second.";
    let approved = base.approve(&settings(), gaps[0].id, Some(fast), None).await.unwrap();
    assert_eq!((approved.asked_again, approved.answered), (2, 2));
    assert_eq!((approved.document.title.as_str(), approved.document.passages), (swallow, 1));
    let approved = base.approve(&settings(), gaps[1].id, Some("Обещают дождь."), None).await.unwrap();
    assert_eq!((approved.answered, approved.document.title.as_str()), (1, "какая погода завтра"));
    for (language, question, wanted) in [
        (Lang::EN, swallow, Some(fast)),
        (Lang::EN, "Hi! Please tell me the airspeed of an unladen swallow", Some(fast)),
        (Lang::EN, "Which airspeed do unladen swallows have?", Some(fast)),
        (Lang::EN, "Do you sell swallow nests and cages?", None),
        (Lang::RU, "какая погода завтра", Some("Обещают дождь.")),
        (Lang::RU, "Подскажите, пожалуйста, какая завтра погода?", Some("Обещают дождь.")),
        (Lang::RU, "Завтра вы работаете без выходных?", None),
    ] {
        assert_eq!(answer(&fixture, language, question).await.as_deref(), wanted, "{question}");
    }
    assert!(shown(&base).await.is_empty());
    // What it is found by stays, however old the questions are.
    let later = Clock::system().now().checked_add(SignedDuration::from_hours(24 * 400)).unwrap();
    gaps::forget(&fixture.pool, later).await.unwrap();
    assert_eq!(base.gap(gaps[0].id).await.unwrap().questions, 2);
}

#[tokio::test]
async fn a_gap_whose_questions_do_not_find_the_answer_stays_open() {
    let fixture = fixture().await;
    let base = base(&fixture);
    asked(&fixture, "a", "1", &[("ru", "Кто вы?"), ("en", "Do you repair old bicycles?")]).await;
    let gaps = base.gaps(None, &EmbeddingsConfig::default()).await.unwrap();
    let id = gaps.iter().find(|gap| gap.language == "ru").unwrap().id;
    let approved = base.approve(&settings(), id, Some("Пекарня."), None).await.unwrap();
    assert_eq!((approved.asked_again, approved.answered, approved.found_instead), (1, 0, None));
    let gap = base.gap(id).await.unwrap();
    assert_eq!((gap.state.as_str(), gap.given_id), ("open", Some(approved.document.id)));
    // The next attempt takes the place of this one.
    let approved = base.approve(&settings(), id, Some("Мы пекарня."), Some("О нас")).await.unwrap();
    assert_eq!(approved.answered, 0);
    let given = base.list(None).await.unwrap();
    assert_eq!(given.iter().map(|given| given.title.as_str()).collect::<Vec<_>>(), ["О нас"]);
    assert_eq!(shown(&base).await.len(), 2);
}

#[tokio::test]
async fn whoever_is_erased_is_neither_in_the_heading_nor_in_what_the_answer_is_found_by() {
    let fixture = fixture().await;
    let base = base(&fixture);
    asked(&fixture, "a", "1", &[("en", "Do you repair old bicycles of the brand Zebulon?")]).await;
    asked(&fixture, "a", "2", &[("en", "can you repair an old bicycle of a brand")]).await;
    let id = base.gaps(None, &EmbeddingsConfig::default()).await.unwrap()[0].id;
    let approved = base.approve(&settings(), id, Some("Yes, of any age."), None).await.unwrap();
    assert_eq!(approved.answered, 2);
    assert!(approved.document.title.contains("Zebulon"));
    let mut connection = fixture.pool.acquire().await.unwrap();
    for (conversation, heading) in
        [("1", "can you repair an old bicycle of a brand"), ("2", "Yes, of any age.")]
    {
        assert_eq!(gaps::erase_in_tx(&mut connection, conversation).await.unwrap(), 1);
        let (given, _) = base.show(approved.document.id).await.unwrap();
        assert_eq!((given.title.as_str(), given.place.as_str()), (heading, heading));
        let found = answer(&fixture, Lang::EN, "do you repair old bicycles of a brand").await;
        assert_eq!(found.is_some(), conversation == "1");
        let kept = gaps::naming(&mut connection, "zebulon").await.unwrap();
        assert_eq!(kept, 0);
    }
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
    let approved = base.approve(&config, id, None, None).await.unwrap();
    assert_eq!(approved.document.title, "Do you repair old bicycles?");
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
