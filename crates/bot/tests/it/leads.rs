//! A lead that a model's answer completes: the person is not there at that moment, and it is theirs all the same.

use events::message::llm::ModelAnswered;
use serde_json::{Value, json};
use testkit::until;

use crate::groups::{answers, request};
use crate::reminders::copy_folder;
use crate::support::{stage, start_from};
use crate::updates::{message, publish, telegram};

/// The shipped bot, whose brief ends with a question to the bot, and is sent without being shown.
fn asks_at_the_end() -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    let folder = copy.path().join("dev2production");
    copy_folder(&testkit::workspace_root().join("bots/dev2production"), &folder);
    let file = folder.join("flows/intake.yml");
    let text = std::fs::read_to_string(&file).unwrap();
    let (before, rest) = text.split_once("\nconfirm:\n").unwrap();
    let (_, rest) = rest.split_once("\nreminder:\n").unwrap();
    let (steps, done) = rest.split_once("\ndone:\n").unwrap();
    let question = r#"
  - id: question
    title: { en: "Question", ru: "Вопрос" }
    ask: { en: "What do you want to know?", ru: "Что хотите узнать?" }
    input: { question: {} }
"#;
    std::fs::write(&file, format!("{before}\nreminder:\n{steps}{question}\ndone:\n{done}")).unwrap();
    copy
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_that_a_models_answer_completes_is_of_the_person_who_asked() {
    let (telegram, mut stage) = (telegram().await, stage().await);
    // The deadline of the question, the reminder of the flow.
    stage.may_leave(&["job"]);
    let bots = asks_at_the_end();
    let app = start_from(&stage, &telegram.uri(), bots.path(), "").await;
    let chat = json!({ "id": 7, "type": "private" });
    let said = ["/project", "DevOps", "skip", "Exploring", "$20k", "ann@example.com"];
    for (number, text) in (1..).zip(said.into_iter().chain(["is there a way to grow tomatoes on the Moon?"]))
    {
        publish(&stage, "a", number, 7, message(&chat, text)).await;
    }
    let request_id = request(&stage).await;
    answers(&stage, ModelAnswered { request_id, chat_id: 7, ..ModelAnswered::default() }).await;
    let contact = until("a lead is captured", async || {
        sqlx::query_scalar::<_, Value>("select contact from lead")
            .fetch_optional(stage.pool("bot"))
            .await
            .unwrap()
    })
    .await;
    assert_eq!((&contact["telegram_user_id"], &contact["name"]), (&json!(7), &json!("Ann")), "{contact}");
    app.stop().await;
}
