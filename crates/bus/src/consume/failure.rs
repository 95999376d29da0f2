use std::time::Duration;

use async_nats::jetstream::{AckKind, Message};
use classify::Failure;
use pg::PgError;

use super::spec::Runtime;
use crate::Delivery;

/// After so many deliveries even a transient failure is given up.
pub(super) const MOST_ATTEMPTS: u32 = 8;

/// How an event that failed goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Deliver it again after this long; its key waits, so order is kept.
    Again(Duration),
    /// Into the dead letters.
    GiveUp,
}

/// The one table from the class of a failure to nak or dead letter.
pub(super) fn verdict(failure: &Failure, attempt: u32, fraction: f64) -> Verdict {
    if failure.class().is_retryable() && attempt < MOST_ATTEMPTS {
        Verdict::Again(backoff(attempt, fraction))
    } else {
        Verdict::GiveUp
    }
}

/// 0.25 s doubled at each attempt, at most a minute, ± 20 %.
pub(super) fn backoff(attempt: u32, fraction: f64) -> Duration {
    let doubled = Duration::from_millis(250) * 2u32.saturating_pow(attempt.saturating_sub(1).min(16));
    doubled.min(Duration::from_secs(60)).mul_f64(0.8 + 0.4 * fraction)
}

/// Acknowledges in whatever way; if that is lost, the server delivers again and the inbox recognises it.
pub(super) async fn acknowledge(message: &Message, kind: AckKind) {
    if let Err(error) = message.ack_with(kind).await {
        tracing::debug!(subject = %message.subject, %error, "an acknowledgement could not be sent");
    }
}

/// Logged once, at the boundary, with the whole chain.
pub(super) fn log(consumer: &str, event: &Delivery, failure: &Failure, verdict: Verdict) {
    let (id, trace, attempt) = (&event.id, event.trail.trace, event.attempt);
    match verdict {
        Verdict::Again(after) => tracing::warn!(
            consumer, %id, trace_id = %format_args!("{:032x}", trace.trace_id()), attempt, class = %failure.class(),
            after_ms = after.as_millis() as u64, error = %failure, "an event failed and is tried again"
        ),
        Verdict::GiveUp => tracing::error!(
            consumer, %id, trace_id = %format_args!("{:032x}", trace.trace_id()), attempt, class = %failure.class(),
            error = %failure, "an event is given up; see dead-letters list"
        ),
    }
}

/// The handling of one event, in the trace that brought it here.
pub(super) fn span(consumer: &'static str, event: &Delivery) -> tracing::Span {
    tracing::info_span!("event", otel.name = consumer, consumer, id = %event.id, traceparent = %event.trail.trace)
}

/// Waits until the database answers, so that an outage costs no deliveries. False when told to stop.
pub(super) async fn database_is_back(runtime: &Runtime) -> bool {
    let mut pause = Duration::from_millis(50);
    while !runtime.shutdown.is_cancelled() {
        let asked = async { Ok::<_, PgError>(sqlx::query("select 1").execute(&runtime.pool).await?) };
        if pg::in_time(asked).await.is_ok() {
            return true;
        }
        tokio::select! {
            () = tokio::time::sleep(pause.mul_f64(0.5 + runtime.ids.fraction())) => {}
            () = runtime.shutdown.cancelled() => {}
        }
        pause = (pause * 2).min(Duration::from_secs(1));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use classify::Class;

    #[test]
    fn transient_failures_wait_longer_each_time_and_end_in_a_dead_letter() {
        let failure = Failure::new(Class::Transient, "busy");
        let mut last = Duration::ZERO;
        for attempt in 1..MOST_ATTEMPTS {
            let Verdict::Again(after) = verdict(&failure, attempt, 0.5) else {
                panic!("gave up at {attempt}")
            };
            assert!(after > last);
            last = after;
        }
        assert_eq!(verdict(&failure, MOST_ATTEMPTS, 0.5), Verdict::GiveUp);
    }

    #[test]
    fn what_will_never_work_is_given_up_at_once() {
        for class in [Class::Permanent, Class::Invalid, Class::Denied, Class::NotFound] {
            assert_eq!(verdict(&Failure::new(class, "no"), 1, 0.5), Verdict::GiveUp);
        }
    }
}
