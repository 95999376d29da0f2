//! What docs/CRM.md promises to whoever has no account: the program that stands in for a CRM is made an account by the
//! settings that it prints, takes a lead, and tells what a manager does with the deal. Both are processes of their own.

use std::path::{Path, PathBuf};

use crm::{CrmConfig, Desk};
use serde_json::Value;
use testkit::{Child, Stage, free_port, until};

use super::back::{Moves, priced};
use super::hands::client;
use crate::support::{publish, stage};

const KINDS: [&str; 3] = ["amocrm", "bitrix24", "hubspot"];

/// The sim and the service, that know of each other by what the sim prints.
struct Scene {
    stage: Stage,
    _folder: tempfile::TempDir,
    sim: Child,
    service: Child,
    /// What an operator sees by the same settings.
    desk: Desk,
    /// Of the sim.
    url: String,
}

/// Where the sim was built: in the folder of this test's own profile.
fn sim() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    // target/<profile>/deps/<test>
    let program = test.ancestors().nth(2).unwrap().join("crm-sim");
    assert!(
        program.is_file(),
        "crm-sim is not there: run these tests with `cargo xtask test -p crm`, which builds it"
    );
    program
}

/// What the sim prints, and ends.
async fn printed(args: &[&str]) -> String {
    let output = tokio::process::Command::new(sim()).args(args).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn local() -> String {
    format!("127.0.0.1:{}", free_port())
}

impl Scene {
    async fn start(kind: &str) -> Self {
        let (stage, folder) = (stage().await, tempfile::tempdir().unwrap());
        let (listen, server) = (local(), local());
        let usual = printed(&[kind, "--settings", "toml"]).await;
        let secret = usual.split("webhook_secret = \"").nth(1).unwrap().split('"').next().unwrap();
        let end = if kind == "amocrm" { format!("/{secret}") } else { String::new() };
        let hook = format!("http://{server}/crm/sales{end}");
        let args = [kind, "--listen", &listen, "--hook", &hook];
        let settings = printed(&[&args[..], &["--settings", "toml"]].concat()).await;

        let of_desk: CrmConfig = stage.settings(&settings).section("crm").unwrap();
        let desk = Desk::new(&of_desk, stage.pool("crm").clone()).unwrap();
        let file = folder.path().join("pasted.toml");
        std::fs::write(&file, settings).unwrap();
        let variables = [
            ("DRAGOMAN_CONFIG", file.to_str().unwrap()),
            ("DRAGOMAN__SERVER__LISTEN", &server),
            ("DRAGOMAN__NATS__URL", stage.bus_url()),
            ("DRAGOMAN__CRM__DATABASE_URL", of_desk.database_url.expose()),
        ];
        let log = |name: &str| folder.path().join(name);
        let sim =
            Child::start(&sim(), &[&args[..], &["--json"]].concat(), folder.path(), &[], log("sim.log"));
        let program = Path::new(env!("CARGO_BIN_EXE_dragoman-crm"));
        let mut service = Child::start(program, &[], folder.path(), &variables, log("crm.log"));
        let ready = format!("http://{server}/health/ready");
        let is_ready = async |_: &Child| {
            client().get(&ready).send().await.ok().filter(|answer| answer.status().is_success())
        };
        service.until("it is ready", is_ready).await;
        Self { stage, _folder: folder, sim, service, desk, url: format!("http://{listen}") }
    }

    /// The only deal, once it has its note.
    async fn deal(&self) -> Value {
        until("the deal has its note", async || {
            let deals = client().get(format!("{}/deals", self.url)).send().await.ok()?;
            let deals: Vec<Value> = deals.json().await.ok()?;
            deals
                .into_iter()
                .next()
                .filter(|deal| deal["notes"].as_array().is_some_and(|notes| notes.len() == 1))
        })
        .await
    }

    async fn put(&self, deal: &str, stage: &str) -> (u16, Value) {
        let answer = client().post(format!("{}/deals/{deal}/{stage}", self.url)).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// Which differences a comparison finds.
    async fn differences(&self) -> Vec<&'static str> {
        let compared = self.desk.reconcile(Some("sales"), false).await.unwrap().remove(0);
        assert_eq!(compared.outcome, "done", "{}", compared.note);
        compared.differences.iter().map(|one| one.kind).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crm_that_needs_no_account_is_checked_gets_a_lead_and_tells_what_became_of_it() {
    for kind in KINDS {
        let scene = Scene::start(kind).await;
        let checked = scene.desk.check(None).await.unwrap().remove(0);
        assert!(!checked.says.is_empty() && checked.problems.is_empty(), "{kind}: {:?}", checked.problems);
        let tried = scene.desk.rehearse("sales", None).await.unwrap();
        assert_eq!(tried.problems, [""; 0], "{kind}");

        let lead = priced();
        publish(&scene.stage, &lead).await;
        let deal = scene.deal().await;
        assert_eq!(deal["price"], 5_000, "{kind}: {deal}");
        let id = deal["id"].as_str().unwrap();
        let page = client().get(&scene.url).send().await.unwrap().text().await.unwrap();
        let to_move = format!("curl -X POST {}/deals/{id}/won", scene.url);
        assert!(page.contains(&to_move) && page.contains("+79129876543"), "{kind}: {page}");
        assert_eq!(scene.put("1", "won").await.0, 404);
        let (status, refused) = scene.put(id, "nowhere").await;
        assert!(status == 422 && refused["error"].as_str().unwrap().contains("can be put into won, lost, "));

        let mut moves = Moves::listen(&scene.stage).await;
        let (status, won) = scene.put(id, "won").await;
        assert_eq!((status, &won["told"]["answered"][0]), (200, &Value::from(200)), "{kind}: {won}");
        let moved = moves.next().await;
        assert_eq!(
            (moved.lead_id.as_str(), moved.outcome.as_str()),
            (lead.lead_id.as_str(), "won"),
            "{kind}"
        );

        assert_eq!(scene.differences().await, [""; 0], "{kind}");
        let gone = client().delete(format!("{}/deals/{}", scene.url, won["deal"].as_str().unwrap()));
        assert_eq!(gone.send().await.unwrap().status(), 200);
        // Of a deal of Bitrix24 the lead stays, that it was made of: it is ours, and no longer what we know.
        let found: &[&str] = if kind == "bitrix24" { &["gone", "twice"] } else { &["gone"] };
        assert_eq!(scene.differences().await, found, "{kind}");

        let said = scene.sim.said();
        let happened: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for what in ["listens", "deal", "note", "told", "gone"] {
            assert!(happened.iter().any(|one| one["what"] == what), "{kind}: no {what} in {said}");
        }
        scene.service.stop().await;
    }
}
