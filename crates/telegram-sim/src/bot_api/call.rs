//! One call, from the path to the answer: token, method, faults, the method itself, the log.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, Response};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::methods::{self, Cx, Run};
use super::params::Params;
use super::reply::{self, Answer, ApiError};
use super::{download, form};
use crate::faults::{Failure, When};
use crate::options::CallSeen;
use crate::state::{Bot, Call, Sim};

/// Closes the connection that carries a request.
#[derive(Clone, Debug)]
pub(crate) struct Kill(pub(crate) CancellationToken);

/// Serves everything below `/bot` and `/file/bot`; other paths are not there.
pub(crate) async fn serve(sim: Arc<Sim>, request: Request<Body>) -> Response<Body> {
    let kill = request.extensions().get::<Kill>().cloned();
    let path = decode(request.uri().path());
    if let Some((token, path)) = path.strip_prefix("/file/bot").and_then(|rest| rest.split_once('/')) {
        let (token, path) = (token.to_owned(), path.to_owned());
        return download::serve(&sim, &token, &path, kill).await;
    }
    let Some((token, method)) = path.strip_prefix("/bot").and_then(|rest| rest.split_once('/')) else {
        return reply::http(&Err(ApiError::not_found("Not Found")));
    };
    let Some(bot) = sim.bot_by_token(token) else {
        return reply::http(&Err(ApiError::unauthorized()));
    };
    let Some(method) = methods::find(method) else {
        sim.counters.unknown_methods.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        return reply::http(&Err(ApiError::not_found("Not Found: method not found")));
    };
    let params = match form::read(request, form::UPLOAD).await {
        Ok(params) => params,
        Err(error) => return reply::http(&Err(error)),
    };
    match answer(&sim, &bot, method, params).await {
        Some(answer) => reply::http(&answer),
        None => {
            if let Some(kill) = kill {
                kill.0.cancel();
            }
            // The connection is closed before anybody could read this.
            std::future::pending().await
        }
    }
}

/// The path without percent signs: some clients write `:` of the token as `%3A`.
fn decode(path: &str) -> String {
    let bytes = path.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let hex = path.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Runs a method with the faults that are ordered for it. `None`: the connection is to be cut.
async fn answer(sim: &Arc<Sim>, bot: &Arc<Bot>, method: usize, params: Params) -> Option<Answer> {
    let spec = &methods::METHODS[method];
    let chat_id = params.integer("chat_id");
    let verdict = sim.faults.judge(&bot.name, spec.name, chat_id, || sim.options.ids.fraction());
    let (answer, dropped) = match verdict.fail {
        None => (run(sim, bot, method, &params).await, false),
        Some((when, failure)) => {
            let effect = if when == When::After { Some(run(sim, bot, method, &params).await) } else { None };
            match failure {
                Failure::Drop(_) => (effect.unwrap_or_else(|| Err(ApiError::internal())), true),
                Failure::Status { status, description, retry_after } => {
                    (Err(ApiError::ordered(status, description, retry_after)), false)
                }
            }
        }
    };
    note(sim, bot, method, chat_id, params, &answer, dropped);
    if verdict.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(verdict.delay_ms)).await;
    }
    (!dropped).then_some(answer)
}

async fn run(sim: &Arc<Sim>, bot: &Arc<Bot>, method: usize, params: &Params) -> Answer {
    match methods::METHODS[method].run {
        Run::Now(run) => run(&Cx { sim, bot }, params),
        Run::Wait(run) => run(sim.clone(), bot.clone(), params).await,
    }
}

/// Counts the call, shows it to the observer and keeps it in the log.
fn note(
    sim: &Sim,
    bot: &Bot,
    method: usize,
    chat_id: Option<i64>,
    params: Params,
    answer: &Answer,
    dropped: bool,
) {
    let status = answer.as_ref().map_or_else(|error| error.code, |_| 200);
    sim.counters.count(method, status);
    let name = methods::METHODS[method].name;
    if let Some(observer) = &sim.options.observer {
        let text = params.values.get("text").and_then(Value::as_str);
        let (bot, ok) = (bot.name.as_str(), answer.is_ok());
        observer(&CallSeen { bot, method: name, chat_id, text, ok, at: Instant::now() });
    }
    if sim.calls.is_off() || name == "getUpdates" {
        return;
    }
    let files = params
        .files
        .into_iter()
        .map(|(name, file)| (name, Value::String(format!("<{} bytes>", file.content.len()))));
    let mut values = params.values;
    values.extend(files);
    if let Some(secret) = values.get_mut("secret_token") {
        *secret = Value::String("***".to_owned());
    }
    sim.calls.add(Call {
        seq: 0,
        at_ms: sim.options.clock.now_ms(),
        bot: bot.name.clone(),
        method: name,
        chat_id,
        params: Value::Object(values),
        status,
        message_id: answer.as_ref().ok().and_then(|success| success.message_id),
        error: answer.as_ref().err().map(|error| error.description.clone().into_owned()),
        dropped,
    });
}

/// Performs the method that a webhook named in its reply. Nobody learns how it went.
pub(crate) async fn call_from_webhook(sim: &Arc<Sim>, bot: &Arc<Bot>, reply: &[u8]) {
    let mut params = Params::default();
    if !params.add_json(reply) {
        return;
    }
    let name = params.text("method").to_ascii_lowercase();
    let forbidden = name.starts_with("get")
        || ["setwebhook", "deletewebhook", "close", "logout"].contains(&name.as_str());
    if let Some(method) = methods::find(&name).filter(|_| !forbidden) {
        answer(sim, bot, method, params).await;
    }
}
