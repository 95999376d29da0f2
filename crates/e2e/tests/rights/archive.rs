use std::io::{Cursor, Read};

use ids::SignedDuration;
use serde_json::Value;
use testkit::until;
use zip::ZipArchive;

use crate::world::{ROLES, World, becomes_known};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_gets_everything_that_is_held_of_them_once_a_day() {
    let world = World::new().await;
    let app = world.start(&ROLES).await;
    let anna = world.person("Annabella").await;
    becomes_known(&anna, "annabella@example.com").await;
    world.crm.lead_of(anna.id).await;
    anna.writes("=HYPERLINK(\"http://evil.example\")").await;
    anna.hears("").await;
    until("the CRM's answer is noted", async || {
        let sql = "select count(*) from delivery where state = 'delivered'";
        let done: i64 = sqlx::query_scalar(sql).fetch_one(world.stage.pool("crm")).await.unwrap();
        (done == 1).then_some(())
    })
    .await;
    // Half of it stands in the archive of the idle by then.
    world.days_pass(91);
    until("the conversation is archived", async || {
        // The chore has its turn once in six hours.
        let due = "update job set run_at = now() where queue = 'bot.retention' and state <> 3";
        sqlx::query(due).execute(world.stage.pool("bot")).await.unwrap();
        (world.count("select count(*) from message_archive").await > 0).then_some(())
    })
    .await;
    assert_eq!(world.count("select count(*) from message").await, 0);

    anna.writes("/mydata").await;
    anna.hears("I am putting together everything").await;
    let (name, caption, bytes) = world.document(&anna, ".zip").await;
    assert!(name.starts_with("dev2production-") && caption.contains("/forget"), "{name} {caption}");
    assert!(!caption.contains("Missing"), "{caption}");
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut file = |name: &str| {
        let mut text = String::new();
        zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    assert!(file("README.txt").contains("messages.csv"));
    let messages: Vec<Value> = serde_json::from_str(&file("messages.json")).unwrap();
    let said = |from: &str, text: &str| {
        messages.iter().any(|one| one["from"] == from && one["text"].as_str().unwrap().contains(text))
    };
    assert!(said("you", "moon over Saratov") && said("bot", "Thank you") && said("you", "/mydata"));
    assert!(said("you", "=HYPERLINK"), "JSON is exact");
    let table = file("messages.csv");
    assert!(table.contains("\"'=HYPERLINK(\"\"http://evil.example\"\")\""), "{table}");
    assert!(table.lines().count() > messages.len(), "every message has a line");
    let leads: Vec<Value> = serde_json::from_str(&file("leads.json")).unwrap();
    assert_eq!(leads.len(), 1);
    assert_eq!(leads[0]["contact"]["email"], "annabella@example.com");
    assert!(file("leads.csv").contains("annabella@example.com"));
    let profile: Value = serde_json::from_str(&file("profile.json")).unwrap();
    assert_eq!(profile["chat_id"], anna.id);
    let services: Value = serde_json::from_str(&file("other_services.json")).unwrap();
    assert_eq!(services["llm"][0]["kind"], "questions");
    assert!(services["llm"][0]["count"].as_i64().unwrap() > 0, "{services:#}");
    assert_eq!(services["crm"][0]["details"][0]["state"], "delivered", "{services:#}");
    assert!(
        services["analytics"].as_array().unwrap().len() > 2 && services["gateway"].is_array(),
        "{services:#}"
    );

    anna.hears("").await;
    anna.writes("/mydata").await;
    anna.hears("ask again in 24 h").await;
    world.hands.advance(SignedDuration::from_hours(25));
    anna.writes("/mydata").await;
    anna.hears("I am putting together everything").await;
    until("nothing of it stays", async || {
        (world.count("select count(*) from data_export").await == 0).then_some(())
    })
    .await;
    app.stop().await;
}
