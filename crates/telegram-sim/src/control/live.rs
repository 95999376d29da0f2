//! What a person sees happen, as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::Stream;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::App;
use super::address::chat_name;
use super::problem::Problem;
use crate::state::{ChatKey, LiveEvent, Sim};
use crate::sync::lock;
use crate::world::ActError;

#[derive(Debug, Deserialize)]
pub(super) struct OfPerson {
    person: i64,
}

/// Each event is `{"type":…,"chat":…,…}`; `{"type":"resync"}` says that some were missed.
pub(super) async fn watch(
    State(sim): State<App>,
    Query(of): Query<OfPerson>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    sim.person(of.person).ok_or(ActError::NoPerson(of.person))?;
    let watcher = Watcher { events: sim.live.watch(), person: of.person, sim, first: true };
    let stream = futures::stream::unfold(watcher, |mut watcher| async move {
        let event = watcher.next().await?;
        Some((Ok(event), watcher))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

struct Watcher {
    events: Receiver<Arc<LiveEvent>>,
    person: i64,
    sim: App,
    first: bool,
}

impl Watcher {
    async fn next(&mut self) -> Option<Event> {
        if std::mem::take(&mut self.first) {
            return Some(Event::default().data(json!({ "type": "hello" }).to_string()));
        }
        loop {
            let event = tokio::select! {
                () = self.sim.shutdown.cancelled() => return None,
                event = self.events.recv() => event,
            };
            match event {
                Ok(event) if concerns(&self.sim, &event, self.person) => {
                    let mut body = event.body.clone();
                    body["chat"] = json!(chat_name(&self.sim, event.key));
                    return Some(Event::default().data(body.to_string()));
                }
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => {
                    return Some(Event::default().data(json!({ "type": "resync" }).to_string()));
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

fn concerns(sim: &Sim, event: &LiveEvent, person: i64) -> bool {
    if let Some(only) = event.only {
        return only == person;
    }
    if event.key.bot != 0 {
        // Chat 0 stands for every chat with the bot.
        return event.key.chat == person || event.key.chat == 0;
    }
    sim.chat(ChatKey::of(0, event.key.chat)).is_some_and(|chat| lock(&chat.state).is_in(person))
}
