//! `dragoman llm eval`: whoever makes the bot's answers worse is told which, and the command fails.

use std::fs;
use std::path::Path;

use e2e::{Choices, Installation, Placement, Updates};

use crate::versions::changed_bot;

const NAME: &str = "kubernetes, asked plainly › honest";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_that_got_worse_is_named_and_fails_the_command() {
    let installation = Installation::start(Placement::OneProcess, Choices::new(Updates::Webhook)).await;
    let folder = changed_bot(installation.folder());
    copy(&testkit::workspace_root().join("bots/dev2production/eval/model"), &folder.join("eval/model"));
    let bot = folder.to_str().unwrap();

    let told = installation.dragoman(&["llm", "eval", bot, "--only", "service"]).await.fine();
    assert!(told.starts_with("         scripts\nservice  "), "{told}");
    assert!(!told.contains("WORSE"), "{told}");

    let cases = folder.join("eval/model/service.yml");
    let text = fs::read_to_string(&cases).unwrap();
    let (honest, dear) = ("Yes: design, migration", "Yes, from $300 a month: design, migration");
    assert!(text.contains(honest));
    fs::write(&cases, text.replace(honest, dear)).unwrap();
    let said = installation.dragoman(&["llm", "eval", bot, "--only", "service"]).await;
    assert!(!said.ok, "{}", said.out);
    assert!(said.out.contains(&format!("WORSE   scripts  {NAME}: it passed before")), "{}", said.out);
    assert!(said.err.contains("worse than the baseline"), "{}", said.err);
    let said = installation.dragoman(&["llm", "eval", bot, "--only", "service", "--json"]).await;
    let lines: Vec<serde_json::Value> =
        said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!said.ok && lines.iter().any(|line| line["regression"] == NAME), "{}", said.out);

    // Whoever means it says so.
    let part = ["llm", "eval", bot, "--only", "service", "--save-baseline"];
    assert!(installation.dragoman(&part).await.fine().contains("baseline.json"));
    let told = installation.dragoman(&["llm", "eval", bot, "--only", "service"]).await.fine();
    assert!(!told.contains("WORSE"), "{told}");

    let unknown = installation.dragoman(&["llm", "eval", bot, "-m", "nobody/none"]).await.sentence();
    let wanted = "dragoman: there is no model nobody/none in the settings; see [llm-worker.providers]";
    assert_eq!(unknown, wanted);
    installation.stop().await;
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
