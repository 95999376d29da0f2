//! `POST /telegram/{bot}`: where Telegram delivers updates.

use std::collections::BTreeMap;
use std::sync::Arc;

use ::telegram::TelegramConfig;
use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{DefaultBodyLimit, Extension, FromRequest, Path, Request, State};
use axum::http::StatusCode;
use axum::routing::post;
use classify::Class;
use ids::{Secret, TraceParent};
use service_kit::Problem;
use service_kit::http::ApiToken;

use crate::ingest::{Ingest, IngestError};

/// Telegram's updates are a few kilobytes; this is far above the largest.
const MOST_BYTES: usize = 1024 * 1024;

const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

/// What the endpoint is given.
pub(crate) struct Door {
    ingest: Ingest,
    /// What each bot's webhook is opened by; kept, and compared, as hashes.
    secrets: BTreeMap<String, ApiToken>,
    /// Compared with where there is no such bot, so that this takes as long. It never opens.
    nobody: ApiToken,
}

pub(crate) fn routes(ingest: Ingest, config: &TelegramConfig) -> Router {
    let token = |bot: &::telegram::BotConfig| ApiToken::any_of([&bot.webhook_secret()]);
    let secrets = config.bots.iter().map(|(name, bot)| (name.to_string(), token(bot))).collect();
    let nobody = ApiToken::any_of([&Secret::new("no such bot, no such secret")]);
    Router::new()
        .route("/telegram/{bot}", post(receive))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .with_state(Arc::new(Door { ingest, secrets, nobody }))
}

/// Takes an update from Telegram. It answers 200 once the update is stored, and never before: then Telegram
/// may forget it.
#[utoipa::path(
    post, path = "/telegram/{bot}", tag = "telegram", operation_id = "receive_update",
    params(
        ("bot" = String, Path, description = "The bot's name in the configuration"),
        ("X-Telegram-Bot-Api-Secret-Token" = String, Header, description = "The secret that was registered with Telegram"),
    ),
    request_body(content = Object, description = "An update of the Bot API, of any kind"),
    responses(
        (status = 200, description = "The update is stored"),
        (status = 400, description = "The body is not an update"),
        (status = 401, description = "The secret is missing or wrong, or there is no such bot"),
        (status = 413, description = "The body is longer than 1 MiB"),
        (status = 503, description = "The update can not be stored now; send it again after `Retry-After`"),
    )
)]
pub(crate) async fn receive(
    State(door): State<Arc<Door>>,
    bot: Result<Path<String>, PathRejection>,
    Extension(trace): Extension<TraceParent>,
    request: Request,
) -> Result<(), Problem> {
    let bot = bot.map(|Path(bot)| bot).unwrap_or_default();
    let shown =
        request.headers().get(SECRET_HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let known = door.secrets.get(&bot);
    // A bot that does not exist and a wrong secret look the same from outside, in the answer and in time.
    let right = known.unwrap_or(&door.nobody).admits(shown);
    if known.is_none() || !right {
        return Err(Problem::unauthorized("the secret token is missing or wrong"));
    }
    // Only now: a stranger's body is not even read.
    let body = Bytes::from_request(request, &()).await.map_err(|rejection| unread(&rejection))?;
    match door.ingest.take(&bot, &body, trace).await {
        Ok(()) => Ok(()),
        Err(IngestError::NotAnUpdate(why)) => Err(Problem::new(Class::Invalid, classify::chain(&why))),
        Err(error) => Err(error.into()),
    }
}

fn unread(rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::too_large();
    }
    Problem::new(Class::Invalid, "the body did not arrive whole")
}
