//! A bot is changed while people talk with it: who is in the middle of a flow notices nothing, everybody else
//! gets the new version without a restart, and a mistake is taken back with one command.

use std::fs;
use std::path::{Path, PathBuf};

use e2e::{Choices, Installation, Placement, Updates};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_one_process() {
    a_version_is_published_and_taken_back(Placement::OneProcess).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_process_for_each_role() {
    a_version_is_published_and_taken_back(Placement::Split).await;
}

async fn a_version_is_published_and_taken_back(placement: Placement) {
    let installation = Installation::start(placement, Choices::new(Updates::Webhook)).await;
    let anna = installation.person("Anna", "en").await;
    anna.writes("/project").await;
    anna.hears("1/5. What are we talking about?").await;

    let folder = changed_bot(installation.folder());
    let folder = folder.to_str().unwrap();
    let shown = installation.dragoman(&["bot", "diff", folder]).await.fine();
    assert!(shown.contains("+        Welcome to the new version{, name}."), "{shown}");
    assert!(shown.contains("knowledge/penguins-en.md: not in version 1"), "{shown}");
    let said = installation.dragoman(&["bot", "publish", folder, "--note", "penguins"]).await.fine();
    assert!(said.starts_with("version 2 of dev2production ("), "{said}");
    let again = installation.dragoman(&["bot", "publish", folder]).await.fine();
    assert!(again.contains("is what is served already; nothing was changed"), "{again}");

    greeted(&installation, "Welcome to the new version").await;
    let bob = installation.person("Bob", "en").await;
    bob.writes("Which penguins live in your office in winter?").await;
    bob.hears("Three emperor penguins live in our office in winter").await;

    // She began before, so her questions stay as they were, and then she gets what everybody gets.
    anna.presses("Cloud or Kubernetes").await;
    let asked = anna.hears("2/5.").await;
    assert!(!asked.text.contains("penguins"), "{asked:?}");
    anna.writes("/cancel").await;
    anna.hears("All right, I stopped there.").await;
    anna.writes("/start").await;
    anna.hears("Welcome to the new version, Anna.").await;
    bob.writes("/project").await;
    bob.hears("1/5. Which penguins are we talking about?").await;

    let unknown = installation.dragoman(&["bot", "rollback", "dev2production", "--to", "9"]).await.sentence();
    let sentence = "dragoman: bot dev2production has no version 9; see dragoman bot list dev2production";
    assert_eq!(unknown, sentence);
    let back = installation.dragoman(&["bot", "rollback", "dev2production", "--to", "1"]).await.fine();
    assert!(back.starts_with("version 1 of dev2production ("), "{back}");
    greeted(&installation, "I am DevBot, the assistant of Dev2Production").await;
    bob.presses("DevOps, CI/CD").await;
    bob.hears("2/5. Tell me about the penguins").await;

    let listed = installation.dragoman(&["bot", "list", "dev2production", "--json"]).await.fine();
    let listed: Vec<Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<(i64, bool)> =
        listed.iter().map(|one| (one["number"].as_i64().unwrap(), one["served"] == true)).collect();
    assert_eq!(told, [(2, false), (1, true)], "{listed:#?}");
    assert_eq!(listed[0]["publications"][0]["note"], "penguins");
    installation.stop().await;
}

/// The shipped bot with another greeting, another flow and another page of knowledge, and without its scenarios.
pub(crate) fn changed_bot(below: &Path) -> PathBuf {
    let (shipped, copy) =
        (testkit::workspace_root().join("bots/dev2production"), below.join("dev2production"));
    for part in ["", "flows", "prompts", "knowledge"] {
        fs::create_dir_all(copy.join(part)).unwrap();
        for entry in fs::read_dir(shipped.join(part)).unwrap().map(Result::unwrap) {
            if entry.path().is_file() {
                fs::copy(entry.path(), copy.join(part).join(entry.file_name())).unwrap();
            }
        }
    }
    let change = |file: &str, old: &str, new: &str| {
        let text = fs::read_to_string(copy.join(file)).unwrap();
        assert!(text.contains(old), "{file} does not say {old:?} any more");
        fs::write(copy.join(file), text.replace(old, new)).unwrap();
    };
    change(
        "flows/onboarding.yml",
        "Hi{, name}. I am {bot}",
        "Welcome to the new version{, name}. I am {bot}",
    );
    change("flows/intake.yml", "What are we talking about?", "Which penguins are we talking about?");
    change("flows/intake.yml", "Tell me about it in a few", "Tell me about the penguins in a few");
    let page = "---\ntitle: Penguins\nlanguage: en\n---\n## Which penguins live in the office\n\
                Three emperor penguins live in our office in winter.\n";
    fs::write(copy.join("knowledge/penguins-en.md"), page).unwrap();
    copy
}

/// Services take a version within seconds: somebody new is greeted by it.
async fn greeted(installation: &Installation, with: &str) {
    let greeting = async || {
        let somebody = installation.person("Carl", "en").await;
        somebody.writes("/start").await;
        let heard = async || somebody.heard_so_far().await.into_iter().next();
        let greeting = testkit::until("somebody is greeted", heard).await;
        greeting.text.contains(with).then_some(())
    };
    testkit::until(&format!("somebody is greeted with {with:?}"), greeting).await;
}
