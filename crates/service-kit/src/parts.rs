//! What a role is made of. Empty to begin with; each call adds.

use axum::Router;
use tonic::service::Routes;

use crate::{Check, Task};

/// The parts of a role, for the kit to start.
#[derive(Default)]
pub struct Parts {
    pub(crate) routes: Router,
    pub(crate) grpc: Option<Routes>,
    pub(crate) consumers: Vec<bus::Consumer>,
    pub(crate) queues: Vec<jobs::Queue>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) checks: Vec<Check>,
}

impl Parts {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// HTTP routes, with their state. Paths are the whole process's: no two roles may share one.
    #[must_use]
    pub fn routes(mut self, routes: Router) -> Self {
        self.routes = self.routes.merge(routes);
        self
    }

    /// gRPC services for other roles. The kit lets only callers with the internal token reach them.
    #[must_use]
    pub fn grpc(mut self, routes: Routes) -> Self {
        self.grpc = Some(match self.grpc.take() {
            None => routes,
            // Each comes with a fallback of its own, and two can not be merged.
            Some(first) => {
                let (first, second) = (first.into_axum_router(), routes.into_axum_router());
                Routes::from(first.reset_fallback().merge(second.reset_fallback()))
            }
        });
        self
    }

    #[must_use]
    pub fn consumer(mut self, consumer: bus::Consumer) -> Self {
        self.consumers.push(consumer);
        self
    }

    #[must_use]
    pub fn queue(mut self, queue: jobs::Queue) -> Self {
        self.queues.push(queue);
        self
    }

    #[must_use]
    pub fn task(mut self, task: Task) -> Self {
        self.tasks.push(task);
        self
    }

    /// One more condition of `/health/ready`; Postgres and NATS are checked for every role anyway.
    #[must_use]
    pub fn check(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }
}
