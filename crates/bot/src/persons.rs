//! The parts of the role that see to people's rights and to what is kept for how long.

use std::sync::Arc;
use std::time::Duration;

use bus::Consumer;
use classify::Failure;
use ids::SignedDuration;
use jobs::{Queue, periodic};
use service_kit::{Parts, RoleContext, Task};
use tokio_util::sync::CancellationToken;

use crate::bots::Bots;
use crate::config::BotServiceConfig;
use crate::files::Vault;
use crate::handlers::PersonAnsweredHandler;
use crate::jobs::{
    ERASURES, Erasures, FinishErasures, RETENTION, Retention, SendCertificates, SendExport, TellPerson,
};
use crate::store::erasure;

/// Answers under way at once, of each service.
const BATCH: u16 = 32;
const RETENTION_EVERY: Duration = Duration::from_secs(6 * 60 * 60);
/// An erasure that is not done by then is somebody's business.
const OVERDUE: SignedDuration = SignedDuration::from_mins(30);
const WATCH_EVERY: Duration = Duration::from_secs(30);

/// Adds them.
pub(crate) fn with_rights(
    parts: Parts,
    cx: &RoleContext,
    config: &BotServiceConfig,
    bots: &Arc<Bots>,
    vault: Vault,
) -> Parts {
    let services: Arc<[String]> = config.person_services.clone().into();
    let (pool, clock, jobs) = (cx.pool.clone(), cx.clock.clone(), cx.jobs.clone());
    let answers = Arc::new(PersonAnsweredHandler {
        services: services.clone(),
        clock: clock.clone(),
        jobs: jobs.clone(),
    });
    let erasures = Erasures {
        services: services.clone(),
        pool: pool.clone(),
        clock: clock.clone(),
        ids: cx.ids.clone(),
        outbox: cx.outbox.clone(),
        jobs: jobs.clone(),
    };
    let finish = FinishErasures {
        services: services.clone(),
        pool: pool.clone(),
        bus: cx.bus.clone(),
        vault,
        clock: clock.clone(),
        jobs: jobs.clone(),
    };
    let export = SendExport {
        services,
        bots: bots.clone(),
        pool: pool.clone(),
        clock: clock.clone(),
        jobs: jobs.clone(),
    };
    let retention = Retention {
        pool: pool.clone(),
        clock,
        ids: cx.ids.clone(),
        outbox: cx.outbox.clone(),
        archive_after: config.archive_after_days,
        messages_kept: config.messages_kept_days,
    };
    let every = Duration::from_secs(config.erasures_every_seconds);
    let watched = cx.clone();
    let mut parts = parts
        .queue(periodic(ERASURES, every, Arc::new(erasures)))
        .queue(periodic(RETENTION, RETENTION_EVERY, Arc::new(retention)))
        .queue(Queue::new(Arc::new(finish)))
        .queue(Queue::new(Arc::new(SendCertificates { bots: bots.clone(), pool })))
        .queue(Queue::new(Arc::new(export)))
        .queue(Queue::new(Arc::new(TellPerson { bots: bots.clone(), jobs })))
        .task(Task::new("erasure watch", move |stop| watch(watched.clone(), stop)));
    for (service, name, answered) in ANSWERS {
        if config.person_services.iter().any(|wanted| wanted == service) {
            parts = parts.consumer(Consumer::unordered(name, service, answered, BATCH, answers.clone()));
        }
    }
    parts
}

type Answers = (&'static str, &'static str, &'static [&'static str]);

/// Who answers, in which events.
const ANSWERS: [Answers; 4] = [
    ("gateway", "bot-persons-gateway", &["gateway.person.erased", "gateway.person.held"]),
    ("llm", "bot-persons-llm", &["llm.person.erased", "llm.person.held"]),
    ("crm", "bot-persons-crm", &["crm.person.erased", "crm.person.held"]),
    ("analytics", "bot-persons-analytics", &["analytics.person.erased", "analytics.person.held"]),
];

/// Tells how many erasures should have been done long ago. Every replica tells, for any of them may be asked.
async fn watch(cx: RoleContext, stop: CancellationToken) -> Result<(), Failure> {
    let gauge = metrics::gauge!("dragoman_erasures_overdue");
    loop {
        let cutoff = cx.clock.now().checked_sub(OVERDUE).unwrap_or_default();
        gauge.set(erasure::overdue(&cx.pool, cutoff).await? as f64);
        if tokio::time::timeout(WATCH_EVERY, stop.cancelled()).await.is_ok() {
            return Ok(());
        }
    }
}
