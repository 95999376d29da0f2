//! What these tests share: the service on its stage, a lead, and what is published of it.

use bytes::Bytes;
use crm::Crm;
use events::message::bot::{Answer, Contact, LeadCaptured, LeadFile, ScoreEvidence};
use events::message::crm::DeliveryEnded;
use events::{Envelope, Event, Key, Trail};
use futures::StreamExt;
use futures::stream::BoxStream;
use ids::{Ids, Uuid};
use prost::Message;
use testkit::{App, Stage, until};

use crate::receiver::Receiver;

pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub(crate) const OTHER_SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

/// The service's settings with these endpoints, which may be on this machine.
pub(crate) fn config(endpoints: &str) -> String {
    format!("[crm]\nallow_private_addresses = [\"127.0.0.0/8\"]\ntimeout_seconds = 1\n{endpoints}")
}

pub(crate) fn endpoint(name: &str, receiver: &Receiver) -> String {
    let url = receiver.url();
    format!("[[crm.endpoints]]\nname = \"{name}\"\nurl = \"{url}\"\nsecret = \"{SECRET}\"\n")
}

pub(crate) async fn stage() -> Stage {
    let stage = testkit::stage(&[&Crm]).await;
    for service in ["bot", "llm"] {
        stage.bus().ensure_stream(service).await.unwrap();
    }
    stage
}

pub(crate) async fn start(stage: &Stage, endpoints: &str) -> App {
    stage.start(&[&Crm], &config(endpoints)).await
}

pub(crate) fn lead() -> LeadCaptured {
    LeadCaptured {
        lead_id: Ids::system().uuid().to_string(),
        conversation_id: Uuid::nil().to_string(),
        bot: "sales".to_owned(),
        language: "en".to_owned(),
        temperature: "hot".to_owned(),
        score: 90,
        evidence: vec![ScoreEvidence { rule: "budget".to_owned(), points: 40, words: "5-7k usd".to_owned() }],
        answers: vec![Answer {
            field: "type".to_owned(),
            value: "crm".to_owned(),
            text: "a CRM".to_owned(),
            found: false,
        }],
        why: vec![
            "hot: 90 points (hot from 75, warm from 40)".to_owned(),
            "+40 budget — “5-7k usd”".to_owned(),
        ],
        contact: Some(Contact {
            name: "Ada".to_owned(),
            phone: "+79129876543".to_owned(),
            telegram_user_id: 7,
            ..Contact::default()
        }),
        start_payload: String::new(),
        attribution: None,
        flow: String::new(),
        at_ms: 1_760_000_000_000,
        files: vec![LeadFile {
            file_id: Uuid::nil().to_string(),
            name: "brief.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            size_bytes: 2_048,
        }],
    }
}

/// Publishes a lead as the bot would, in an event of its own.
pub(crate) async fn publish(stage: &Stage, lead: &LeadCaptured) {
    tell(stage, &lead.bot, lead).await;
}

/// Publishes an event about the chat 7 of this bot.
pub(crate) async fn tell<E: Event>(stage: &Stage, bot: &str, event: &E) {
    let ids = Ids::system();
    let id = ids.event();
    let trail = Trail::start(ids.trace(), id.clone());
    let envelope = Envelope::new(id, Key::chat(bot, 7), trail, 1_760_000_000_000, event);
    stage.bus().publish(envelope).await.unwrap();
}

/// What the service publishes from now on.
pub(crate) struct Facts(BoxStream<'static, Bytes>);

impl Facts {
    pub(crate) async fn listen(stage: &Stage) -> Self {
        let facts = Self(stage.bus().core_subscribe("ev.crm.>").await.unwrap());
        // The server has the subscription before anything is published.
        stage.bus().flush().await.unwrap();
        facts
    }

    pub(crate) async fn next(&mut self) -> DeliveryEnded {
        let limit = std::time::Duration::from_secs(30);
        let payload = tokio::time::timeout(limit, self.0.next()).await.unwrap().unwrap();
        DeliveryEnded::decode(payload).unwrap()
    }
}

/// The only job: its attempts and how long after the last attempt began it is to run. Seconds. Waits until
/// `attempts` are over.
pub(crate) async fn pause_after(stage: &Stage, attempts: i32) -> f64 {
    let sql = "select extract(epoch from j.run_at - (select max(started_at) from attempt))::float8
               from job j where state = 2 and key <> queue and attempt = $1";
    until(&format!("attempt {attempts} is over"), async || {
        sqlx::query_scalar(sql).bind(attempts).fetch_optional(stage.pool("crm")).await.unwrap()
    })
    .await
}

/// Lets the waiting job run now instead of when it is due.
pub(crate) async fn hurry(stage: &Stage) {
    let moved = sqlx::query("update job set run_at = now() where state = 2");
    assert_eq!(moved.execute(stage.pool("crm")).await.unwrap().rows_affected(), 1);
}

/// The attempts of the only delivery: outcome and status.
pub(crate) async fn attempts(stage: &Stage) -> Vec<(Option<String>, Option<i32>)> {
    sqlx::query_as("select outcome, status from attempt order by n")
        .fetch_all(stage.pool("crm"))
        .await
        .unwrap()
}

pub(crate) async fn dead_letters(stage: &Stage, count: usize) -> Vec<(i64, String)> {
    until(&format!("there are {count} dead letters"), async || {
        let letters: Vec<(i64, String)> = sqlx::query_as("select id, error from dead_letter order by id")
            .fetch_all(stage.pool("crm"))
            .await
            .unwrap();
        Some(letters).filter(|letters| letters.len() >= count)
    })
    .await
}
