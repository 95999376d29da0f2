//! What the CRM tells of a deal reaches the person, where the bot has words for it.

use events::message::crm::DealMoved;
use events::{Envelope, Key, Trail};
use ids::{Ids, Uuid};
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

async fn moved(stage: &Stage, conversation_id: &str, outcome: &str, since_ms: i64) {
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
    until("the event is taken", async || {
        let mut waits = false;
        for partition in 0..events::PARTITIONS {
            let lag = stage.bus().lag("crm", &format!("bot-deals-p{partition:02}")).await.unwrap();
            waits |= !lag.is_zero();
        }
        (!waits).then_some(())
    })
    .await;
    publish(&stage, "a", 2, 7, message(&private(), "/help")).await;
    until("the next message is answered", async || (sent(&telegram, 7).await.len() >= 2).then_some(())).await;
    let before = sent(&telegram, 7).await.len();
    app.stop().await;
    assert_eq!(sent(&telegram, 7).await.len(), before);
}
