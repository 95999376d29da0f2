//! `POST /v1/chat/completions`: models for the organisation's own programs, as OpenAI's clients ask for them.

mod answer;
mod body;
mod failure;
mod request;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Extension, FromRequest, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::post;
use ids::{Clock, Ids, TraceParent};
use rpc::llm::{BudgetPeriod, CallPayer};
use service_kit::Problem;
use service_kit::http::Bearer;
use tokio::sync::Semaphore;

use self::answer::Title;
pub(super) use self::failure::{ErrorBody, Failed};
use self::request::Wanted;
use self::stream::Events;
use crate::keys::{Key, Keys, Period, Refusal};
use crate::models::Models;

/// About a million tokens, which is what the largest models take.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// A body takes this long to come at most.
const BODY: Duration = Duration::from_secs(30);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the endpoints for programs are given.
pub(crate) struct Counter {
    pub(crate) keys: Keys,
    pub(crate) models: Models,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    /// Requests under way at most.
    pub(crate) room: Arc<Semaphore>,
}

pub(crate) fn routes(counter: Arc<Counter>) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(complete))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .with_state(counter)
}

/// Answers a conversation, as OpenAI's endpoint of this name does: in one piece, or with `stream` as server-sent
/// events. A stream that breaks off has an `error` in its last event and no `[DONE]`. Fields that would change the
/// answer and are not known here are refused.
#[utoipa::path(
    post, path = "/v1/chat/completions", tag = "models", operation_id = "create_chat_completion",
    security(("api_key" = [])), request_body = body::Body,
    responses(
        (status = 200, description = "The answer; with `stream` as `text/event-stream`", body = answer::Completion),
        (status = 400, description = "A field is wrong (`param` says which), the conversation is empty, or too long for the model", body = failure::ErrorBody),
        (status = 401, description = "The API key is missing, wrong, expired or revoked", body = failure::ErrorBody),
        (status = 403, description = "The API key may not use the model", body = failure::ErrorBody),
        (status = 404, description = "There is no such model", body = failure::ErrorBody),
        (status = 408, description = "The body did not arrive in time", body = failure::ErrorBody),
        (status = 413, description = "The body is longer than 4 MiB", body = failure::ErrorBody),
        (status = 429, description = "A budget is used up (`insufficient_quota`, with `resets_at` and `Retry-After`), or the provider has too many calls", body = failure::ErrorBody),
        (status = 502, description = "The provider refuses the call, or its answer can not be read", body = failure::ErrorBody),
        (status = 503, description = "The provider or the model worker does not answer now, or too much is under way; try again after `Retry-After`", body = failure::ErrorBody),
        (status = 504, description = "The provider took too long", body = failure::ErrorBody),
    )
)]
pub(crate) async fn complete(
    State(counter): State<Arc<Counter>>,
    Extension(trace): Extension<TraceParent>,
    bearer: Result<Bearer, Problem>,
    request: Request,
) -> Result<Response, Failed> {
    let key = admit(&counter, bearer).await?;
    let room = counter.room.clone().try_acquire_owned().map_err(|_| Failed::overloaded())?;
    // Only now: a stranger's body is not even read.
    let Wanted { mut call, stream, include_usage } = request::wanted(&body(request).await?)?;
    if !key.may_ask(&call.model) {
        return Err(Failed::not_allowed(&call.model));
    }
    let request_id = counter.ids.request().to_string();
    let model = call.model.clone();
    let id = format!("chatcmpl-{request_id}");
    let now = counter.clock.now();
    call.payer = Some(payer(&key));
    call.request_id.clone_from(&request_id);
    let failed = |status| Failed::of_call(&rpc::failure(&status), &model, counter.clock.now_ms());
    let pieces = counter.models.complete(call, trace).await.map_err(failed)?;
    let title = Title { id: &id, created: now.as_second(), model: &model };
    let (kind, body) = if stream {
        let events = Events::new(&title, include_usage, pieces, counter.clock.clone(), room);
        ("text/event-stream", Body::from_stream(events))
    } else {
        let answer = answer::whole(pieces).await.map_err(failed)?;
        ("application/json", Body::from(answer::json(&title, &answer)))
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if stream {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        // nginx would gather the pieces.
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    }
    headers.extend(HeaderValue::from_str(&request_id).ok().map(|id| (REQUEST_ID, id)));
    Ok(response)
}

/// The key that was shown.
pub(super) async fn admit(counter: &Counter, bearer: Result<Bearer, Problem>) -> Result<Arc<Key>, Failed> {
    let Bearer(shown) = bearer.map_err(|_| Failed::unknown_key())?;
    counter.keys.open(shown.expose()).await.map_err(|refusal| match refusal {
        Refusal::Unknown => Failed::unknown_key(),
        Refusal::Failed(error) => {
            tracing::warn!(error = %classify::chain(&error), "an API key could not be looked up");
            Failed::unavailable("unavailable", "the API key can not be looked up now")
        }
    })
}

async fn body(request: Request) -> Result<Bytes, Failed> {
    let read = tokio::time::timeout(BODY, Bytes::from_request(request, &())).await;
    read.map_err(|_| Failed::body_too_slow())?.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Failed::body_too_large(MOST_BYTES),
        _ => Failed::field("", "invalid_json", "the body did not arrive whole"),
    })
}

fn payer(key: &Key) -> CallPayer {
    let period = match key.period {
        Period::Day => BudgetPeriod::Day,
        Period::Month => BudgetPeriod::Month,
    };
    let (api_key, budget_micros) = (key.id.clone(), key.budget_micros);
    CallPayer { api_key, budget_micros, budget_period: period.into() }
}
