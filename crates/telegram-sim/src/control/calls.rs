//! What bots called.

use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use crate::state::CallFilter;

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    after: u64,
    bot: Option<String>,
    method: Option<String>,
    chat: Option<i64>,
    #[serde(default = "some")]
    limit: usize,
    /// Seconds to wait for a call that matches.
    #[serde(default)]
    wait: u64,
}

fn some() -> usize {
    100
}

/// `{"calls":[…],"last":N}`; the next question says `after=N` of the last call it saw.
pub(super) async fn list(State(sim): State<App>, Query(wanted): Query<Wanted>) -> Json<Value> {
    let filter =
        CallFilter { after: wanted.after, bot: wanted.bot, method: wanted.method, chat: wanted.chat };
    let until = Instant::now() + Duration::from_secs(wanted.wait.min(60));
    loop {
        let added = sim.calls.added.notified();
        tokio::pin!(added);
        added.as_mut().enable();
        let calls = sim.calls.list(&filter, wanted.limit.clamp(1, 10_000));
        if !calls.is_empty() || Instant::now() >= until {
            return Json(json!({ "calls": calls, "last": sim.calls.last() }));
        }
        tokio::select! {
            () = added => {}
            () = tokio::time::sleep_until(until.into()) => {}
            () = sim.shutdown.cancelled() => return Json(json!({ "calls": [], "last": sim.calls.last() })),
        }
    }
}
