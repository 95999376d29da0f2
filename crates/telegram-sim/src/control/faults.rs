//! What goes wrong on purpose.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::App;
use super::problem::Problem;
use crate::faults::Rule;

pub(super) async fn list(State(sim): State<App>) -> Json<Vec<Rule>> {
    Json(sim.faults.list())
}

pub(super) async fn add(State(sim): State<App>, Json(rule): Json<Rule>) -> Result<Json<Rule>, Problem> {
    if rule.fail.is_none() && rule.delay_ms == 0 {
        return Err(Problem::invalid("a fault says fail or delay_ms"));
    }
    if !(0.0..=1.0).contains(&rule.probability) {
        return Err(Problem::invalid("a probability is from 0 to 1"));
    }
    Ok(Json(sim.faults.add(rule)))
}

pub(super) async fn remove(State(sim): State<App>, Path(id): Path<u64>) -> Result<Json<Value>, Problem> {
    if sim.faults.remove(id) {
        Ok(Json(json!({})))
    } else {
        Err(Problem::not_found("there is no such fault"))
    }
}

/// Settings that are faults go back to normal too.
pub(super) async fn clear(State(sim): State<App>) -> Json<Value> {
    sim.faults.clear();
    Json(json!({}))
}
