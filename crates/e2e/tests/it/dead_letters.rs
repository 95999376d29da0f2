//! What could not be delivered waits for an operator, who repairs the cause and sends it back.

use e2e::{Choices, Crm, Installation, Placement, Updates};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lead_for_an_endpoint_that_is_gone_is_replayed_to_the_new_one() {
    let crm = Crm::start().await;
    crm.answers(410);
    let choices = Choices::new(Updates::Webhook);
    let mut installation =
        Installation::start(Placement::OneProcess, choices.clone().crm(&crm, "/old")).await;
    assert_eq!(
        installation.dragoman(&["dead-letters", "list"]).await.fine().trim(),
        "there are no dead letters"
    );
    let dora = installation.person("Dora", "en").await;
    dora.leaves_a_lead("dora@example.com").await;

    let first = crm.lead_of(dora.id).await;
    let letter = dead_letter(&installation).await;
    assert_eq!((&letter["service"], &letter["kind"]), (&json!("crm"), &json!("job")), "{letter}");
    let listed = installation.dragoman(&["dead-letters", "list", "--service", "crm"]).await.fine();
    assert!(
        listed
            .contains("first answered 410 Gone and is not called any more; mend it or give it a new address"),
        "{listed}"
    );
    assert!(!listed.contains("dora@example.com"), "a dead letter tells no personal data: {listed}");
    let failed = installation
        .api()
        .kpi_when("that the delivery failed", |kpi| kpi.count("/deliveries/failed") == 1)
        .await;
    assert_eq!(failed.count("/deliveries/delivered"), 0);
    let unknown = installation.dragoman(&["dead-letters", "replay", "--service", "crm", "999"]).await;
    let sentence = "dragoman: crm has no dead letter 999; see dragoman dead-letters list --service crm";
    assert_eq!(unknown.sentence(), sentence);

    let replay = async |installation: &Installation, what: &[&str]| {
        installation.dragoman(&[&["dead-letters", "replay", "--service", "crm"], what].concat()).await
    };
    let other = replay(&installation, &["--all", "--consumer", "crm.nobody"]).await.sentence();
    assert!(other.starts_with("dragoman: crm has no dead letter of crm.nobody; see"), "{other}");

    crm.answers(204);
    installation.restart(choices.crm(&crm, "/new")).await;
    let consumer = letter["source"].as_str().unwrap();
    let replayed = replay(&installation, &["--all", "--consumer", consumer]).await.fine();
    assert_eq!(replayed.trim(), "crm handles 1 again");
    let second = async || crm.received().await.get(1).cloned();
    let second = testkit::until("the lead reaches the new address", second).await;
    assert_eq!((first.path.as_str(), second.path.as_str()), ("/old", "/new"));
    assert_eq!(
        (&second.webhook_id, &second.body),
        (&first.webhook_id, &first.body),
        "it is the same delivery"
    );
    installation
        .api()
        .kpi_when("that the delivery arrived", |kpi| kpi.count("/deliveries/delivered") == 1)
        .await;
    installation.stop().await;
}

/// The only one there will be, as programs read it.
async fn dead_letter(installation: &Installation) -> Value {
    let list = async || {
        let listed = installation.dragoman(&["dead-letters", "list", "--json"]).await.fine();
        let letters: Vec<Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(letters.len() <= 1, "{listed}");
        letters.into_iter().next()
    };
    testkit::until("there is a dead letter", list).await
}
