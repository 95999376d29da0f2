//! Starts the parts of prepared roles: relays, consumers, queues and tasks under supervision, and the routes
//! of all on one listener.

use std::sync::{Mutex, PoisonError};

use axum::{Router, middleware};
use classify::{Class, Failure};
use ids::Ids;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::keeping;
use super::prepare::Prepared;
use super::supervise::{Ending, supervise};
use crate::http::{Observer, Readiness, guard_grpc, no_such_method, observe, pages, serve};
use crate::telemetry::Metrics;
use crate::{OnError, RoleContext, Task};

/// Everything that runs, in the two groups in which it is stopped.
#[derive(Debug)]
pub(super) struct Running {
    /// Takes work and does it.
    pub(super) work: JoinSet<()>,
    /// Carries away what the work has written; stopped when nothing writes any more.
    pub(super) carriers: JoinSet<()>,
    pub(super) stop_carriers: CancellationToken,
}

pub(super) fn start(
    roles: Vec<Prepared>,
    listener: TcpListener,
    metrics: Metrics,
    ids: &Ids,
    ending: &Ending,
) -> Running {
    let mut running =
        Running { work: JoinSet::new(), carriers: JoinSet::new(), stop_carriers: CancellationToken::new() };
    let mut app = Router::new();
    let mut checks = Vec::new();
    for Prepared { cx, publishes, parts } in roles {
        let role = cx.role;
        if let Some(service) = publishes {
            let stop = running.stop_carriers.clone();
            running.carriers.spawn(supervise(role, relay(service, &cx), ids.clone(), stop, ending.clone()));
        }
        let consumers = parts.consumers.into_iter().map(|one| consumer(one, &cx));
        let queues = parts.queues.into_iter().map(|one| queue(one, &cx));
        for task in consumers.chain(queues).chain(parts.tasks).chain(keeping::of_role(&cx)) {
            running.work.spawn(supervise(role, task, ids.clone(), ending.stop.clone(), ending.clone()));
        }
        checks.extend(parts.checks.into_iter().map(|check| (role, check)));

        let mut routes = parts.routes;
        if let Some(grpc) = parts.grpc {
            routes = routes.merge(guard_grpc(grpc.into_axum_router().reset_fallback(), &cx.internal_token));
        }
        let observer = Observer::new(role, ids.clone());
        app = app.merge(
            routes
                .method_not_allowed_fallback(no_such_method)
                .layer(middleware::from_fn_with_state(observer, observe)),
        );
    }
    let readiness = Readiness::new(checks, ending.stop.clone());
    let app = app.merge(pages(readiness, metrics.clone()));
    running.work.spawn(serve(listener, app, ending.stop.clone()));
    running.work.spawn(supervise(
        "kit",
        keeping::metrics(metrics),
        ids.clone(),
        ending.stop.clone(),
        ending.clone(),
    ));
    running
}

fn relay(service: &'static str, cx: &RoleContext) -> Task {
    let cx = cx.clone();
    Task::new("outbox relay", move |stop| {
        let relay = bus::outbox::Relay {
            service,
            pool: cx.pool.clone(),
            bus: cx.bus.clone(),
            ids: cx.ids.clone(),
            outbox: cx.outbox.clone(),
        };
        async move {
            relay.run(stop).await;
            Ok(())
        }
    })
}

fn consumer(consumer: bus::Consumer, cx: &RoleContext) -> Task {
    let cx = cx.clone();
    Task::new(consumer.name(), move |shutdown| {
        let runtime =
            bus::Runtime { bus: cx.bus.clone(), pool: cx.pool.clone(), ids: cx.ids.clone(), shutdown };
        let consumer = consumer.clone();
        async move {
            consumer.run(runtime).await;
            Ok(())
        }
    })
}

/// A queue handles its own failures and can be started only once: should it panic, another process has to
/// take over.
fn queue(queue: jobs::Queue, cx: &RoleContext) -> Task {
    let (cx, name) = (cx.clone(), queue.name());
    let kept = Mutex::new(Some(queue));
    Task::new(name, move |stop| {
        let queue = kept.lock().unwrap_or_else(PoisonError::into_inner).take();
        let cx = cx.clone();
        async move {
            let gone = || Failure::new(Class::Permanent, "the queue can not be started twice");
            queue.ok_or_else(gone)?.into_task(cx.pool, cx.ids, cx.jobs, stop).await;
            Ok(())
        }
    })
    .on_error(OnError::Shutdown)
}
