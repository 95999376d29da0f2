//! The control API under `/sim`: what people do, what bots did, and what goes wrong. The crate's
//! documentation lists it.

mod acts;
mod address;
mod calls;
mod chats;
mod faults;
mod files;
mod history;
mod inline;
mod live;
mod people;
mod problem;
mod settings;
mod updates;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, post};

use crate::state::Sim;

pub(crate) type App = Arc<Sim>;

/// Bytes of a file that a person uploads.
const UPLOAD: usize = 100 << 20;

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/sim/state", get(settings::state))
        .route("/sim/settings", get(settings::get).put(settings::put))
        .route("/sim/counters", get(settings::counters).delete(settings::reset_counters))
        .route("/sim/bots", get(people::bots).post(people::add_bot))
        .route("/sim/people", get(people::people).post(people::add_person))
        .route("/sim/chats", get(chats::list).post(chats::add))
        .route("/sim/members", post(chats::set_member))
        .route("/sim/messages", post(acts::message))
        .route("/sim/edits", post(acts::edit))
        .route("/sim/presses", post(acts::press))
        .route("/sim/stops", post(acts::stop))
        .route("/sim/presses/{id}", get(acts::press_answer))
        .route("/sim/inline", post(inline::ask))
        .route("/sim/inline/{id}", get(inline::offered))
        .route("/sim/reactions", post(acts::react))
        .route("/sim/blocks", post(acts::block))
        .route("/sim/files", post(files::upload).layer(DefaultBodyLimit::max(UPLOAD + (1 << 20))))
        .route("/sim/files/{id}", get(files::download))
        .route("/sim/updates", post(updates::inject).layer(DefaultBodyLimit::max(16 << 20)))
        .route("/sim/calls", get(calls::list))
        .route("/sim/history", get(history::list))
        .route("/sim/faults", get(faults::list).post(faults::add).delete(faults::clear))
        .route("/sim/faults/{id}", delete(faults::remove))
        .route("/sim/live", get(live::watch))
}
