//! `GET /file/bot<token>/<path>`: the content of a file that `getFile` named.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Response, header};

use super::call::Kill;
use super::reply::{self, ApiError};
use crate::faults::Failure;
use crate::state::Sim;

pub(super) async fn serve(sim: &Sim, token: &str, path: &str, kill: Option<Kill>) -> Response<Body> {
    let Some(bot) = sim.bot_by_token(token) else { return reply::http(&Err(ApiError::unauthorized())) };
    let verdict = sim.faults.judge(&bot.name, "file", None, || sim.options.ids.fraction());
    if verdict.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(verdict.delay_ms)).await;
    }
    match verdict.fail {
        Some((_, Failure::Status { status, description, retry_after })) => {
            return reply::http(&Err(ApiError::ordered(status, description, retry_after)));
        }
        Some((_, Failure::Drop(_))) => {
            if let Some(kill) = kill {
                kill.0.cancel();
            }
            std::future::pending::<()>().await;
        }
        None => {}
    }
    let Some(file) = sim.files.by_path(path) else {
        return reply::http(&Err(ApiError::not_found("Not Found")));
    };
    let mut response = Response::new(Body::from(file.content));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    response
}
