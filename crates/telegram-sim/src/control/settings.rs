//! Switches and numbers of the whole simulator.

use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{App, people};
use crate::CountersView;
use crate::state::Sim;
use crate::sync::read;

#[derive(Debug, Serialize)]
pub(super) struct Settings {
    limits: bool,
    delay_ms: u64,
    duplicate_updates: bool,
    lose_acks: u64,
}

/// Only what is named changes.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Change {
    limits: Option<bool>,
    delay_ms: Option<u64>,
    duplicate_updates: Option<bool>,
    lose_acks: Option<u64>,
}

fn current(sim: &Sim) -> Settings {
    Settings {
        limits: sim.limits_on(),
        delay_ms: sim.faults.delay_ms.load(Ordering::Relaxed),
        duplicate_updates: sim.faults.duplicate_updates.load(Ordering::Relaxed),
        lose_acks: sim.faults.lose_acks.load(Ordering::Relaxed),
    }
}

pub(super) async fn get(State(sim): State<App>) -> Json<Settings> {
    Json(current(&sim))
}

pub(super) async fn put(State(sim): State<App>, Json(change): Json<Change>) -> Json<Settings> {
    if let Some(on) = change.limits {
        sim.limits_on.store(on, Ordering::Relaxed);
    }
    if let Some(delay) = change.delay_ms {
        sim.faults.delay_ms.store(delay, Ordering::Relaxed);
    }
    if let Some(on) = change.duplicate_updates {
        sim.faults.duplicate_updates.store(on, Ordering::Relaxed);
    }
    if let Some(count) = change.lose_acks {
        sim.faults.lose_acks.store(count, Ordering::Relaxed);
    }
    Json(current(&sim))
}

pub(super) async fn counters(State(sim): State<App>) -> Json<CountersView> {
    Json(sim.counters.view())
}

pub(super) async fn reset_counters(State(sim): State<App>) -> Json<Value> {
    sim.counters.reset();
    Json(json!({}))
}

pub(super) async fn state(State(sim): State<App>) -> Json<Value> {
    Json(json!({
        "bots": sim.bots().iter().map(|bot| people::view(bot, "")).collect::<Vec<_>>(),
        "people": read(&sim.people).all().collect::<Vec<_>>(),
        "settings": current(&sim),
        "faults": sim.faults.list(),
        "last_call": sim.calls.last(),
    }))
}
