//! What these tests share: the service on its stage, events as the other services publish them, and the
//! question for the numbers.

use analytics::Analytics;
use events::message::bot::{
    ConversationStarted, FileChecked, FlowMoved, HandoffRequested, LeadCaptured, LimitChanged,
    ModelRequested, Send, SendsCompleted,
};
use events::message::crm::{DealMoved, DeliveryEnded};
use events::message::gateway::UpdateReceived;
use events::message::llm::model_answered::Outcome;
use events::message::llm::{AnomalySeen, BudgetReached, ModelAnswered};
use events::{Envelope, Event, Key, Trail};
use ids::{EventId, Ids, Secret, Uuid};
use rpc::analytics::kpi_client::KpiClient;
use rpc::analytics::{ReportRequest, ReportResponse};
use rpc::{Bearer, Channel, Status};
use testkit::{App, INTERNAL_TOKEN, Stage, until};

/// The begin of every period here, on a full minute. Unix milliseconds.
pub(crate) const T: i64 = 1_760_000_040_000;
pub(crate) const HOUR: i64 = 3_600_000;

pub(crate) const SERVICES: [&str; 4] = ["gateway", "bot", "llm", "crm"];

pub(crate) async fn stage() -> Stage {
    let stage = testkit::stage(&[&Analytics]).await;
    for service in SERVICES {
        stage.bus().ensure_stream(service).await.unwrap();
    }
    stage
}

/// An id that a test can name: conversation 1, lead 2.
pub(crate) fn id(n: u128) -> String {
    Uuid::from_u128(n).to_string()
}

pub(crate) async fn publish<E: Event>(stage: &Stage, at_ms: i64, event: &E) {
    let ids = Ids::system();
    publish_as(stage, ids.event(), at_ms, event).await;
}

pub(crate) async fn publish_as<E: Event>(stage: &Stage, id: EventId, at_ms: i64, event: &E) {
    let trail = Trail::start(Ids::system().trace(), id.clone());
    let envelope = Envelope::new(id, Key::chat("sales", 7), trail, at_ms, event);
    stage.bus().publish(envelope).await.unwrap();
}

/// Waits until every event was taken.
pub(crate) async fn settled(stage: &Stage) {
    for service in SERVICES {
        let durable = format!("analytics-{service}");
        until("every event was taken", async || {
            stage.bus().lag(service, &durable).await.unwrap().is_zero().then_some(())
        })
        .await;
    }
}

pub(crate) async fn ask(app: &App, from_ms: i64, to_ms: i64, bot: &str) -> Result<ReportResponse, Status> {
    let request = ReportRequest { from_ms, to_ms, bot: bot.to_owned() };
    ask_as(app, INTERNAL_TOKEN, request).await
}

/// The same, as one who shows this token.
pub(crate) async fn ask_as(app: &App, token: &str, request: ReportRequest) -> Result<ReportResponse, Status> {
    let channel = Channel::from_shared(app.url()).unwrap().connect_lazy();
    let mut client = KpiClient::with_interceptor(channel, Bearer::new(&Secret::new(token)));
    client.report(request).await.map(tonic::Response::into_inner)
}

pub(crate) fn update(update_id: i64, kind: &str, at: i64) -> UpdateReceived {
    UpdateReceived {
        bot: "sales".to_owned(),
        update_id,
        kind: kind.to_owned(),
        chat_id: 7,
        raw: b"{}".to_vec(),
        received_at_ms: at,
    }
}

pub(crate) fn started(conversation: u128, at_ms: i64) -> ConversationStarted {
    ConversationStarted {
        conversation_id: id(conversation),
        bot: "sales".to_owned(),
        chat_kind: "private".to_owned(),
        language: "en".to_owned(),
        start_payload: "call me on +7 912 987-65-43".to_owned(),
        at_ms,
    }
}

pub(crate) fn flow(conversation: u128, at_ms: i64) -> FlowMoved {
    FlowMoved {
        conversation_id: id(conversation),
        bot: "sales".to_owned(),
        flow: "intake".to_owned(),
        movement: "started".to_owned(),
        at_ms,
    }
}

pub(crate) fn handoff(conversation: u128, at_ms: i64) -> HandoffRequested {
    let (bot, reason) = ("sales".to_owned(), "asked".to_owned());
    HandoffRequested { conversation_id: id(conversation), bot, reason, at_ms, ..HandoffRequested::default() }
}

pub(crate) fn limit(conversation: u128, at_ms: i64) -> LimitChanged {
    LimitChanged {
        conversation_id: id(conversation),
        bot: "sales".to_owned(),
        change: "paused".to_owned(),
        why: "repeated".to_owned(),
        at_ms,
        until_ms: at_ms + HOUR,
    }
}

pub(crate) fn lead(lead: u128, conversation: u128, temperature: &str, at_ms: i64) -> LeadCaptured {
    LeadCaptured {
        lead_id: id(lead),
        conversation_id: id(conversation),
        bot: "sales".to_owned(),
        temperature: temperature.to_owned(),
        score: 50,
        at_ms,
        ..LeadCaptured::default()
    }
}

pub(crate) fn file(file: u128, outcome: &str, at_ms: i64) -> FileChecked {
    FileChecked {
        file_id: id(file),
        conversation_id: id(1),
        bot: "sales".to_owned(),
        outcome: outcome.to_owned(),
        media_type: "application/pdf".to_owned(),
        size_bytes: 2_048,
        at_ms,
    }
}

/// An answer that took so many milliseconds; none where nothing was asked.
pub(crate) fn send(conversation: u128, took: Option<i64>, outcome: &str, sent_at_ms: i64) -> Send {
    Send {
        conversation_id: id(conversation),
        bot: "sales".to_owned(),
        source: "flow".to_owned(),
        received_at_ms: took.map_or(0, |took| sent_at_ms - took),
        sent_at_ms,
        outcome: outcome.to_owned(),
        ..Send::default()
    }
}

pub(crate) fn sends(sends: Vec<Send>) -> SendsCompleted {
    SendsCompleted { sends }
}

pub(crate) fn asked(request: u128) -> ModelRequested {
    ModelRequested {
        request_id: id(request),
        conversation_id: id(1),
        bot: "sales".to_owned(),
        ..ModelRequested::default()
    }
}

pub(crate) fn answered(request: u128, outcome: Outcome, cost_micros: i64, at_ms: i64) -> ModelAnswered {
    ModelAnswered {
        request_id: id(request),
        conversation_id: id(1),
        bot: "sales".to_owned(),
        outcome: outcome.into(),
        provider: "openai-compatible".to_owned(),
        model: "small".to_owned(),
        prompt_tokens: 100,
        completion_tokens: 10,
        cost_micros,
        took_ms: 900,
        at_ms,
        ..ModelAnswered::default()
    }
}

/// A person's budget for the day is used up.
pub(crate) fn reached(at_ms: i64) -> BudgetReached {
    BudgetReached {
        scope: "person".to_owned(),
        id: "pseudonym-7".to_owned(),
        period: "day".to_owned(),
        percent: 100,
        calls: 50,
        spent_micros: 1_000,
        resets_at_ms: at_ms,
        at_ms,
    }
}

pub(crate) fn anomaly(request: u128, at_ms: i64) -> AnomalySeen {
    AnomalySeen {
        request_id: id(request),
        bot: "sales".to_owned(),
        kind: "slow".to_owned(),
        value: 11_000,
        provider: "openai-compatible".to_owned(),
        model: "small".to_owned(),
        prompt: "system@3".to_owned(),
        at_ms,
    }
}

pub(crate) fn delivery(lead: u128, outcome: &str, at_ms: i64) -> DeliveryEnded {
    DeliveryEnded {
        lead_id: id(lead),
        endpoint: "main".to_owned(),
        outcome: outcome.to_owned(),
        attempts: 1,
        status: 200,
        at_ms,
    }
}

/// Deal 1 stands so since then, as it was read then.
pub(crate) fn deal(deal: u128, outcome: &str, amount_minor: i64, currency: &str, at_ms: i64) -> DealMoved {
    DealMoved {
        deal_id: id(deal),
        lead_id: id(deal),
        conversation_id: id(1),
        bot: "sales".to_owned(),
        account: "main".to_owned(),
        outcome: outcome.to_owned(),
        stage: "Closed".to_owned(),
        responsible: "Anna Orlova".to_owned(),
        amount_minor,
        currency: currency.to_owned(),
        at_ms,
        outcome_since_ms: at_ms,
    }
}
