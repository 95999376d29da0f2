//! `dragoman up` with bots and settings of one's own.

use std::fs;

use e2e::Person;
use serde_json::Value;

use crate::place::Place;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_bot_below_bots_is_served_and_a_mistake_in_one_keeps_no_other_from_it() {
    let place = Place::new().with_bots_of_its_own();
    for name in ["corner-shop", "broken"] {
        assert!(place.dragoman(&["bot", "new", name]).await.ok, "{name}");
    }
    fs::write(place.folder.path().join("bots/broken/menu.yml"), "commands: [\n").unwrap();
    let (up, said) = place.up().await;
    assert!(said.contains("\n  bots           dev2production, corner-shop\n"), "{said}");
    let left_out = said.lines().find(|line| line.starts_with("  left out       ")).unwrap();
    assert!(left_out.contains(" bots/broken/menu.yml:"), "{left_out}");
    assert!(left_out.ends_with("(dragoman bot check bots/broken); mend it and start again"), "{left_out}");
    let vera = Person::new(&up.chat_page, "Vera", "en").await;
    vera.writes("/start").await;
    vera.hears("Hi, Vera. I am DevBot").await;
    let names: Vec<Value> =
        vera.bots().await.into_iter().map(|mut bot| bot["user"]["first_name"].take()).collect();
    assert_eq!(names, ["DevBot", "Robin"]);
    let vera = vera.turns_to("corner-shop");
    vera.writes("/start").await;
    vera.hears("Hi, Vera. I am Robin").await;
    let held = place.dragoman(&["conversation", "list", "--bot", "corner-shop", "--json"]).await.fine();
    assert_eq!(held.lines().count(), 1, "{held}");
    place.interrupt(up.process).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_of_ones_own_lie_over_what_it_says_itself_for_it_and_for_every_command() {
    let place = Place::new();
    let own = place.folder.path().join("dragoman.toml");
    let said = async |text: &str| {
        fs::write(&own, text).unwrap();
        place.refuses(&[]).await
    };
    let sentence = said("[crm]\nalert = []\n").await;
    assert!(
        sentence.starts_with("dragoman: dragoman.toml:2:1: crm.alert: there is no such setting"),
        "{sentence}"
    );
    let sentence = said("[bot]\ndatabase_url = \"postgres://a:hunter2@b/c\"\n").await;
    assert!(
        sentence.starts_with("dragoman: dragoman.toml:2:1: bot.database_url belongs to an installation"),
        "{sentence}"
    );
    assert!(!place.folder.path().join(".dragoman/postgres").exists(), "nothing was started for that");

    let secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    let endpoint = |name: &str| {
        format!("[[crm.endpoints]]\nname = {name:?}\nurl = \"http://127.0.0.1:9/\"\nsecret = {secret:?}\n")
    };
    fs::write(&own, format!("[bot]\nlimits = false\n{}", endpoint("n8n"))).unwrap();
    let (up, _) = place.up().await;
    let checked = place.dragoman(&["config", "check"]).await.fine();
    let read =
        "read .dragoman/dragoman.toml, dragoman.toml over it, and the environment\nthe settings are fine\n";
    assert_eq!(checked, read);
    // This one needs the database that is written down below, and the endpoint that is above.
    let listed = place.dragoman(&["crm", "endpoints", "--json"]).await.fine();
    assert!(listed.contains("\"n8n\""), "{listed}");
    assert_eq!(place.dragoman(&["leads", "list"]).await.fine().lines().count(), 1);
    let vera = Person::new(&up.chat_page, "Vera", "en").await;
    vera.writes("/start").await;
    vera.hears("Hi, Vera. I am DevBot").await;
    place.interrupt(up.process).await;

    // Another file takes its place, and the commands find that one.
    fs::write(place.folder.path().join("other.toml"), endpoint("make")).unwrap();
    let (up, _) = place.up_with(&["-c", "other.toml"]).await;
    let listed = place.dragoman(&["crm", "endpoints", "--json"]).await.fine();
    assert!(listed.contains("\"make\"") && !listed.contains("\"n8n\""), "{listed}");
    place.interrupt(up.process).await;
}

#[tokio::test]
async fn where_there_are_no_settings_a_command_says_where_to_go() {
    let folder = tempfile::tempdir().unwrap();
    let sentence = e2e::command(folder.path(), &["leads", "list"], &[]).await.sentence();
    assert!(
        sentence.starts_with("dragoman: no settings are found here; go to the folder in which"),
        "{sentence}"
    );
    let database = [("DRAGOMAN__BOT__DATABASE_URL", "postgres://a:b@127.0.0.1:1/c")];
    let sentence = e2e::command(folder.path(), &["leads", "list"], &database).await.sentence();
    assert!(sentence.contains("bot can not use its database"), "{sentence}");
}
