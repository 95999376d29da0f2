//! What a call goes through before it is answered: the portal's doors, then the troubles of the test, then the right to it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State as Of;
use axum::http::{Request, Response};
use serde_json::{Value, json};

use super::call::{Call, Way};
use super::problem::Problem;
use super::state::State;
use super::{events, methods, tokens};
use crate::served::answer;
use crate::trouble::cut;
use crate::{Faults, Trouble};

/// A larger request is none that a client of ours makes.
const LARGEST: usize = 4 << 20;

pub(super) struct Server {
    state: Mutex<State>,
    pub(super) faults: Faults,
    pub(super) token_faults: Faults,
}

/// A status with what is said.
enum Answer {
    Json(u16, Value),
    /// For people.
    Page(u16),
}

/// What becomes of the connection.
enum Then {
    Answer,
    Cut,
    CutAndDone(Duration),
    Wait(Duration),
}

impl Server {
    pub(super) fn new(state: State) -> Arc<Self> {
        let (faults, token_faults) = (Faults::default(), Faults::default());
        Arc::new(Self { state: Mutex::new(state), faults, token_faults })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, call: &Call) -> (Answer, Then) {
        let state = &mut *self.state();
        let (name, writes, faults) = match call {
            Call::Method { name, params, .. } => (name.as_str(), methods::writes(name, params), &self.faults),
            Call::Token(_) => ("oauth/token", true, &self.token_faults),
            Call::Unknown => return (Answer::Page(404), Then::Answer),
        };
        state.requests.push(name.to_owned());
        if let Call::Method { .. } = call
            && let Some(refused) = at_the_door(state)
        {
            return (refused, Then::Answer);
        }
        match faults.next(writes) {
            None => (done(state, call), Then::Answer),
            Some(Trouble::Cut) => (Answer::Page(500), Then::Cut),
            Some(Trouble::CutAndDone(pause)) => (Answer::Page(500), Then::CutAndDone(pause)),
            Some(Trouble::Status(status)) => {
                let problem = Problem::of_status(status, state.now().as_second());
                (refused(state, name, &problem), Then::Answer)
            }
            Some(Trouble::Page(status)) => (Answer::Page(status), Then::Answer),
            Some(Trouble::DoneAndCut) => (done(state, call), Then::Cut),
            Some(Trouble::DoneAndSlow(pause)) => (done(state, call), Then::Wait(pause)),
            Some(Trouble::Expired) => {
                state.tokens.expire();
                (refused(state, name, &Problem::expired()), Then::Answer)
            }
        }
    }
}

fn at_the_door(state: &mut State) -> Option<Answer> {
    if state.maintained {
        return Some(Answer::Page(503));
    }
    if let Some(shut) = state.shut.clone() {
        return Some(Answer::Json(shut.status, shut.json()));
    }
    let (now, holds, drained) = (state.now(), state.options.bucket, state.options.drained);
    if state.bucket.takes(now, holds, drained) {
        return None;
    }
    state.too_many += 1;
    if state.too_many >= state.options.patience {
        state.shut = Some(overload());
    }
    let problem = Problem::too_many();
    Some(Answer::Json(problem.status, problem.json()))
}

/// A person at Bitrix24 has shut us out.
pub(super) fn overload() -> Problem {
    Problem::new(503, "OVERLOAD_LIMIT", "REST API is blocked due to overload.")
}

fn done(state: &mut State, call: &Call) -> Answer {
    match call {
        Call::Unknown => Answer::Page(404),
        Call::Token(params) => match tokens::give(state, params) {
            Ok(pair) => Answer::Json(200, pair),
            Err(problem) => Answer::Json(problem.status, problem.json()),
        },
        Call::Method { name, way, params } => method(state, name, way, params),
    }
}

fn method(state: &mut State, name: &str, way: &Way, params: &Value) -> Answer {
    if let Err(problem) = way.check(state) {
        return refused(state, name, &problem);
    }
    let given = match name {
        "batch" => Ok(methods::batch(state, way, params)),
        name => methods::run(state, name, params),
    };
    match given {
        Err(problem) => refused(state, name, &problem),
        Ok(given) => {
            let mut body = json!({ "result": given.result, "time": methods::time(state, name) });
            if let Some(next) = given.next {
                body["next"] = json!(next);
            }
            if let Some(total) = given.total {
                body["total"] = json!(total);
            }
            Answer::Json(200, body)
        }
    }
}

fn refused(state: &mut State, name: &str, problem: &Problem) -> Answer {
    let mut body = problem.json();
    if let Some(reset_at) = problem.reset_at.filter(|_| state.options.tells_reset) {
        body["time"] = methods::time(state, name);
        body["time"]["operating_reset_at"] = json!(reset_at);
    }
    Answer::Json(problem.status, body)
}

pub(super) fn router(server: Arc<Server>) -> Router {
    Router::new().fallback(serve).with_state(server)
}

async fn serve(Of(server): Of<Arc<Server>>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST).await else {
        return answer(413, "text/html; charset=utf-8", PAGE);
    };
    let call = Call::new(&parts, &body);
    let (given, then) = server.answer(&call);
    events::tell(&server);
    match then {
        Then::Answer => {}
        Then::CutAndDone(pause) => {
            tokio::spawn(async move {
                tokio::time::sleep(pause).await;
                done(&mut server.state(), &call);
                events::tell(&server);
            });
            cut()
        }
        Then::Wait(pause) => tokio::time::sleep(pause).await,
        Then::Cut => cut(),
    }
    let (status, kind, body) = match given {
        Answer::Json(status, body) => (status, "application/json; charset=utf-8", body.to_string()),
        Answer::Page(status) => (status, "text/html; charset=utf-8", PAGE.to_owned()),
    };
    answer(status, kind, body)
}

const PAGE: &str = "\n<!DOCTYPE html>\n<html><head><title>Bitrix24</title></head><body>\
    <h1>Maintenance in progress. Your Bitrix24 will be back shortly.</h1></body></html>\n";
