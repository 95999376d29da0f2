//! Long polling: the offset moves only after the acknowledgement.

use serde_json::json;
use testkit::{Stage, until};

use crate::bot_api::BotApi;
use crate::support::{config, ids, stage, start, stored, stored_at_least};

pub(crate) fn polling(api: &BotApi) -> String {
    config(&format!("api_base = \"{}\"", api.url()), "mode = \"poll\"")
}

/// Waits until Telegram has nothing left to tell.
pub(crate) async fn all_confirmed(api: &BotApi) {
    until("everything is confirmed", async || api.seen().waiting.is_empty().then_some(())).await;
}

/// What is noted of the bot's connection for people to look at.
async fn trouble(stage: &Stage) -> String {
    let noted = sqlx::query_scalar("select trouble from bot_link where bot = 'sales' and mode = 'poll'");
    noted.fetch_optional(stage.pool("gateway")).await.unwrap().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_are_fetched_once_each_and_in_their_order() {
    let stage = stage().await;
    let api = BotApi::start().await;
    api.seen().webhook = Some(json!({ "url": "https://elsewhere.example/" }));
    for n in 1..=250 {
        api.write(n % 7, n);
    }
    let app = start(&stage, &polling(&api)).await;
    all_confirmed(&api).await;
    // Between two quiet questions Telegram goes on from anywhere, even from below.
    api.write(1, 3_000);
    all_confirmed(&api).await;
    until("a question found nothing", async || (api.called("getUpdates") > 6).then_some(())).await;
    api.write(1, 2_000);
    all_confirmed(&api).await;
    api.add(2_001, json!({ "update_id": 2_001, "telepathy": { "chat": { "id": 1 } } }));
    all_confirmed(&api).await;
    app.stop().await;
    let stored = stored(&stage).await;
    let expected: Vec<i64> = (1..=250).chain([3_000, 2_000, 2_001]).collect();
    let mut found = ids(&stored);
    for chat in 0..7 {
        let key = format!("sales_{chat}");
        let of_chat: Vec<i64> = stored.iter().filter(|one| one.key == key).map(|one| one.update_id).collect();
        let expected: Vec<i64> = expected.iter().copied().filter(|id| of_chat.contains(id)).collect();
        assert_eq!(of_chat, expected, "the order of chat {chat}");
    }
    found.sort_unstable();
    let mut expected = expected;
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(api.called("deleteWebhook"), 1, "what somebody had set is taken away, once");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_confirmed_while_nats_is_away() {
    let mut stage = stage().await;
    let api = BotApi::start().await;
    let app = start(&stage, &polling(&api)).await;
    api.write(1, 1);
    all_confirmed(&api).await;
    stage.nats().stop().await;
    for n in 2..=20 {
        api.write(n % 3, n);
    }
    let told = api.seen().told;
    until("they were fetched and could not be stored", async || (api.seen().told >= told + 3).then_some(()))
        .await;
    assert_eq!(api.seen().waiting.len(), 19, "updates were confirmed that are nowhere");
    until("the trouble is noted", async || trouble(&stage).await.contains("not stored").then_some(())).await;
    stage.nats().start().await;
    all_confirmed(&api).await;
    let mut found = ids(&stored_at_least(&stage, 20).await);
    found.sort_unstable();
    assert_eq!(found, (1..=20).collect::<Vec<_>>());
    until("the trouble is over", async || trouble(&stage).await.is_empty().then_some(())).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledgement_that_is_lost_leaves_each_update_once() {
    let mut stage = stage().await;
    let api = BotApi::start().await;
    let app = start(&stage, &polling(&api)).await;
    stage.nats().pause();
    for n in 1..=30 {
        api.write(n, n);
    }
    // They are written to the connection, and nobody can say whether they arrived.
    until("they were fetched", async || (api.seen().told > 0).then_some(())).await;
    assert_eq!(api.seen().waiting.len(), 30);
    stage.nats().resume();
    all_confirmed(&api).await;
    app.stop().await;
    let mut found = ids(&stored(&stage).await);
    found.sort_unstable();
    assert_eq!(found, (1..=30).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_program_at_the_same_bot_and_a_busy_telegram_are_waited_out() {
    let stage = stage().await;
    let api = BotApi::start().await;
    api.seen().refusals.extend([
        (409, "Conflict: terminated by other getUpdates request"),
        (502, "Bad Gateway"),
        (409, "Conflict: terminated by other getUpdates request"),
    ]);
    api.write(1, 1);
    let app = start(&stage, &polling(&api)).await;
    all_confirmed(&api).await;
    assert_eq!(ids(&stored(&stage).await), [1]);
    assert_eq!(api.called("deleteWebhook"), 3, "after each conflict a webhook may have been the reason");
    // Somebody sets a webhook in the middle.
    api.seen().webhook = Some(json!({ "url": "https://elsewhere.example/" }));
    api.write(1, 2);
    all_confirmed(&api).await;
    assert_eq!(ids(&stored(&stage).await), [1, 2]);
    app.stop().await;
}
