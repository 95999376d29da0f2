//! Parts of answers that come late, twice, after the answer, or to a Telegram that does not want them.

use events::DRAFTED;
use events::message::bot::ModelRequested;
use events::message::llm::AnswerDraft;
use serde_json::{Value, json};
use testkit::until;
use wiremock::matchers::path;
use wiremock::{Mock, Request, ResponseTemplate};

use crate::turns::World;

const DRAFTS: &str = "/bot1:token-of-a/sendMessageDraft";

/// What the worker tells of an answer under way.
async fn drafted(world: &World, request: &ModelRequested, (generation, number): (u32, u32), text: &str) {
    let draft = AnswerDraft {
        request_id: request.request_id.clone(),
        bot: request.bot.clone(),
        chat_id: request.chat_id,
        generation,
        number,
        text: text.to_owned(),
    };
    world.stage.bus().core_publish(DRAFTED, draft.to_bytes().into()).await.unwrap();
}

async fn drafts(world: &World) -> Vec<Value> {
    let calls = world.telegram.received_requests().await.unwrap();
    let drafts = calls.iter().filter(|call| call.url.path() == DRAFTS);
    drafts.map(|call: &Request| serde_json::from_slice(&call.body).unwrap()).collect()
}

/// The texts of all drafts, once the last of them is this.
async fn shown_until(world: &World, text: &str) -> Vec<String> {
    until(&format!("a draft says {text}"), async || {
        let texts: Vec<String> =
            drafts(world).await.iter().map(|draft| draft["text"].as_str().unwrap().to_owned()).collect();
        texts.last().is_some_and(|last| last == text).then_some(texts)
    })
    .await
}

#[tokio::test]
async fn what_comes_late_or_after_the_answer_is_never_shown() {
    let mut world = World::new("{ quiet_ms: 0 }").await;
    // A second replica looks on.
    world.start_another().await;
    world.says(1, "how many moons has Jupiter").await;
    let first = world.is_asked().await;
    assert!(first.live);
    drafted(&world, &first, (257, 2), "It has many.").await;
    shown_until(&world, "It has many.").await;
    drafted(&world, &first, (257, 1), "It").await;
    drafted(&world, &first, (258, 1), "Another model knows.").await;
    shown_until(&world, "Another model knows.").await;
    drafted(&world, &first, (257, 3), "It has many. They are small.").await;
    world.answers(&first, "Ninety-five.").await;
    assert_eq!(world.sees(1).await[0].1, "Ninety-five.");
    drafted(&world, &first, (258, 2), "Another model knows. It is not sure.").await;
    world.stage.bus().core_publish(DRAFTED, "no message".into()).await.unwrap();

    world.says(2, "how many moons has Saturn").await;
    let second = world.is_asked().await;
    drafted(&world, &second, (257, 1), "It has more.").await;
    let shown = shown_until(&world, "It has more.").await;
    assert_eq!(shown, ["It has many.", "Another model knows.", "It has more."]);
    let ids: Vec<Value> = drafts(&world).await.iter().map(|draft| draft["draft_id"].clone()).collect();
    assert!(ids[0] == ids[1] && ids[1] != ids[2], "{ids:?}");
    world.answers(&second, "A hundred and forty-six.").await;
    world.sees(2).await;
    world.stop().await;
}

#[tokio::test]
async fn an_error_ends_the_drafts_of_one_answer_and_of_no_other() {
    let mut world = World::new("{ quiet_ms: 0 }").await;
    let refused = json!({ "ok": false, "error_code": 400, "description": "Bad Request: no drafts today" });
    let refuse = ResponseTemplate::new(400).set_body_json(refused);
    Mock::given(path(DRAFTS))
        .respond_with(refuse)
        .up_to_n_times(1)
        .with_priority(1)
        .mount(&world.telegram)
        .await;
    world.says(1, "how many moons has Jupiter").await;
    let first = world.is_asked().await;
    drafted(&world, &first, (257, 1), "It has many.").await;
    shown_until(&world, "It has many.").await;
    drafted(&world, &first, (257, 2), "It has many. They are small.").await;
    world.answers(&first, "Ninety-five.").await;
    world.sees(1).await;
    world.says(2, "how many moons has Saturn").await;
    let second = world.is_asked().await;
    drafted(&world, &second, (257, 1), "It has more.").await;
    assert_eq!(shown_until(&world, "It has more.").await, ["It has many.", "It has more."]);
    world.answers(&second, "A hundred and forty-six.").await;
    world.sees(2).await;
    world.stop().await;
}

#[tokio::test]
async fn what_was_shown_of_a_question_in_whose_place_another_came_is_not_kept() {
    let mut world = World::new("{ quiet_ms: 0 }").await;
    let rows = "select count(*) from draft";
    world.says(1, "how many moons has Jupiter").await;
    let first = world.is_asked().await;
    drafted(&world, &first, (257, 1), "It has many.").await;
    shown_until(&world, "It has many.").await;
    // The call has ended.
    world
        .until_count("nothing is shown any more", "select count(*) from draft where calling_until is null", 1)
        .await;
    world.says(2, "and how many has Saturn").await;
    let second = world.is_asked().await;
    assert_ne!(first.request_id, second.request_id);
    world.until_count("only the second question is open", rows, 1).await;
    world.answers(&first, "Ninety-five.").await;
    world.answers(&second, "A hundred and forty-six.").await;
    assert_eq!(world.sees(1).await[0].1, "A hundred and forty-six.");
    world.until_count("no words are left", rows, 0).await;
    world.stop().await;
}

#[tokio::test]
async fn a_piece_for_a_bot_that_is_served_elsewhere_counts_against_nothing() {
    let mut world = World::new("{ quiet_ms: 0 }").await;
    world.says(1, "how many moons has Jupiter").await;
    let first = world.is_asked().await;
    let elsewhere = ModelRequested {
        request_id: ids::Ids::system().request().to_string(),
        bot: "elsewhere".to_owned(),
        ..first.clone()
    };
    sqlx::query(
        "insert into draft (request_id, bot, chat_id, conversation_id, is_group)
         values ($1::uuid, 'elsewhere', 7, gen_random_uuid(), false)",
    )
    .bind(&elsewhere.request_id)
    .execute(world.stage.pool("bot"))
    .await
    .unwrap();
    drafted(&world, &elsewhere, (257, 1), "It has many.").await;
    // Heard later, and shown.
    drafted(&world, &first, (257, 1), "It has many.").await;
    shown_until(&world, "It has many.").await;
    world.answers(&first, "Ninety-five.").await;
    world.sees(1).await;
    let claimed = "select (select count(*) from draft where number > 0 and bot = 'elsewhere')
                        + (select count(*) from rate_limit where key like '%elsewhere%')";
    world.until_count("nothing is counted", claimed, 0).await;
    world.stop().await;
}
