//! The end of an erasure: its certificate says that files are erased when their bytes are.

use std::fs;

use bot::Bot;
use ids::{Clock, Ids, ManualClock, SignedDuration, Uuid};
use serde_json::Value;
use testkit::{Stage, until};

use crate::stand::telegram;
use crate::support::stage;
use crate::updates::count;

/// Somebody with one kept file wants to be forgotten now; their conversation and the file.
async fn wants_to_be_forgotten(stage: &Stage, chat_id: i64, prepare: impl FnOnce(Uuid, Uuid)) -> Uuid {
    let (conversation, file) = (Ids::system().conversation().0, Ids::system().uuid());
    prepare(conversation, file);
    sqlx::query(
        "insert into file (id, bot, chat_id, conversation_id, unique_id, file_id, kind, name, caption, media_type, state,
                           limit_bytes, limit_per_day, received_at, expires_at)
         values ($1, 'a', $2, $3, 'u', 'f', 'document', 'plan.pdf', '', 'application/pdf', 'clean', 10, 2, now(),
                 now() + interval '1 year')",
    )
    .bind(file)
    .bind(chat_id)
    .bind(conversation)
    .execute(stage.pool("bot"))
    .await
    .unwrap();
    sqlx::query(
        "insert into erasure (id, bot, chat_id, conversation_id, language, state, requested_at, due_at)
         values ($1, 'a', $2, $1, 'en', 'waiting', 'epoch', 'epoch')",
    )
    .bind(conversation)
    .bind(chat_id)
    .execute(stage.pool("bot"))
    .await
    .unwrap();
    conversation
}

async fn certificate(stage: &Stage, erasure: Uuid) -> Value {
    until("the erasure is done", async || {
        sqlx::query_scalar::<_, Option<Value>>("select certificate from erasure where id = $1")
            .bind(erasure)
            .fetch_one(stage.pool("bot"))
            .await
            .unwrap()
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_waits_for_the_bytes_and_says_which_are_left() {
    let (telegram, mut stage, place) = (telegram().await, stage().await, tempfile::tempdir().unwrap());
    // Telegram's answer to the certificate is none.
    stage.may_leave(&["job"]);
    let hands = ManualClock::at(Clock::system().now());
    let (bots, folder) = (testkit::workspace_root().join("bots"), place.path().join("files"));
    let config = format!(
        "[bot]\nbots_dir = {bots:?}\nperson_services = []\nerasures_every_seconds = 1\n[files]\nfolder = {folder:?}\n\
         [telegram]\napi_base = \"{}\"\n[telegram.bots.a]\ntoken = \"1:token-of-a\"\nfolder = \"dev2production\"\n",
        telegram.uri()
    );
    let app = stage.start_at(&[&Bot], &config, hands.clock()).await;
    let of = |conversation: Uuid, file: Uuid| folder.join(format!("a/{conversation}/{file}"));

    let mut bytes = None;
    let erasure = wants_to_be_forgotten(&stage, 7, |conversation, file| {
        let path = of(conversation, file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "content").unwrap();
        bytes = Some(path);
    })
    .await;
    let said = certificate(&stage, erasure).await;
    assert!(!bytes.unwrap().exists(), "what is certified is so");
    assert!(said["files"].is_null(), "{said:#}");
    assert_eq!(said["services"][0]["erased"][0], serde_json::json!({ "kind": "files", "count": 1 }));
    assert_eq!(count(&stage, "select count(*) from file").await, 0, "nor is there a row");

    // A folder is not deleted as a file is: the storage does not do it.
    let stuck = wants_to_be_forgotten(&stage, 8, |conversation, file| {
        fs::create_dir_all(of(conversation, file).join("in the way")).unwrap();
    })
    .await;
    until("the certificate waits", async || {
        let waits = "select count(*) from job where queue = 'bot.erasure-finish' and run_at > now() + interval '2 seconds'";
        (count(&stage, waits).await == 1).then_some(())
    })
    .await;
    assert_eq!(count(&stage, "select count(*) from erasure where state = 'running'").await, 1);
    hands.advance(SignedDuration::from_mins(16));
    let said = certificate(&stage, stuck).await;
    assert_eq!(said["files"]["kept"], 1, "{said:#}");
    let left =
        "select count(*) from file where chat_id = 0 and name = '' and file_id = '' and unique_id = id::text";
    assert_eq!(count(&stage, left).await, 1, "what is left says nothing of them");
    app.stop().await;
}
