//! `POST /crm/{account}`, and `/crm/{account}/{secret}` where the CRM signs nothing: that something changed in an account. It
//! is answered once the jobs that read what changed are written, and never before: then the CRM may forget it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Extension, FromRequest, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use classify::{Class, Failure};
use events::Trail;
use ids::{Clock, Ids, TraceParent, Uuid};
use jobs::Jobs;
use pg::{PgError, Pool};
use service_kit::Problem;
use service_kit::http::Path;

use crate::back::{Doors, Post, Refused};
use crate::jobs::ReadDeal;
use crate::store::deal;

/// CRMs post a few kilobytes, amoCRM many deals at once.
const MOST_BYTES: usize = 1024 * 1024;
/// amoCRM waits for two seconds, and lets a webhook rest that is often slower.
const ANSWER: Duration = Duration::from_millis(1_700);
/// Seconds until a CRM may try again where nothing can be stored.
const LATER: u32 = 5;

/// What the endpoint is given.
pub(crate) struct Desk {
    pub(crate) doors: Doors,
    pub(crate) pool: Pool,
    pub(crate) jobs: Jobs,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
}

pub(crate) fn routes(desk: Desk) -> Router {
    Router::new()
        .route("/crm/{account}", post(told))
        .route("/crm/{account}/{secret}", post(told_in_secret))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .with_state(Arc::new(desk))
}

async fn told(
    State(desk): State<Arc<Desk>>,
    Path(account): Path<String>,
    Extension(trace): Extension<TraceParent>,
    request: Request,
) -> Result<(), Problem> {
    desk.receive(&account, None, trace, request).await
}

async fn told_in_secret(
    State(desk): State<Arc<Desk>>,
    Path((account, secret)): Path<(String, String)>,
    Extension(trace): Extension<TraceParent>,
    request: Request,
) -> Result<(), Problem> {
    desk.receive(&account, Some(&secret), trace, request).await
}

impl Desk {
    async fn receive(
        &self,
        account: &str,
        secret: Option<&str>,
        trace: TraceParent,
        request: Request,
    ) -> Result<(), Problem> {
        if !self.doors.knows(account) {
            return Err(Problem::new(Class::NotFound, "no account of this name takes webhooks"));
        }
        if self.doors.refuses_address(account, secret) {
            return Err(refused(account, Refused::Stranger));
        }
        let address = request.uri().path_and_query().map(|address| address.as_str().to_owned());
        let headers = request.headers().clone();
        let body = Bytes::from_request(request, &()).await.map_err(|rejection| unread(&rejection))?;
        let post = Post {
            address: address.as_deref().unwrap_or_default(),
            secret,
            signature: header(&headers, "x-hubspot-signature-v3"),
            time: header(&headers, "x-hubspot-request-timestamp"),
            body: &body,
            now_ms: self.clock.now_ms(),
        };
        let mut deals = self.doors.deals(account, &post).map_err(|why| refused(account, why))?;
        deals.sort_unstable();
        deals.dedup();
        let read = match tokio::time::timeout(ANSWER, self.ask(account, &deals, trace)).await {
            Ok(read) => read.map_err(|failure| not_stored(&failure))?,
            Err(_) => return Err(not_stored(&Failure::new(Class::Transient, "the database is too slow"))),
        };
        count(account, if read { "taken" } else { "nothing_new" });
        Ok(())
    }

    /// Writes the jobs that read those of the deals that are ours; whether there are any.
    async fn ask(&self, account: &str, deals: &[String], trace: TraceParent) -> Result<bool, Failure> {
        if deals.is_empty() {
            return Ok(false);
        }
        let ids: Vec<Uuid> = deals.iter().map(|_| self.ids.uuid()).collect();
        let mut tx = self.pool.begin().await.map_err(PgError::from)?;
        let ours = deal::told(&mut tx, account, deals, &ids).await?;
        let trail = Trail::start(trace, self.ids.event());
        let jobs = ours.iter().map(|deal| ReadDeal::job(account, deal, trail.clone()));
        let jobs = jobs.collect::<Result<Vec<_>, _>>()?;
        let after = self.jobs.enqueue(&mut tx, jobs).await?;
        tx.commit().await.map_err(PgError::from)?;
        after.run();
        Ok(!ours.is_empty())
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn refused(account: &str, why: Refused) -> Problem {
    count(account, "refused");
    match why {
        Refused::Stranger => {
            Problem::unauthorized("the secret, the token or the signature is missing or wrong")
        }
        Refused::Garbage => Problem::new(Class::Invalid, "the body is not what this CRM posts"),
    }
}

fn not_stored(failure: &Failure) -> Problem {
    let problem = Problem::of(failure);
    if failure.class().is_retryable() { problem.with_retry_after(LATER) } else { problem }
}

fn unread(rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::too_large();
    }
    Problem::new(Class::Invalid, "the body did not arrive whole")
}

/// "taken": a deal is read for it; "nothing_new": it is about none of ours, or a read of it waits already; "refused".
fn count(account: &str, outcome: &'static str) {
    metrics::counter!(
        "dragoman_crm_hooks_total", "account" => account.to_owned(), "outcome" => outcome
    )
    .increment(1);
}
