//! The registration of a webhook at the start.

use gateway::Gateway;
use testkit::until;

use crate::bot_api::{BotApi, message};
use crate::support::{SECRET, SECRET_HEADER, client, config, deliver, stage, start};

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_registered_with_its_secret_and_every_kind_of_update() {
    let stage = stage().await;
    let api = BotApi::start().await;
    let telegram = format!("api_base = \"{}\"\npublic_url = \"http://127.0.0.1:9/base\"", api.url());
    let app = start(&stage, &config(&telegram, "max_connections = 17")).await;
    let set = until("it is registered", async || api.seen().webhook.clone()).await;
    assert_eq!(set["url"], "http://127.0.0.1:9/base/telegram/sales");
    assert_eq!((set["secret_token"].as_str(), set["max_connections"].as_i64()), (Some(SECRET), Some(17)));
    assert!(set["drop_pending_updates"].is_null(), "what waits at Telegram is not thrown away");
    let kinds = set["allowed_updates"].as_array().unwrap();
    assert!(kinds.iter().any(|kind| kind == "message_reaction"), "kinds that must be asked for: {kinds:?}");
    assert_eq!(deliver(&app, message(1, 1).to_string()).await.0, 200);
    app.stop().await;
    assert_eq!(api.called("getUpdates"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_another_program_replaces_is_told_and_set_again() {
    let stage = stage().await;
    let api = BotApi::start().await;
    api.seen().other_webhook = Some("https://elsewhere.example/".to_owned());
    let telegram = format!("api_base = \"{}\"\npublic_url = \"http://127.0.0.1:9\"", api.url());
    let app = start(&stage, &config(&telegram, "")).await;
    let trouble = || sqlx::query_scalar::<_, String>("select trouble from bot_link where mode = 'webhook'");
    let told = until("it is noted", async || {
        trouble().fetch_optional(stage.pool("gateway")).await.unwrap().filter(|text| !text.is_empty())
    })
    .await;
    assert!(told.contains("another program"), "{told}");
    api.seen().other_webhook = None;
    until("it is set", async || {
        trouble().fetch_one(stage.pool("gateway")).await.unwrap().is_empty().then_some(())
    })
    .await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_configured_secret_one_is_derived_and_registered() {
    let stage = stage().await;
    let api = BotApi::start().await;
    let text = format!(
        "[telegram]\napi_base = \"{}\"\npublic_url = \"http://127.0.0.1:9\"\n[telegram.bots.sales]\ntoken = \"{}\"\n",
        api.url(),
        crate::support::TOKEN
    );
    let app = stage.start(&[&Gateway], &text).await;
    let set = until("it is registered", async || api.seen().webhook.clone()).await;
    let secret = set["secret_token"].as_str().unwrap();
    assert!(secret.len() == 32 && !crate::support::TOKEN.contains(secret));
    let request = client().post(format!("{}/telegram/sales", app.url())).header(SECRET_HEADER, secret);
    let answer = request.body(message(1, 1).to_string()).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    app.stop().await;
}
