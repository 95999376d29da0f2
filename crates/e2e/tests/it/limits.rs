//! Somebody whose messages look like spam, and an admin who sees that they are a person.

use e2e::{Choices, Installation, Placement, Updates};
use serde_json::{Value, json};

/// What may be on a button of the challenge, and how its text names it.
const ITEMS: [(&str, &str); 8] = [
    ("🐟", "the fish"),
    ("🔑", "the key"),
    ("☂️", "the umbrella"),
    ("🚲", "the bicycle"),
    ("🍋", "the lemon"),
    ("🦉", "the owl"),
    ("⛵", "the sailboat"),
    ("🕰", "the clock"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_paused_appeals_and_is_let_in_again_by_an_admin() {
    let installation = Installation::start(Placement::OneProcess, Choices::new(Updates::Webhook)).await;
    let admin = async |args: &[&str]| installation.dragoman(&[&["limits"], args].concat()).await;
    assert_eq!(admin(&["list"]).await.fine().trim(), "nobody is limited");

    let dora = installation.person("Dora", "en").await;
    dora.writes("Earn money from home, write to me").await;
    let asked = dora.hears("looks like spam").await;
    let is_meant = |label: &str| {
        ITEMS.iter().any(|(button, name)| *button == label && asked.text.contains(&format!("press {name},")))
    };
    let labels: Vec<&str> = asked.buttons.iter().map(|(label, _)| label.as_str()).collect();
    assert_eq!(labels.iter().filter(|label| is_meant(label)).count(), 1, "{asked:?}");
    let wrong = labels.iter().find(|label| !is_meant(label)).unwrap();
    dora.presses(wrong).await;
    dora.hears("take a break").await;

    let listed: Value = serde_json::from_str(admin(&["list", "--json"]).await.fine().trim()).unwrap();
    assert_eq!(
        (&listed["person"], &listed["change"], &listed["why"], &listed["appealed"]),
        (&json!(dora.id), &json!("paused"), &json!("wrong_answer"), &json!(false)),
        "{listed}"
    );
    dora.writes("/appeal I am a teacher and show how spam looks").await;
    dora.hears("passed it on").await;
    let id = dora.id.to_string();
    let whom = ["--bot", e2e::BOT, &id];
    let shown = admin(&[&["show"], &whom[..]].concat()).await.fine();
    assert!(shown.contains("“/appeal I am a teacher and show how spam looks”"), "{shown}");
    assert!(admin(&["list"]).await.fine().contains("wrong_answer, has appealed"));

    let lifted = admin(&[&["lift"], &whom[..]].concat()).await.fine();
    assert!(lifted.contains("lifts it as soon as it runs"), "{lifted}");
    dora.hears("I answer you again").await;
    dora.writes("How much does it cost?").await;
    dora.hears("It depends on the task").await;
    assert_eq!(admin(&["list"]).await.fine().trim(), "nobody is limited");
    let again = admin(&[&["lift"], &whom[..]].concat()).await.sentence();
    assert_eq!(again, "dragoman: there is nothing to lift; see dragoman limits list");
    installation.stop().await;
}
