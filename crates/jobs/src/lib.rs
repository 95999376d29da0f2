//! Durable keyed-FIFO jobs in Postgres: whatever calls the outside world. A job is written in the
//! transaction that decides it; jobs of one key run one at a time in the order they were written, jobs of
//! different keys beside each other, on any number of replicas. The attempt is recorded before the call,
//! and the result is committed together with the end of the job.
//!
//! A service writes a [`JobHandler`], lists it as a [`Queue`] and calls [`Jobs::enqueue`] while it holds the
//! lock of the row that decides the order (per key, order of ids = order of commits). What may run at once
//! begins with that very commit; the rest is found by a claim, which the commit wakes.

mod claim;
mod claimer;
mod dead;
mod desk;
mod enqueue;
mod erase;
mod handler;
mod held;
mod job;
mod jobs;
mod keeper;
mod limit;
mod periodic;
mod queue;
mod rates;
mod report;
mod settle;
mod spare;
mod store;
mod turn;

pub use dead::{discard, replay};
pub use erase::{Traces, cut_off, erase, is_running};
pub use handler::{JobError, JobHandler, QueueSpec, doubling};
pub use job::{Job, NewJob};
pub use jobs::Jobs;
pub use limit::{Limit, pause};
pub use periodic::{Chore, periodic};
pub use queue::Queue;
pub use spare::take_spare;
pub use turn::turn;
