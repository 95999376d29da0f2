//! Which method does what, and the limit of what each may work.

use serde_json::{Map, Value, json};

use super::call::Way;
use super::directory::{self, map};
use super::params::{linked, nested};
use super::problem::Problem;
use super::state::{State, param, written};
use super::{comments, items};

/// Calls in a batch.
const MOST_CALLS: usize = 50;

/// What a method gives.
pub(super) struct Given {
    pub(super) result: Value,
    pub(super) next: Option<i64>,
    pub(super) total: Option<usize>,
}

impl Given {
    pub(super) const fn of(result: Value) -> Self {
        Self { result, next: None, total: None }
    }
}

/// Whether it changes anything.
pub(super) fn writes(method: &str, params: &Value) -> bool {
    if method == "batch" {
        let commands = commands(params);
        return commands
            .iter()
            .any(|(_, command)| writes(command.split('?').next().unwrap_or(""), &Value::Null));
    }
    method.ends_with(".add") || method.ends_with(".update")
}

pub(super) fn run(state: &mut State, method: &str, params: &Value) -> Result<Given, Problem> {
    let now = state.now();
    let (worked, reset_at) = state.operating.of(method, now);
    if worked > state.options.operating {
        return Err(Problem::took_too_long(reset_at));
    }
    state.operating.add(method, now, state.options.takes);
    state.methods.push(method.to_owned());
    match method {
        "crm.item.add" => items::add(state, params),
        "crm.item.update" => items::update(state, params),
        "crm.item.get" => items::get(state, params),
        "crm.item.list" => items::list(state, params),
        "crm.item.fields" => items::fields(state, params),
        "crm.duplicate.findbycomm" => directory::duplicates(state, params),
        "crm.timeline.comment.add" => comments::add(state, params),
        "crm.timeline.comment.list" => comments::list(state, params),
        "crm.status.list" => Ok(directory::statuses(params)),
        "crm.category.list" => directory::categories(params),
        "crm.currency.list" => Ok(directory::currencies(state)),
        "crm.settings.mode.get" => Ok(Given::of(json!(if state.options.simple { 2 } else { 1 }))),
        "user.get" if !state.options.names_people => {
            let said = "The request requires higher privileges than provided by the webhook token";
            Err(Problem::new(403, "insufficient_scope", said))
        }
        "user.get" => Ok(directory::users(state, params)),
        _ => Err(Problem::new(404, "ERROR_METHOD_NOT_FOUND", "Method not found!")),
    }
}

/// `time` of an answer.
pub(super) fn time(state: &mut State, method: &str) -> Value {
    let now = state.now();
    let (worked, reset_at) = state.operating.of(method, now);
    let (second, written) = (now.as_millisecond() as f64 / 1000.0, written(now));
    json!({
        "start": second, "finish": second + 0.1, "duration": 0.1, "processing": 0.05, "date_start": written,
        "date_finish": written, "operating_reset_at": reset_at, "operating": worked,
    })
}

fn commands(params: &Value) -> Vec<(String, String)> {
    let command = |value: &Value| value.as_str().unwrap_or("").to_owned();
    match param(params, "cmd") {
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), command(value))).collect(),
        Value::Array(all) => {
            all.iter().enumerate().map(|(nth, value)| (nth.to_string(), command(value))).collect()
        }
        _ => Vec::new(),
    }
}

/// Several calls one after the other; it always works itself.
pub(super) fn batch(state: &mut State, way: &Way, params: &Value) -> Given {
    let halt = [json!(true), json!(1), json!("1")].contains(param(params, "halt"));
    let [mut results, mut errors, mut totals, mut nexts, mut times] = [(); 5].map(|()| Map::new());
    for (nth, (key, command)) in commands(params).into_iter().enumerate() {
        if state.expire_in_batch == Some(nth) {
            state.expire_in_batch = None;
            state.tokens.expire();
        }
        let (method, query) = command.split_once('?').unwrap_or((&command, ""));
        let given = way.check(state).and_then(|()| match method {
            "batch" => {
                let said = "Method is not allowed for batch usage";
                Err(Problem::new(405, "ERROR_BATCH_METHOD_NOT_ALLOWED", said))
            }
            _ if nth >= MOST_CALLS => {
                Err(Problem::new(400, "ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded"))
            }
            method => run(state, method, &linked(nested(query), &results)),
        });
        match given {
            Ok(given) => {
                results.insert(key.clone(), given.result);
                given.total.and_then(|total| totals.insert(key.clone(), json!(total)));
                given.next.and_then(|next| nexts.insert(key.clone(), json!(next)));
                times.insert(key, time(state, method));
            }
            Err(problem) => {
                errors.insert(key, problem.json());
                if halt {
                    break;
                }
            }
        }
    }
    Given::of(json!({
        "result": map(results), "result_error": map(errors), "result_total": map(totals), "result_next": map(nexts),
        "result_time": map(times),
    }))
}
