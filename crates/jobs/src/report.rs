use std::time::Duration;

use classify::Failure;
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

use crate::Job;

/// The metrics of a queue and the one line per job that did not end well.
pub(crate) struct Report {
    done: Counter,
    retried: Counter,
    snoozed: Counter,
    failed: Counter,
    lost: Counter,
    seconds: Histogram,
    pending: Gauge,
    oldest: Gauge,
}

impl Report {
    pub(crate) fn new(queue: &'static str) -> Self {
        let finished = |outcome: &'static str| counter!("dragoman_jobs_finished_total", "queue" => queue, "outcome" => outcome);
        Self {
            done: finished("done"),
            retried: finished("retried"),
            snoozed: finished("snoozed"),
            failed: finished("failed"),
            lost: finished("lost"),
            seconds: histogram!("dragoman_job_seconds", "queue" => queue),
            pending: gauge!("dragoman_jobs_pending", "queue" => queue),
            oldest: gauge!("dragoman_job_oldest_age_seconds", "queue" => queue),
        }
    }

    pub(crate) fn ran(&self, took: Duration) {
        self.seconds.record(took);
    }

    pub(crate) fn done(&self, jobs: usize) {
        self.done.increment(jobs as u64);
    }

    pub(crate) fn snoozed(&self, job: &Job) {
        self.snoozed.increment(1);
        tracing::debug!(queue = job.queue, job = job.id, "job snoozed");
    }

    pub(crate) fn retried(&self, job: &Job, failure: &Failure, after: Duration) {
        self.retried.increment(1);
        let trace = job.trail.trace;
        tracing::warn!(
            queue = job.queue, job = job.id, attempt = job.attempt, %trace, class = %failure.class(),
            after_ms = after.as_millis(), error = %failure, "job failed and will be tried again"
        );
    }

    pub(crate) fn failed(&self, job: &Job, failure: &Failure) {
        self.failed.increment(1);
        let (trace, class) = (job.trail.trace, failure.class());
        tracing::error!(
            queue = job.queue, job = job.id, attempt = job.attempt, %trace, %class, error = %failure,
            "job failed for good and is a dead letter"
        );
    }

    pub(crate) fn lost(&self, queue: &str, job: i64) {
        self.lost.increment(1);
        tracing::warn!(queue, job, "job lost its lease; its result is dropped and it runs again");
    }

    pub(crate) fn pending(&self, jobs: i64, oldest_seconds: f64) {
        self.pending.set(jobs as f64);
        self.oldest.set(oldest_seconds);
    }
}
