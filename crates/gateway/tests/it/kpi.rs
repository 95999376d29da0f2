//! `GET /v1/kpi` against an analytics service that says what it is told to, over real gRPC.

use std::sync::{Arc, LazyLock, Mutex};

use async_trait::async_trait;
use gateway::{Gateway, GatewayConfig};
use pg::Migrator;
use rpc::analytics::kpi_server::{Kpi, KpiServer};
use rpc::analytics::{Deals, Deliveries, Latency, Leads, ModelUse, ReportRequest, ReportResponse, Revenue};
use rpc::{Code, Request, Response, Status};
use serde_json::{Value, json};
use service_kit::{Parts, Role, RoleContext, SectionDoc, StartError};
use testkit::App;

use crate::support::{ADMIN, client};

/// In place of analytics.
#[derive(Clone, Default)]
struct Stand {
    /// What it refuses with.
    refuses: Arc<Mutex<Option<Code>>>,
    asked: Arc<Mutex<Vec<(ReportRequest, String)>>>,
}

#[async_trait]
impl Kpi for Stand {
    async fn report(&self, request: Request<ReportRequest>) -> Result<Response<ReportResponse>, Status> {
        let trace = request.metadata().get("traceparent").unwrap().to_str().unwrap().to_owned();
        self.asked.lock().unwrap().push((request.into_inner(), trace));
        if let Some(code) = *self.refuses.lock().unwrap() {
            return Err(Status::new(code, "why it was refused"));
        }
        Ok(Response::new(ReportResponse {
            updates: 1,
            conversations: 2,
            leads: Some(Leads { total: 12, hot: 3, warm: 4, cold: 5 }),
            conversion: 0.25,
            handoffs: 6,
            handoff_rate: 0.5,
            latency: Some(Latency { answers: 7, p50_ms: 8.5, p95_ms: 9.25 }),
            model: Some(ModelUse {
                requests: 10,
                answered: 11,
                unknown: 12,
                failed: 13,
                prompt_tokens: 14,
                completion_tokens: 15,
                cost_micros: 1_500_000,
            }),
            deliveries: Some(Deliveries { delivered: 16, failed: 17 }),
            deals: Some(Deals {
                won: 18,
                lost: 19,
                revenue: vec![Revenue { currency: "RUB".to_owned(), amount_minor: 20 }],
            }),
        }))
    }
}

#[async_trait]
impl Role for Stand {
    fn name(&self) -> &'static str {
        "analytics"
    }

    fn schema(&self) -> &'static str {
        "analytics"
    }

    fn migrator(&self) -> &'static Migrator {
        static NONE: LazyLock<Migrator> = LazyLock::new(|| Migrator::with_migrations(Vec::new()));
        &NONE
    }

    fn publishes(&self) -> Option<&'static str> {
        None
    }

    fn sections(&self) -> Vec<SectionDoc> {
        vec![SectionDoc::of::<GatewayConfig>("gateway")]
    }

    async fn build(&self, _: &RoleContext) -> Result<Parts, StartError> {
        Ok(Parts::new().grpc(tonic::service::Routes::new(KpiServer::new(self.clone()))))
    }
}

async fn get(app: &App, query: &[(&str, &str)], token: &str) -> (u16, Value) {
    let url = reqwest::Url::parse_with_params(&format!("{}/v1/kpi", app.url()), query).unwrap();
    let request = client().get(url).bearer_auth(token);
    let answer = request.header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    let answer = answer.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap())
}

fn config(analytics_url: &str) -> String {
    format!("[gateway]\nadmin_token = \"{ADMIN}\"\nanalytics_url = \"{analytics_url}\"\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_numbers_are_asked_of_analytics_and_each_refusal_has_its_status() {
    let stand = Stand::default();
    let stage = testkit::stage(&[&Gateway, &stand]).await;
    let app = stage.start(&[&Gateway, &stand], &config("")).await;
    let period = [("from", "2026-11-01T00:00:00Z"), ("to", "2026-11-08T00:00:00Z"), ("bot", "sales")];
    let (status, kpi) = get(&app, &period, ADMIN).await;
    assert_eq!(status, 200);
    assert_eq!(
        kpi,
        json!({
            "from": "2026-11-01T00:00:00Z", "to": "2026-11-08T00:00:00Z",
            "updates": 1, "conversations": 2,
            "leads": { "total": 12, "hot": 3, "warm": 4, "cold": 5 },
            "conversion": 0.25, "handoffs": 6, "handoff_rate": 0.5,
            "latency": { "answers": 7, "p50_ms": 8.5, "p95_ms": 9.25 },
            "model": {
                "requests": 10, "answered": 11, "unknown": 12, "failed": 13,
                "prompt_tokens": 14, "completion_tokens": 15, "cost_usd": 1.5
            },
            "deliveries": { "delivered": 16, "failed": 17 },
            "deals": { "won": 18, "lost": 19, "revenue": [{ "currency": "RUB", "amount_minor": 20 }] }
        })
    );
    let (asked, trace) = stand.asked.lock().unwrap()[0].clone();
    assert_eq!(
        (asked.from_ms, asked.to_ms, asked.bot.as_str()),
        (1_793_491_200_000, 1_794_096_000_000, "sales")
    );
    assert!(trace.contains("4bf92f3577b34da6a3ce929d0e0e4736"), "{trace}");

    for wrong in ["", "a guess"] {
        assert_eq!(get(&app, &period, wrong).await.0, 401);
    }
    for query in [
        [("from", "yesterday")].as_slice(),
        &[("from", "2026-11-08T00:00:00Z"), ("to", "2026-11-01T00:00:00Z")],
        &[("to", "-009999-01-02T01:59:59Z")],
        &[("from", "1900-01-01T00:00:00Z")],
        &[("form", "2026-11-01T00:00:00Z")],
    ] {
        let (status, problem) = get(&app, query, ADMIN).await;
        assert_eq!((status, problem["status"].as_u64()), (400, Some(400)), "{query:?}: {problem}");
    }
    for (code, status) in [(Code::InvalidArgument, 400), (Code::Unavailable, 503), (Code::Internal, 500)] {
        *stand.refuses.lock().unwrap() = Some(code);
        let (found, problem) = get(&app, &period, ADMIN).await;
        assert_eq!(found, status);
        let tells = problem["detail"].as_str().unwrap_or_default().contains("why it was refused");
        assert_eq!(tells, status == 400, "what is inside is not told: {problem}");
    }
    let description = client().get(format!("{}/openapi.json", app.url())).send().await.unwrap();
    assert!(description.text().await.unwrap().contains("/v1/kpi"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_analytics_is_away_the_rest_of_the_gateway_works() {
    let stage = testkit::stage(&[&Gateway]).await;
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let app = stage.start(&[&Gateway], &config(&format!("http://{nobody}"))).await;
    let answer = client().get(format!("{}/v1/kpi", app.url())).bearer_auth(ADMIN).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].to_str().unwrap()), (503, "1"));
    let ready = client().get(format!("{}/health/ready", app.url())).send().await.unwrap();
    assert_eq!(ready.status(), 200);
    app.stop().await;

    // In a process without analytics nobody answers at its own address.
    let app = stage.start(&[&Gateway], &config("")).await;
    let answer = client().get(format!("{}/v1/kpi", app.url())).bearer_auth(ADMIN).send().await.unwrap();
    assert!(answer.status().is_server_error(), "{}", answer.status());
    app.stop().await;
    for wrong in ["not an address", "127.0.0.1:8080", "https://analytics:1"] {
        let error = stage.try_start(&[&Gateway], &config(wrong)).await.unwrap_err().sentence();
        assert!(error.contains("analytics_url"), "{error}");
    }
}
