use std::path::Path;

use events::Trail;
use ids::ManualClock;
use ids::Timestamp;
use jobs::Queue;
use telegram::TelegramConfig;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::files::FilesConfig;
use crate::store::file::tests::{new, outcome};
use crate::store::person;
use crate::store::tests::{change, database, number, text};

const T: i64 = 1_700_000_000_000;

async fn handler(pool: &Pool, folder: &Path) -> LookAtFile {
    let clock = ManualClock::at(Timestamp::from_millisecond(T).unwrap()).clock();
    let files = FilesConfig { folder: folder.join("files"), ..FilesConfig::default() };
    let bots = Bots::load(&TelegramConfig::default(), folder, pool, &clock).await.unwrap();
    LookAtFile {
        bots: Arc::new(bots),
        pool: pool.clone(),
        clock,
        ids: Ids::system(),
        outbox: Outbox::default(),
        jobs: Jobs::default(),
        vault: Vault::of(&files).unwrap(),
        scanner: None,
        concurrency: 1,
    }
}

#[tokio::test]
async fn a_file_that_is_erased_while_it_is_looked_at_leaves_nothing_in_the_storage() {
    let (_database, pool) = database().await;
    let place = tempfile::tempdir().unwrap();
    let handler = handler(&pool, place.path()).await;
    let mut tx = pool.begin().await.unwrap();
    let conversation = Ids::system().conversation();
    let (id, _) = file::receive(&mut tx, &new(conversation, "a.pdf", T)).await.unwrap();
    let looked_at = file::load(&mut tx, id).await.unwrap().unwrap();
    let erased = person::erase(&mut tx, &looked_at.key, conversation.0).await.unwrap();
    assert_eq!(erased, [("files", 1)]);
    let left = "select name || ' ' || state || ' ' || chat_id || ' ' || (told_at is not null) from file";
    assert_eq!(text(&mut tx, left).await, " refused 0 true");

    // Only now does the look write what it found.
    handler.vault.put(&looked_at.place, Bytes::from_static(b"content")).await.unwrap();
    assert!(!file::end(&mut tx, id, &outcome(FileFate::Kept)).await.unwrap());
    handler.take_back(&mut tx, &looked_at).await.unwrap();
    assert!(handler.vault.get(&looked_at.place).await.is_err());
    // The chore finds the row, should the look never come to its end.
    assert_eq!(file::expired(&mut tx, None, T, 0, 9).await.unwrap().len(), 1);
    // Nor does it matter to it that the row is gone.
    assert!(file::erase(&mut tx, id, T).await.unwrap());
    handler.vault.put(&looked_at.place, Bytes::from_static(b"content")).await.unwrap();
    handler.take_back(&mut tx, &looked_at).await.unwrap();
    assert!(handler.vault.get(&looked_at.place).await.is_err());

    // One that is kept is not taken back by a second look at it.
    let (id, _) = file::receive(&mut tx, &new(conversation, "b.pdf", T)).await.unwrap();
    let kept = file::load(&mut tx, id).await.unwrap().unwrap();
    handler.vault.put(&kept.place, Bytes::from_static(b"content")).await.unwrap();
    assert!(file::end(&mut tx, id, &outcome(FileFate::Kept)).await.unwrap());
    handler.take_back(&mut tx, &kept).await.unwrap();
    assert!(handler.vault.get(&kept.place).await.is_ok());
}

#[tokio::test]
async fn a_file_that_ends_its_process_again_and_again_has_failed() {
    let (_database, pool) = database().await;
    let place = tempfile::tempdir().unwrap();
    let handler = handler(&pool, place.path()).await;
    let (ids, jobs) = (Ids::system(), handler.jobs.clone());
    let mut tx = pool.begin().await.unwrap();
    let new = new(ids.conversation(), "killer.doc", T);
    let (id, _) = file::receive(&mut tx, &new).await.unwrap();
    let look = LookAt { file: id, conversation_id: Some(new.conversation_id), place: None };
    let trail = Trail::start(ids.trace(), ids.event());
    let job = NewJob::json(LOOK, id.to_string(), &look, trail).unwrap();
    let after = jobs.enqueue(&mut tx, vec![job]).await.unwrap();
    change(&mut tx, "update job set interrupted = 2").await;
    tx.commit().await.unwrap();
    after.run();

    let stop = CancellationToken::new();
    let queue = Queue::new(Arc::new(handler)).into_task(pool.clone(), ids, jobs, stop.clone());
    let running = tokio::spawn(queue);
    let letter = "select count(*) from dead_letter where source = 'bot.look-at-file'";
    testkit::until("the look is given up", async || {
        let letters = number(&mut pool.acquire().await.unwrap(), letter).await;
        (letters == 1).then_some(())
    })
    .await;
    stop.cancel();
    running.await.unwrap();
    let mut connection = pool.acquire().await.unwrap();
    assert_eq!(text(&mut connection, "select state from file").await, "failed");
}
