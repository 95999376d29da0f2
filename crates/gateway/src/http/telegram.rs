//! `POST /telegram/{bot}`: where Telegram delivers updates.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State, rejection::BytesRejection};
use axum::routing::post;
use classify::{Class, Classify, Failure};
use ids::{Secret, TraceParent};
use service_kit::Problem;
use ::telegram::TelegramConfig;

use crate::ingest::{Ingest, IngestError};

/// Telegram's updates are a few kilobytes; this is far above the largest.
const MOST_BYTES: usize = 1024 * 1024;

const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

#[derive(Clone)]
struct Door {
    ingest: Ingest,
    /// The secret of each bot.
    secrets: Arc<BTreeMap<String, Secret>>,
}

pub(crate) fn routes(ingest: Ingest, config: &TelegramConfig) -> Router {
    let secrets = config.bots.iter().map(|(name, bot)| (name.to_string(), bot.webhook_secret())).collect();
    Router::new()
        .route("/telegram/{bot}", post(receive))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .with_state(Door { ingest, secrets: Arc::new(secrets) })
}

/// Answers 200 once JetStream has the update, and never before: then Telegram may forget it.
async fn receive(
    State(door): State<Door>,
    Path(bot): Path<String>,
    headers: axum::http::HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(), Problem> {
    // A bot that does not exist and a wrong secret look the same from outside, in the answer and in time.
    let shown = headers.get(SECRET_HEADER).map_or(&[][..], |value| value.as_bytes());
    let known = door.secrets.get(&bot);
    let right = known.map_or_else(|| Secret::new("no such bot, no such secret").matches(shown), |s| s.matches(shown));
    if known.is_none() || !right {
        return Err(Problem::unauthorized("the secret token is missing or wrong"));
    }
    let body = body.map_err(|rejection| match rejection {
        BytesRejection::FailedToBufferBody(error)
            if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE =>
        {
            Problem::too_large()
        }
        _ => Problem::new(Class::Invalid, "the body did not arrive whole"),
    })?;
    let trace = headers
        .get("traceparent")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<TraceParent>().ok());
    door.ingest.take(&bot, &body, trace).await.map_err(|error| match &error {
        IngestError::NotAnUpdate(why) => Problem::new(Class::Invalid, classify::chain(why)),
        IngestError::NotStored(why) => {
            tracing::warn!(%bot, error = %classify::chain(why), "an update was not stored; Telegram will repeat it");
            Problem::of(&Failure::new(error.class(), "the update could not be stored; send it again"))
                .with_retry_after(1)
        }
    })
}
