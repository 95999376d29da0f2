//! What a call goes through before it is answered: the account's doors, then the troubles of the test, then the token.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State as Of;
use axum::http::{Request, Response};

use super::answer::Answer;
use super::call::Call;
use super::state::State;
use super::{leads, notes, people, read, tokens, webhooks};
use crate::trouble::cut;
use crate::{Faults, Trouble};

/// A larger request is none that a client of ours makes.
const LARGEST: usize = 4 << 20;
const SECOND: Duration = Duration::from_secs(1);

pub(super) struct Server {
    state: Mutex<State>,
    pub(super) faults: Faults,
    pub(super) token_faults: Faults,
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

    fn answer(&self, call: &Call) -> (u64, Answer, Then) {
        let state = &mut *self.state();
        state.lines.push(call.line());
        let nth = u64::try_from(state.lines.len()).unwrap_or(0);
        let gives_tokens = call.gives_tokens();
        if let Some(refused) = at_the_door(state, call, gives_tokens) {
            return (nth, refused, Then::Answer);
        }
        let faults = if gives_tokens { &self.token_faults } else { &self.faults };
        let (answer, then) = match faults.next(call.writes()) {
            Some(Trouble::Cut) => (Answer::empty(), Then::Cut),
            Some(Trouble::CutAndDone(pause)) => (Answer::empty(), Then::CutAndDone(pause)),
            Some(Trouble::Status(status)) => (Answer::of_status(status), Then::Answer),
            Some(Trouble::Page(status)) => (Answer::page(status), Then::Answer),
            Some(Trouble::DoneAndCut) => (done(state, call, gives_tokens), Then::Cut),
            Some(Trouble::DoneAndSlow(pause)) => (done(state, call, gives_tokens), Then::Wait(pause)),
            Some(Trouble::Expired) => {
                state.tokens.expire(&call.token);
                (done(state, call, gives_tokens), Then::Answer)
            }
            None => (done(state, call, gives_tokens), Then::Answer),
        };
        (nth, answer, then)
    }
}

fn at_the_door(state: &mut State, call: &Call, gives_tokens: bool) -> Option<Answer> {
    if state.moved {
        return Some(Answer::problem(404, "Account not found"));
    }
    if call.user_agent.is_empty() || state.shut_out {
        return Some(Answer::page(403));
    }
    if gives_tokens {
        return None;
    }
    let now = Instant::now();
    while state.recent.front().is_some_and(|first| now.duration_since(*first) >= SECOND) {
        state.recent.pop_front();
    }
    if state.recent.len() >= state.options.per_second {
        state.too_many += 1;
        state.shut_out = state.too_many >= state.options.patience;
        return Some(Answer::too_many());
    }
    state.recent.push_back(now);
    None
}

fn done(state: &mut State, call: &Call, gives_tokens: bool) -> Answer {
    if gives_tokens && call.method == "POST" {
        return tokens::give(state, call);
    }
    if !state.tokens.is_good(&call.token, &state.options.token) {
        return Answer::unauthorized();
    }
    let segments = call.segments();
    let ["api", "v4", rest @ ..] = segments.as_slice() else { return no_such(call) };
    if let ["leads", id, ..] = rest
        && call.writes()
        && id.parse().is_ok_and(|id: i64| state.closed.contains(&id))
    {
        return Answer::problem(403, "Forbidden");
    }
    match (call.method.as_str(), rest) {
        ("GET", ["account"]) => read::account(state),
        ("GET", ["users"]) => read::users(state, call),
        ("GET", ["leads", "pipelines"]) => read::pipelines(state),
        ("GET", ["leads", "custom_fields"]) => read::fields(&state.lead_fields, call),
        ("GET", ["contacts", "custom_fields"]) => read::fields(&state.contact_fields, call),
        ("GET", ["leads"]) => read::leads(state, call),
        ("GET", ["leads", id, "notes"]) => notes::list(state, call, id),
        ("GET", ["leads", id]) => read::lead(state, call, id),
        ("GET", ["contacts"]) => read::contacts(state, call),
        ("GET", ["contacts", id]) => read::contact(state, call, id),
        ("POST", ["leads"]) => either(leads::post(state, call, false)),
        ("POST", ["leads", "complex"]) => either(leads::post(state, call, true)),
        ("POST", ["leads", "notes"]) => either(notes::post(state, call, None)),
        ("POST", ["leads", id, "notes"]) => either(notes::post(state, call, Some(id))),
        ("PATCH", ["leads", id]) => leads::patch(state, call, id),
        ("POST", ["contacts"]) => either(people::post(state, call)),
        ("GET", ["webhooks"]) => webhooks::list(state),
        ("POST", ["webhooks"]) => webhooks::subscribe(state, call),
        ("DELETE", ["webhooks"]) => webhooks::unsubscribe(state, call),
        _ => no_such(call),
    }
}

fn either(answer: Result<Answer, Answer>) -> Answer {
    answer.unwrap_or_else(|refused| refused)
}

fn no_such(call: &Call) -> Answer {
    Answer::problem(404, &format!("Cannot {}", call.line()))
}

pub(super) fn router(server: Arc<Server>) -> Router {
    Router::new().fallback(serve).with_state(server)
}

async fn serve(Of(server): Of<Arc<Server>>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST).await else {
        return Answer::problem(413, "Too large").into_response(0);
    };
    let call = Call::new(&parts, body.to_vec());
    let (nth, answer, then) = server.answer(&call);
    match then {
        Then::Answer => {}
        Then::CutAndDone(pause) => {
            tokio::spawn(async move {
                tokio::time::sleep(pause).await;
                let gives_tokens = call.gives_tokens();
                done(&mut server.state(), &call, gives_tokens);
            });
            cut()
        }
        Then::Wait(pause) => tokio::time::sleep(pause).await,
        Then::Cut => cut(),
    }
    answer.into_response(nth)
}
