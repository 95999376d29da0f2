//! What the CRM tells of a deal reaches the person, where the bot has words for it.

use events::message::crm::DealMoved;
use events::{Envelope, Key, Trail};
use ids::{Clock, Ids, Uuid};
use testkit::{Stage, until};

use crate::reminders::{copy_folder, hears, sent, telegram};
use crate::support::{stage, start, start_from};
use crate::updates::{message, publish};

/// The shipped bot, which says something of deals.
fn with_words() -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_folder(&testkit::workspace_root().join("bots/dev2production"), &copy.path().join("dev2production"));
    let file = copy.path().join("dev2production/bot.yml");
    let text = std::fs::read_to_string(&file).unwrap();
    let words = "\ntexts:\n  deal_won:\n    text: { en: \"Agreed, we begin.\", ru: \"Договорились, начинаем.\" }\n\
                 \x20 deal_lost:\n    text: { en: \"We closed your request.\", ru: \"Мы закрыли вашу заявку.\" }\n";
    std::fs::write(&file, text.replacen("\ntexts:\n", words, 1)).unwrap();
    copy
}

fn private() -> serde_json::Value {
    serde_json::json!({ "id": 7, "type": "private" })
}

async fn conversation(stage: &Stage, chat: i64) -> String {
    let found = until("the conversation is there", async || {
        sqlx::query_scalar::<_, Uuid>("select id from conversation where bot = 'a' and chat_id = $1")
            .bind(chat)
            .fetch_optional(stage.pool("bot"))
            .await
            .unwrap()
    });
    found.await.to_string()
}

/// `since`: milliseconds after an hour ago.
async fn moved(stage: &Stage, conversation_id: &str, outcome: &str, since: i64) {
    let since_ms = Clock::system().now_ms() - 3_600_000 + since;
    let (ids, lead) = (Ids::system(), Uuid::from_u128(5));
    let event = DealMoved {
        deal_id: Uuid::from_u128(9).to_string(),
        lead_id: lead.to_string(),
        conversation_id: conversation_id.to_owned(),
        bot: "a".to_owned(),
        account: "sales".to_owned(),
        outcome: outcome.to_owned(),
        at_ms: since_ms,
        outcome_since_ms: since_ms,
        ..DealMoved::default()
    };
    let id = ids.event();
    let trail = Trail::start(ids.trace(), id.clone());
    stage.bus().publish(Envelope::new(id, Key::of(lead), trail, since_ms, &event)).await.unwrap();
}

/// Waits until every move is taken.
async fn taken(stage: &Stage) {
    until("the event is taken", async || {
        let mut waits = false;
        for partition in 0..events::PARTITIONS {
            let lag = stage.bus().lag("crm", &format!("bot-deals-p{partition:02}")).await.unwrap();
            waits |= !lag.is_zero();
        }
        (!waits).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_told_once_that_their_deal_is_won_and_once_that_it_is_lost_after_all() {
    let (stage, telegram, bots) = (stage().await, telegram().await, with_words());
    stage.bus().ensure_stream("crm").await.unwrap();
    let app = start_from(&stage, &telegram.uri(), bots.path(), "").await;
    publish(&stage, "a", 1, 7, message(&private(), "/start")).await;
    let conversation = conversation(&stage, 7).await;
    moved(&stage, &conversation, "open", 10).await;
    moved(&stage, &conversation, "won", 20).await;
    moved(&stage, &conversation, "won", 20).await;
    moved(&stage, &conversation, "won", 40).await;
    // Of somebody who was erased.
    moved(&stage, &Uuid::from_u128(404).to_string(), "won", 50).await;
    moved(&stage, &conversation, "lost", 60).await;
    hears(&telegram, 7, "We closed your request.").await;
    app.stop().await;
    let all = sent(&telegram, 7).await;
    let told: Vec<&String> =
        all.iter().filter(|text| text.contains("Agreed") || text.contains("We closed")).collect();
    assert!(
        matches!(&told[..], [won, lost] if won.contains("Agreed") && lost.contains("We closed")),
        "{all:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_without_words_for_deals_says_nothing_of_them() {
    let (stage, telegram) = (stage().await, telegram().await);
    stage.bus().ensure_stream("crm").await.unwrap();
    let app = start(&stage, &telegram.uri()).await;
    publish(&stage, "a", 1, 7, message(&private(), "/start")).await;
    let conversation = conversation(&stage, 7).await;
    moved(&stage, &conversation, "won", 20).await;
    taken(&stage).await;
    publish(&stage, "a", 2, 7, message(&private(), "/help")).await;
    until("the next message is answered", async || (sent(&telegram, 7).await.len() >= 2).then_some(())).await;
    let before = sent(&telegram, 7).await.len();
    app.stop().await;
    assert_eq!(sent(&telegram, 7).await.len(), before);
}

/// When it was archived and touched last, and how many ends of deals it knows.
async fn sleeps(stage: &Stage) -> (bool, String, i64) {
    sqlx::query_as(
        "select archived_at is not null, updated_at::text, coalesce(json_array_length(state->'deals'), 0)::bigint
         from conversation where bot = 'a' and chat_id = 7",
    )
    .fetch_one(stage.pool("bot"))
    .await
    .unwrap()
}

async fn falls_asleep(stage: &Stage) {
    let sql =
        "update conversation set archived_at = now(), updated_at = '2023-01-01T00:00Z', told_idle = true";
    sqlx::query(sql).execute(stage.pool("bot")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_of_which_nothing_is_said_is_remembered_and_wakes_nobody() {
    let (stage, telegram) = (stage().await, telegram().await);
    stage.bus().ensure_stream("crm").await.unwrap();
    let app = start(&stage, &telegram.uri()).await;
    publish(&stage, "a", 1, 7, message(&private(), "/start")).await;
    let conversation = conversation(&stage, 7).await;
    until("they are greeted", async || (!sent(&telegram, 7).await.is_empty()).then_some(())).await;
    falls_asleep(&stage).await;
    let before = sleeps(&stage).await;
    for since in [20, 20, 40] {
        moved(&stage, &conversation, "won", since).await;
    }
    taken(&stage).await;
    assert_eq!(sleeps(&stage).await, (true, before.1, 1), "it is remembered, and nothing else");
    // Whoever writes is awake, and may fall asleep anew.
    publish(&stage, "a", 2, 7, message(&private(), "/help")).await;
    until("it is awake, and nobody was told of what comes", async || {
        let sql = "select 1 from conversation where archived_at is null and not told_idle and chat_id = 7";
        sqlx::query_scalar::<_, i32>(sql).fetch_optional(stage.pool("bot")).await.unwrap()
    })
    .await;
    app.stop().await;

    // It has words by now; that end is known, and one of three days ago is no news.
    falls_asleep(&stage).await;
    let bots = with_words();
    let app = start_from(&stage, &telegram.uri(), bots.path(), "").await;
    moved(&stage, &conversation, "won", 60).await;
    moved(&stage, &conversation, "lost", -3 * 24 * 3_600_000).await;
    taken(&stage).await;
    assert!(sleeps(&stage).await.0, "nothing was said");
    moved(&stage, &conversation, "lost", 80).await;
    hears(&telegram, 7, "We closed your request.").await;
    assert!(!sleeps(&stage).await.0, "something was said");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_of_a_bot_that_is_not_served_any_more_is_nobodys() {
    let (stage, telegram) = (stage().await, telegram().await);
    stage.bus().ensure_stream("crm").await.unwrap();
    let app = start(&stage, &telegram.uri()).await;
    let sql = "insert into conversation (bot, chat_id, id, chat_kind, language, state)
               values ('gone', 7, '00000000-0000-0000-0000-000000000077', 'private', 'en', '{}')";
    sqlx::query(sql).execute(stage.pool("bot")).await.unwrap();
    moved(&stage, &Uuid::from_u128(0x77).to_string(), "won", 20).await;
    taken(&stage).await;
    // The stage fails the test where a dead letter is left.
    app.stop().await;
}
