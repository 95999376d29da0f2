//! What these tests share: the gateway on its stage with one bot, and what is in its stream.

use events::message::gateway::UpdateReceived;
use events::{Subject, header};
use gateway::Gateway;
use prost::Message;
use reqwest::header::RETRY_AFTER;
use testkit::{App, Stage};

pub(crate) const TOKEN: &str = "123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
pub(crate) const SECRET: &str = "the-secret-of-the-webhook";
pub(crate) const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";
pub(crate) const ADMIN: &str = "the-admin-token";

/// One bot, `sales`, whose updates come by `how`: more lines of `[telegram]`, then of the bot.
pub(crate) fn config(telegram: &str, bot: &str) -> String {
    format!(
        "[gateway]\nadmin_token = \"{ADMIN}\"\nwebhook_check_seconds = 1\n[telegram]\n{telegram}\n[telegram.bots.sales]\ntoken = \"{TOKEN}\"\n\
         webhook_secret = \"{SECRET}\"\n{bot}\n"
    )
}

/// A bot that is called by webhook. Nobody answers at its Bot API server, so that nothing is registered.
pub(crate) fn by_webhook() -> String {
    config("api_base = \"http://127.0.0.1:1\"\npublic_url = \"http://127.0.0.1:2\"", "mode = \"webhook\"")
}

pub(crate) async fn stage() -> Stage {
    testkit::stage(&[&Gateway]).await
}

pub(crate) async fn start(stage: &Stage, config: &str) -> App {
    stage.start(&[&Gateway], config).await
}

/// Delivers a body as Telegram would; status and `Retry-After`.
pub(crate) async fn deliver(app: &App, body: impl Into<reqwest::Body>) -> (u16, Option<String>) {
    let request = client().post(format!("{}/telegram/sales", app.url())).header(SECRET_HEADER, SECRET);
    let answer = request.body(body).send().await.unwrap();
    let retry = answer.headers().get(RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned());
    (answer.status().as_u16(), retry)
}

pub(crate) fn client() -> reqwest::Client {
    outbound::builder().unwrap().no_proxy().build().unwrap()
}

/// An event of the gateway's stream.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) id: String,
    pub(crate) trace: String,
    pub(crate) key: String,
    pub(crate) kind: String,
    pub(crate) raw: Vec<u8>,
    pub(crate) update_id: i64,
}

/// Everything that is in the gateway's stream, in its order.
pub(crate) async fn stored(stage: &Stage) -> Vec<Stored> {
    let (user, password) = stage.bus_login();
    let options = async_nats::ConnectOptions::with_user_and_password(user, password);
    let jetstream = async_nats::jetstream::new(options.connect(stage.bus_url()).await.unwrap());
    let mut stream = jetstream.get_stream("EV_GATEWAY").await.unwrap();
    let last = stream.info().await.unwrap().state.last_sequence;
    let mut stored = Vec::new();
    for sequence in 1..=last {
        let message = stream.get_raw_message(sequence).await.unwrap();
        let update = UpdateReceived::decode(message.payload).unwrap();
        let (name, key) = Subject::split(&message.subject).unwrap();
        assert_eq!(name, "gateway.update.received");
        stored.push(Stored {
            id: message.headers.get(header::ID).unwrap().to_string(),
            trace: message.headers.get(header::TRACE).unwrap().to_string(),
            key: key.to_owned(),
            kind: update.kind,
            raw: update.raw,
            update_id: update.update_id,
        });
    }
    stored
}

/// Waits until so many events are in the stream, and returns them.
pub(crate) async fn stored_at_least(stage: &Stage, count: usize) -> Vec<Stored> {
    testkit::until(&format!("{count} updates are stored"), async || {
        Some(stored(stage).await).filter(|stored| stored.len() >= count)
    })
    .await
}

/// The ids of updates in the order of the stream.
pub(crate) fn ids(stored: &[Stored]) -> Vec<i64> {
    stored.iter().map(|one| one.update_id).collect()
}
