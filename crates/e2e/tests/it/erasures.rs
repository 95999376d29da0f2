//! An operator looks at those who want to be forgotten, and calls one off.

use e2e::{Choices, Installation, Placement, Updates};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_sees_who_wants_to_be_forgotten_and_can_call_it_off() {
    let installation = Installation::start(Placement::OneProcess, Choices::new(Updates::Webhook)).await;
    let list = installation.dragoman(&["erasures", "list"]).await.fine();
    assert_eq!(list.trim(), "nobody has asked to be forgotten");
    let dora = installation.person("Dora", "en").await;
    dora.writes("/forget").await;
    dora.hears("for 30 days nothing changes").await;
    dora.presses("🗑 Erase everything").await;
    dora.hears("your data will be erased on").await;

    let list = installation.dragoman(&["erasures", "list", "--json"]).await.fine();
    let one: Value = serde_json::from_str(list.trim()).unwrap();
    assert_eq!((&one["state"], &one["bot"]), (&json!("waiting"), &json!("dev2production")));
    assert!(!list.contains(&dora.id.to_string()), "an operator needs no number: {list}");
    let id = one["id"].as_str().unwrap();
    let shown = installation.dragoman(&["erasures", "show", id]).await.fine();
    assert!(shown.starts_with(&format!("{id} waiting")), "{shown}");

    let cancelled = installation.dragoman(&["erasures", "cancel", id]).await.fine();
    assert_eq!(cancelled.trim(), format!("{id} is called off; the person is told"));
    dora.hears("The erasure is called off").await;
    let again = installation.dragoman(&["erasures", "cancel", id]).await.sentence();
    assert!(again.contains("can not be taken back"), "{again}");
    dora.writes("/forget").await;
    dora.hears("for 30 days nothing changes").await;
    installation.stop().await;
}
