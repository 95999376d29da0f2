//! What is done for every role beside its work: the count of its dead letters, the sweep of its inbox, and room
//! in the streams that it uses.

use std::collections::BTreeMap;
use std::time::Duration;

use classify::Failure;
use ids::Ids;
use tokio_util::sync::CancellationToken;

use crate::telemetry::Metrics;
use crate::{RoleContext, Task};

/// Streams keep events for 14 days; a mark has to outlive the last chance of a repetition.
const INBOX_AGE: Duration = Duration::from_secs(15 * 24 * 60 * 60);
const SWEEP: Duration = Duration::from_secs(60 * 60);
const COUNT: Duration = Duration::from_secs(15);
/// Between two looks a stream grows by a fiftieth of the usual limit at the highest rate that was measured
/// (2,300 updates a second).
const ROOM: Duration = Duration::from_secs(15);
const ROOM_TASK: &str = "room in streams";
/// Between two lines of the log about a stream that somebody has to see to.
const TELL_AGAIN_MS: i64 = 5 * 60 * 1000;

/// Moves measurements out of the buffers that the hot path writes into.
pub(super) fn metrics(metrics: Metrics) -> Task {
    Task::new("metrics", move |stop| {
        let metrics = metrics.clone();
        async move {
            while wait(&stop, Duration::from_secs(5)).await {
                metrics.upkeep();
            }
            Ok(())
        }
    })
}

/// The role's own.
pub(super) fn of_role(cx: &RoleContext) -> [Task; 3] {
    let (counted, swept, roomy) = (cx.clone(), cx.clone(), cx.clone());
    [
        Task::new("dead letter count", move |stop| count(counted.clone(), stop)),
        Task::new("inbox sweep", move |stop| sweep(swept.clone(), stop)),
        Task::new(ROOM_TASK, move |stop| make_room(roomy.clone(), stop)),
    ]
}

async fn count(cx: RoleContext, stop: CancellationToken) -> Result<(), Failure> {
    let gauge = metrics::gauge!("dragoman_dead_letters", "service" => cx.role);
    loop {
        let mut connection = cx.pool.acquire().await.map_err(pg::PgError::from)?;
        let letters = bus::count_dead_letters(&mut connection).await?;
        drop(connection);
        gauge.set(letters as f64);
        if !wait(&stop, jittered(COUNT, &cx.ids)).await {
            return Ok(());
        }
    }
}

async fn sweep(cx: RoleContext, stop: CancellationToken) -> Result<(), Failure> {
    // Replicas that start together do not sweep together.
    let mut pause = SWEEP.mul_f64(cx.ids.fraction());
    while wait(&stop, pause).await {
        let gone = bus::purge_inbox(&cx.pool, INBOX_AGE).await?;
        tracing::debug!(role = cx.role, gone, "old inbox marks were removed");
        pause = jittered(SWEEP, &cx.ids);
    }
    Ok(())
}

/// The roles of a process share a connection, and one of them is enough to look after its streams. Several
/// processes do it for one stream; what the first removed is gone for the next.
async fn make_room(cx: RoleContext, stop: CancellationToken) -> Result<(), Failure> {
    let Some(_turn) = stop.run_until_cancelled(cx.bus.turn_to_make_room()).await else { return Ok(()) };
    let mut told = Told::default();
    loop {
        // An outage of NATS is told by others.
        if cx.bus.is_connected() {
            look_after(&cx.bus, cx.role, cx.clock.now_ms(), &mut told).await;
        }
        if !wait(&stop, jittered(ROOM, &cx.ids)).await {
            return Ok(());
        }
    }
}

/// Every stream gets its turn, whatever is wrong with the one before it.
async fn look_after(bus: &bus::Bus, role: &'static str, now_ms: i64, told: &mut Told) {
    for service in bus.declared() {
        let room = match bus.make_room(&service, now_ms).await {
            Ok(room) => room,
            Err(error) => {
                // As the supervisor counts it; the others would wait for a task that is started again.
                metrics::counter!("dragoman_task_failures_total", "role" => role, "task" => ROOM_TASK)
                    .increment(1);
                tracing::warn!(role, service, error = %classify::chain(&error), "a stream could not be looked after");
                continue;
            }
        };
        if told.is_due(&service, &room, now_ms)
            && let Some(held) = &room.held
        {
            let bus::Room { stream, bytes, limit, .. } = &room;
            tracing::warn!(role, stream, bytes, limit, %held, "a stream is nearly full and nothing more can be removed; at its limit its service stops");
        }
        metrics::gauge!("dragoman_stream_bytes", "service" => service.clone()).set(room.bytes as f64);
        // Without a limit there is nothing to be near to.
        if let Some(limit) = room.limit {
            metrics::gauge!("dragoman_stream_limit_bytes", "service" => service).set(limit as f64);
        }
    }
}

/// When it was last told of a stream that it is nearly full and held, by service.
#[derive(Debug, Default)]
struct Told(BTreeMap<String, i64>);

impl Told {
    /// At once when it begins, and then once in [`TELL_AGAIN_MS`].
    fn is_due(&mut self, service: &str, room: &bus::Room, now_ms: i64) -> bool {
        if room.held.is_none() || !room.is_nearly_full() {
            self.0.remove(service);
            return false;
        }
        let due = self.0.get(service).is_none_or(|at_ms| now_ms.saturating_sub(*at_ms) >= TELL_AGAIN_MS);
        if due {
            self.0.insert(service.to_owned(), now_ms);
        }
        due
    }
}

/// False when it is time to stop.
async fn wait(stop: &CancellationToken, pause: Duration) -> bool {
    tokio::time::timeout(pause, stop.cancelled()).await.is_err()
}

fn jittered(pause: Duration, ids: &Ids) -> Duration {
    pause.mul_f64(0.9 + 0.2 * ids.fraction())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bus::{Bus, BusSettings, Held, Room};

    #[tokio::test]
    async fn a_stream_that_can_not_be_looked_after_keeps_no_other_from_it() {
        let nats = testkit::nats_server().await;
        let bus = Bus::connect(&BusSettings::at(nats.url()), "test").await.unwrap();
        bus.ensure_stream("bot").await.unwrap();
        bus.ensure_stream("crm").await.unwrap();
        bus.ensure_stream("llm").await.unwrap();
        bus.core_publish("$JS.API.STREAM.DELETE.EV_BOT", Vec::new().into()).await.unwrap();
        while bus.make_room("bot", 0).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }

        let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
        let _guard = metrics::set_default_local_recorder(&recorder);
        look_after(&bus, "toy", 0, &mut Told::default()).await;
        let seen = recorder.handle().render();
        for service in ["crm", "llm"] {
            let gauge = format!("dragoman_stream_limit_bytes{{service=\"{service}\"}}");
            assert!(seen.contains(&gauge), "{seen}");
        }
        let failed = "dragoman_task_failures_total{role=\"toy\",task=\"room in streams\"} 1";
        assert!(seen.contains(failed), "{seen}");
    }

    #[test]
    fn a_stream_that_is_nearly_full_is_told_of_at_once_and_then_now_and_again() {
        let held = Some(Held::Behind { consumer: "c".to_owned(), waiting: 7 });
        let full = Room { stream: "EV_BOT".to_owned(), bytes: 95, limit: Some(100), held };
        let mut told = Told::default();
        assert!(told.is_due("bot", &full, 0));
        assert!(!told.is_due("bot", &full, 15_000));
        assert!(told.is_due("crm", &full, 15_000), "each stream by itself");
        assert!(told.is_due("bot", &full, TELL_AGAIN_MS));

        // Below the mark, or with room being made, there is nothing to tell; when it comes again it is news.
        for well in [Room { bytes: 80, ..full.clone() }, Room { held: None, ..full.clone() }] {
            assert!(!told.is_due("bot", &well, TELL_AGAIN_MS + 1));
            assert!(told.is_due("bot", &full, TELL_AGAIN_MS + 2));
        }
    }
}
