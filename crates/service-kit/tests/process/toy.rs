//! A role that does a little of everything, and what it needs to run: a database and a NATS of its own.

use std::sync::{Arc, LazyLock, Mutex};

use async_trait::async_trait;
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Extension, Router};
use classify::{Class, Failure};
use events::message::crm::DeliveryEnded;
use events::{Envelope, Key, Trail};
use ids::{Secret, TraceParent};
use pg::{AfterCommit, Migrator, PgConnection};
use rpc::analytics::kpi_server::{Kpi, KpiServer};
use rpc::analytics::{ReportRequest, ReportResponse};
use rpc::{Request, Response, Status};
use schemars::JsonSchema;
use serde::Deserialize;
use service_kit::http::{Json, Path};
use service_kit::{
    Check, Options, Parts, Problem, Process, Role, RoleContext, SectionDoc, Settings, StartError, Task,
};
use testkit::{PrivateNats, TestDatabase};
use tokio::sync::Notify;
use tonic::service::Routes;

/// What happened, told to the test.
#[derive(Clone, Default)]
pub(crate) struct Seen {
    pub(crate) deliveries: Arc<Mutex<Vec<bus::Delivery>>>,
    pub(crate) arrived: Arc<Notify>,
    /// Holds `GET /slow` until it is told.
    pub(crate) release: Arc<Notify>,
    pub(crate) entered: Arc<Notify>,
}

#[derive(Default)]
pub(crate) struct Toy {
    pub(crate) seen: Seen,
    /// Given to the process as it is.
    pub(crate) task: Option<Task>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Config {
    #[serde(default)]
    #[expect(dead_code, reason = "the kit reads it")]
    database_url: Secret,
    #[serde(default = "few")]
    #[expect(dead_code, reason = "the kit reads it")]
    max_connections: u32,
    /// What it says when asked.
    #[serde(default)]
    greeting: String,
}

const fn few() -> u32 {
    5
}

#[derive(Clone)]
struct App {
    cx: RoleContext,
    greeting: Arc<str>,
    seen: Seen,
}

#[async_trait]
impl Role for Toy {
    fn name(&self) -> &'static str {
        "crm"
    }

    fn schema(&self) -> &'static str {
        "crm"
    }

    fn migrator(&self) -> &'static Migrator {
        static NONE: LazyLock<Migrator> = LazyLock::new(|| Migrator::with_migrations(Vec::new()));
        &NONE
    }

    fn publishes(&self) -> Option<&'static str> {
        Some("crm")
    }

    fn sections(&self) -> Vec<SectionDoc> {
        vec![SectionDoc::of::<Config>("crm")]
    }

    async fn build(&self, cx: &RoleContext) -> Result<Parts, StartError> {
        let config: Config = cx.config()?;
        assert_eq!(cx.pool.options().get_max_connections(), few());
        if config.greeting == "forbidden" {
            return Err(StartError::role("crm", "the greeting is forbidden; choose another"));
        }
        let app = App { cx: cx.clone(), greeting: config.greeting.into(), seen: self.seen.clone() };
        let routes = Router::new()
            .route("/toy/{n}", get(greet))
            .route("/toy/publish", post(publish))
            .route("/slow", get(slow))
            .with_state(app);
        let consumer =
            bus::Consumer::ordered("toy", "crm", &["crm.delivery.ended"], Arc::new(self.seen.clone()));
        let parts = Parts::new()
            .routes(routes)
            .grpc(Routes::new(KpiServer::new(Numbers)))
            .consumer(consumer)
            .check(Check::new("mood", || async { Ok(()) }));
        Ok(match &self.task {
            Some(task) => parts.task(task.clone()),
            None => parts,
        })
    }
}

async fn greet(State(app): State<App>, Path(n): Path<u32>) -> Result<Json<String>, Problem> {
    Ok(Json(format!("{} {n}", app.greeting)))
}

async fn publish(State(app): State<App>, Extension(trace): Extension<TraceParent>) -> Result<(), Problem> {
    let (id, key) = (app.cx.ids.event(), Key::of("lead"));
    let trail = Trail::start(trace, id.clone());
    let envelope = Envelope::new(id, key, trail, app.cx.clock.now_ms(), &DeliveryEnded::default());
    let mut tx = app.cx.pool.begin().await.map_err(pg::PgError::from)?;
    let after = app.cx.outbox.put(&mut tx, &[envelope]).await?;
    tx.commit().await.map_err(pg::PgError::from)?;
    after.run();
    Ok(())
}

async fn slow(State(app): State<App>) -> &'static str {
    app.seen.entered.notify_one();
    app.seen.release.notified().await;
    "at last"
}

struct Numbers;

#[async_trait]
impl Kpi for Numbers {
    async fn report(&self, request: Request<ReportRequest>) -> Result<Response<ReportResponse>, Status> {
        if request.get_ref().from_ms > request.get_ref().to_ms {
            return Err(Problem::new(Class::Invalid, "the period ends before it begins").into());
        }
        Ok(Response::new(ReportResponse { updates: 7, ..ReportResponse::default() }))
    }
}

#[async_trait]
impl bus::BatchHandler for Seen {
    async fn handle(&self, _: &mut PgConnection, batch: &[bus::Delivery]) -> Result<AfterCommit, Failure> {
        self.deliveries.lock().unwrap().extend_from_slice(batch);
        self.arrived.notify_one();
        Ok(AfterCommit::nothing())
    }
}

/// The servers of one test.
pub(crate) struct Servers {
    _database: TestDatabase,
    pub(crate) nats: PrivateNats,
    pub(crate) url: String,
}

pub(crate) async fn servers() -> Servers {
    let (database, nats) = tokio::join!(testkit::database(), testkit::nats_server());
    // Login roles belong to the whole server, so this one is named after the database.
    let (_, host) = database.url.split_once('@').unwrap();
    let url = format!("postgres://crm_{}:toy@{host}", database.name);
    pg::provision(&database.secret(), "crm", &Secret::new(url.clone())).await.unwrap();
    Servers { _database: database, nats, url }
}

impl Servers {
    pub(crate) fn settings(&self) -> Settings {
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\ninternal_token = \"inner\"\n\
             [nats]\nurl = \"{}\"\n[crm]\ndatabase_url = \"{}\"\ngreeting = \"hello\"\n",
            self.nats.url().expose(),
            self.url
        );
        Settings::from_toml(&text, []).unwrap()
    }
}

pub(crate) async fn start(toy: &Toy, settings: &Settings) -> Result<Process, StartError> {
    Process::start(&[toy], settings, Options::default()).await
}

/// What the tests ask with. The client wants the process to have a cryptography, though nothing here is encrypted.
pub(crate) fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

/// Status and body.
pub(crate) async fn get_page(process: &Process, path: &str) -> (u16, String) {
    let response = client().get(format!("http://{}{path}", process.address())).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}
