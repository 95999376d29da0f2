//! What becomes of a webhook that another program takes.

use serde_json::{Value, json};
use testkit::{App, Stage, until};

use crate::bot_api::BotApi;
use crate::support::{client, config, stage, start};

const ELSEWHERE: &str = "https://elsewhere.example/hook";

async fn watched(stage: &Stage, api: &BotApi) -> App {
    let telegram = format!("api_base = \"{}\"\npublic_url = \"http://127.0.0.1:9\"", api.url());
    let app = start(stage, &config(&telegram, "")).await;
    until("it is set", async || (api.called("getWebhookInfo") > 1 && is_ours(api)).then_some(())).await;
    app
}

fn is_ours(api: &BotApi) -> bool {
    api.seen().webhook.as_ref().is_some_and(|set| set["url"] == "http://127.0.0.1:9/telegram/sales")
}

/// Another program sets its own address, or fetches the updates.
fn take(api: &BotApi, url: Option<&str>) {
    api.seen().webhook = url.map(|url| json!({ "url": url }));
}

async fn trouble(stage: &Stage) -> String {
    let sql = "select trouble from bot_link where mode = 'webhook'";
    sqlx::query_scalar(sql).fetch_one(stage.pool("gateway")).await.unwrap()
}

/// The value of a metric of the bot.
async fn metric(app: &App, start: &str) -> Option<f64> {
    let page = client().get(format!("{}/metrics", app.url())).send().await.unwrap().text().await.unwrap();
    page.lines().find(|line| line.starts_with(start))?.rsplit_once(' ')?.1.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_is_taken_or_removed_once_is_set_again() {
    let stage = stage().await;
    let api = BotApi::start().await;
    let app = watched(&stage, &api).await;
    let secret = |set: &Value| set["secret_token"].clone();
    let first = secret(api.seen().webhook.as_ref().unwrap());
    for other in [Some(ELSEWHERE), None] {
        take(&api, other);
        until("it is ours again", async || is_ours(&api).then_some(())).await;
        assert_eq!(secret(api.seen().webhook.as_ref().unwrap()), first, "the secret is kept");
    }
    until("it is told", async || {
        let taken = metric(&app, "dragoman_webhook_repairs_total{").await;
        taken.is_some().then_some(())
    })
    .await;
    assert_eq!(metric(&app, "dragoman_webhook_taken{").await, Some(0.0));
    assert_eq!(trouble(&stage).await, "");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_is_taken_again_and_again_is_left_and_the_alarm_is_raised() {
    let stage = stage().await;
    let api = BotApi::start().await;
    let app = watched(&stage, &api).await;
    for _ in 0..3 {
        take(&api, Some(ELSEWHERE));
        until("it is ours again", async || is_ours(&api).then_some(())).await;
    }
    take(&api, Some(ELSEWHERE));
    until("it is told", async || trouble(&stage).await.contains("another program has set").then_some(()))
        .await;
    let looks = api.called("getWebhookInfo");
    until("it is looked at again", async || (api.called("getWebhookInfo") > looks + 2).then_some(())).await;
    assert_eq!(api.called("setWebhook"), 4, "the other program is not fought for ever");
    assert!(!is_ours(&api));
    assert_eq!(metric(&app, "dragoman_webhook_taken{bot=\"sales\"}").await, Some(1.0));
    // The operator has stopped the other program and registers the bot by hand.
    take(&api, Some("http://127.0.0.1:9/telegram/sales"));
    until("the alarm ends", async || trouble(&stage).await.is_empty().then_some(())).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_replica_watches_and_another_goes_on_when_it_is_gone() {
    let stage = stage().await;
    let api = BotApi::start().await;
    let first = watched(&stage, &api).await;
    let telegram = format!("api_base = \"{}\"\npublic_url = \"http://127.0.0.1:9\"", api.url());
    let second = start(&stage, &config(&telegram, "")).await;
    let looks = api.called("getWebhookInfo");
    until("they go on looking", async || (api.called("getWebhookInfo") > looks + 2).then_some(())).await;
    assert_eq!(api.called("setWebhook"), 1, "both replicas watch");
    first.kill();
    take(&api, Some(ELSEWHERE));
    until("the second has it", async || is_ours(&api).then_some(())).await;
    second.stop().await;
}
