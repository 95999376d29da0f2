use events::Trail;
use ids::{ManualClock, Timestamp};
use jobs::Queue;
use telegram::TelegramConfig;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::domain::Source;
use crate::store::draft::Opened;
use crate::store::tests::{change, database, number};

#[tokio::test]
async fn an_answer_that_is_given_up_leaves_no_parts_of_it_behind() {
    let (_database, pool) = database().await;
    let place = tempfile::tempdir().unwrap();
    let clock = ManualClock::at(Timestamp::from_second(1_700_000_000).unwrap()).clock();
    let bots = Bots::load(&TelegramConfig::default(), place.path(), &pool, &clock).await.unwrap();
    let (ids, jobs) = (Ids::system(), Jobs::default());
    let (request, conversation_id) = (ids.request(), ids.conversation());
    let mut tx = pool.begin().await.unwrap();
    let key = ChatKey { bot: "sales".to_owned(), chat_id: 7 };
    let opened = Opened { request_id: request, key, conversation_id, topic: None, is_group: false };
    draft::open(&mut tx, &[opened]).await.unwrap();
    draft::end(&mut tx, &[request], &[request]).await.unwrap();
    let send = Send {
        bot: "sales".to_owned(),
        chat_id: 7,
        is_group: false,
        topic: None,
        conversation_id,
        text: Pii::new("It has many moons.".to_owned()),
        buttons: Vec::new(),
        source: Source::Model,
        given: None,
        answers: 0,
        place: Place::Below,
        draft: Some(request),
        keeps_draft: false,
        received_at_ms: 1,
    };
    let trail = Trail::start(ids.trace(), ids.event());
    let job = NewJob::json(SEND, "chat".to_owned(), &send, trail).unwrap();
    let after = jobs.enqueue(&mut tx, vec![job]).await.unwrap();
    change(&mut tx, "update job set interrupted = 2").await;
    tx.commit().await.unwrap();
    after.run();

    let stop = CancellationToken::new();
    let handler = SendMessage {
        bots: Arc::new(bots),
        pool: pool.clone(),
        clock,
        ids: ids.clone(),
        config: BotServiceConfig {
            per_chat_per_second: 0,
            per_bot_per_second: 0,
            per_group_per_minute: 0,
            ..BotServiceConfig::default()
        },
        outbox: Outbox::default(),
        jobs: jobs.clone(),
    };
    let queue = Queue::new(Arc::new(handler)).into_task(pool.clone(), ids, jobs, stop.clone());
    let running = tokio::spawn(queue);
    testkit::until("the send is given up", async || {
        let letters = "select count(*) from dead_letter where source = 'bot.send'";
        (number(&mut pool.acquire().await.unwrap(), letters).await == 1).then_some(())
    })
    .await;
    stop.cancel();
    running.await.unwrap();
    let mut connection = pool.acquire().await.unwrap();
    assert_eq!(number(&mut connection, "select count(*) from draft").await, 0);
}
