//! How a bot is made known to Telegram, and what happens when another program takes it.

use e2e::{Choices, Installation, Placement, Updates};
use serde_json::{Value, json};

async fn text(installation: &Installation, method: &str, field: &str, language: &str) -> String {
    let told = installation.bot_api(method, json!({ "language_code": language })).await;
    told[field].as_str().unwrap().to_owned()
}

async fn webhook(installation: &Installation) -> Value {
    installation.bot_api("getWebhookInfo", json!({})).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_is_registered_in_every_language_and_verified() {
    let installation = Installation::start(Placement::OneProcess, Choices::new(Updates::Webhook)).await;
    installation.menu_shows("ru", "project", "Описать проект").await;
    let register = ["bot", "register", "dev2production"];
    let dry = installation.dragoman(&["bot", "register", "dev2production", "--dry-run"]).await.fine();
    assert!(dry.contains("description  ru        to be set"), "{dry}");
    assert_eq!(text(&installation, "getMyDescription", "description", "ru").await, "", "nothing was changed");

    let said = installation.dragoman(&register).await.fine();
    for line in [
        "dev2production is @dev2production_bot",
        "name         everybody set",
        "description  ru        set",
        "about        en        ",
        "commands     ru        as it was",
        "webhook                as it was: http://127.0.0.1:",
        "waiting                0 updates",
    ] {
        assert!(said.contains(line), "{line:?} is not in:\n{said}");
    }
    assert_eq!(text(&installation, "getMyName", "name", "").await, "DevBot");
    assert!(
        text(&installation, "getMyDescription", "description", "ru").await.starts_with("Отвечаю на вопросы")
    );
    assert!(
        text(&installation, "getMyDescription", "description", "de").await.starts_with("I answer questions")
    );
    let about = text(&installation, "getMyShortDescription", "short_description", "ru").await;
    assert!(about.starts_with("Разработка"), "{about}");

    let again = installation.dragoman(&["bot", "register", "dev2production", "--json"]).await.fine();
    let again: Value = serde_json::from_str(&again).unwrap();
    let outcomes: Vec<&str> =
        again["profile"].as_array().unwrap().iter().map(|row| row["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["unchanged"; 10], "{again}");
    assert_eq!(again["webhook"]["telegram"]["url"], again["webhook"]["url"]);
    let kinds = again["webhook"]["telegram"]["allowed_updates"].as_array().unwrap();
    assert!(kinds.contains(&json!("message_reaction")), "{kinds:?}");

    let unknown = installation.dragoman(&["bot", "register", "nobody"]).await.sentence();
    let sentence =
        "dragoman: no bot nobody in the settings ([telegram.bots.nobody]); there are: dev2production";
    assert_eq!(unknown, sentence);
    installation.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_another_program_takes_is_taken_back_and_then_the_alarm_is_raised() {
    let installation = Installation::start(Placement::OneProcess, Choices::new(Updates::Webhook)).await;
    installation.menu_shows("ru", "project", "Описать проект").await;
    let ours = testkit::until("it is set", async || {
        Some(webhook(&installation).await["url"].as_str()?.to_owned()).filter(|url| !url.is_empty())
    })
    .await;
    let elsewhere = json!({ "url": "http://127.0.0.1:9/other", "allowed_updates": ["message"] });
    for _ in 0..3 {
        installation.bot_api("setWebhook", elsewhere.clone()).await;
        testkit::until("it is ours again", async || {
            (webhook(&installation).await["url"] == ours).then_some(())
        })
        .await;
    }
    let kinds = webhook(&installation).await["allowed_updates"].as_array().unwrap().len();
    assert!(kinds > 20, "every kind is asked for again, not {kinds}");
    let anna = installation.person("Anna", "en").await;
    anna.writes("/start").await;
    anna.hears("Hi, Anna. I am DevBot").await;

    installation.bot_api("setWebhook", elsewhere).await;
    testkit::until("the alarm is raised", async || {
        let metrics = installation.api().text("/metrics").await;
        metrics.contains("dragoman_webhook_taken{bot=\"dev2production\"} 1").then_some(())
    })
    .await;
    assert_eq!(webhook(&installation).await["url"], "http://127.0.0.1:9/other");
    let said = installation.dragoman(&["bot", "register", "dev2production", "--dry-run"]).await.fine();
    assert!(said.contains("telegram has http://127.0.0.1:9/other"), "{said}");

    // The other program is stopped; the operator registers the bot again.
    let _ = installation.dragoman(&["bot", "register", "dev2production"]).await.fine();
    testkit::until("the alarm ends", async || {
        let metrics = installation.api().text("/metrics").await;
        metrics.contains("dragoman_webhook_taken{bot=\"dev2production\"} 0").then_some(())
    })
    .await;
    anna.writes("/help").await;
    anna.hears("Here is what I can do").await;
    installation.stop().await;
}
