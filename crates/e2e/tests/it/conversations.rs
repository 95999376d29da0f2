//! An operator reads what was said, and asks what another version of the bot had said.

use e2e::{Attachment, Choices, Installation, Model, Placement, Updates};
use serde_json::Value;

use crate::versions::changed_bot;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_is_read_again_and_held_again() {
    let model = Model::start("Yes, <b>penguins</b> are fine with us [1].").await;
    let choices = Choices::new(Updates::Webhook).model(&model);
    let installation = Installation::start(Placement::OneProcess, choices).await;
    let anna = installation.person("Anna", "en").await;
    anna.writes("/start").await;
    anna.hears("Hi, Anna. I am DevBot").await;
    anna.writes("How do you set up CI/CD?").await;
    anna.hears("We start from how you release today").await;
    anna.writes("Which penguins live in your office in winter?").await;
    anna.hears("Yes, <b>penguins</b> are fine with us.").await;

    let listed = installation.dragoman(&["conversation", "list", "--json"]).await.fine();
    let talk: Value = serde_json::from_str(listed.lines().next().unwrap()).unwrap();
    let id = talk["id"].as_str().unwrap();
    assert_eq!((&talk["bot"], &talk["messages"]), (&"dev2production".into(), &6.into()), "{listed}");

    let shown = installation.dragoman(&["conversation", "replay", id]).await.fine();
    for part in ["→ command 1.00", "→ faq:cicd 1.00", "→ model 0.", "model answered: default", "$0.0"] {
        assert!(shown.contains(part), "{part} is missing:\n{shown}");
    }
    let json = installation.dragoman(&["conversation", "replay", id, "--format", "json"]).await.fine();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert!(json["cost_micros"].as_i64().unwrap() > 0, "{json}");
    assert_eq!(json["items"][2]["intent"], "faq:cicd", "{json}");
    let page = installation.dragoman(&["conversation", "replay", id, "--format", "html"]).await.fine();
    assert!(page.contains("Yes, &lt;b&gt;penguins&lt;/b&gt;") && !page.contains("<b>penguins"), "{page}");

    let asked_before = model.calls().await.len();
    let folder = changed_bot(installation.folder());
    let what_if = ["conversation", "what-if", id, "--folder", folder.to_str().unwrap(), "--format", "json"];
    let held: Value = serde_json::from_str(&installation.dragoman(&what_if).await.fine()).unwrap();
    let same: Vec<bool> =
        held["pairs"].as_array().unwrap().iter().map(|pair| pair["same"].as_bool().unwrap()).collect();
    assert_eq!(same, [false, true, false], "{held:#}");
    let answer = held["pairs"][2]["now"][0].as_str().unwrap();
    assert!(answer.contains("Source: Penguins"), "its knowledge is that of the other version: {held:#}");
    let now = held["pairs"][0]["now"][0].as_str().unwrap();
    assert!(now.starts_with("Welcome to the new version"), "{held:#}");
    assert_eq!(model.calls().await.len(), asked_before + 1, "the same model was asked again");
    assert_eq!(anna.heard_so_far().await.len(), 3, "and nobody was sent anything");

    anna.writes("/start").await;
    anna.hears("Hi, Anna. I am DevBot").await;
    anna.presses("🧰 Services").await;
    anna.hears("What we do:").await;
    anna.sends(Attachment { name: "tender.txt", content: b"In ten pages.", caption: "", album: "" }).await;
    anna.hears("Got it: tender.txt").await;
    let page = installation.dragoman(&["conversation", "replay", id, "--format", "html"]).await.fine();
    for part in [
        "title=\"show:services\">▸ 🧰 Services</div><div class=\"taken soft\">button show:services → ",
        "<li>🧰 Services</li>",
        ">📎 tender.txt</div>",
    ] {
        assert!(page.contains(part), "{part} is missing:\n{page}");
    }

    let nobody =
        installation.dragoman(&["conversation", "replay", "00000000-0000-7000-8000-000000000000"]).await;
    let sentence = "dragoman: there is no conversation 00000000-0000-7000-8000-000000000000; see dragoman conversation list";
    assert_eq!(nobody.sentence(), sentence);
    installation.stop().await;
}
