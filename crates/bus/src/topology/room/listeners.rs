//! How far the durable consumers of a stream are, each asked by its name.
//!
//! The server's list of consumers is not to be trusted for this: it leaves out those that did not answer in time,
//! and shows one whose servers are away with counts of zero, as if it were through. Names are complete, and a
//! consumer that is asked by name answers, or refuses, or does not answer; only the first tells anything.

use std::collections::BTreeSet;

use async_nats::jetstream::consumer::Info;
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::{LastRawMessageErrorKind, State, Stream};
use futures::TryStreamExt;

use super::{Held, Source};

/// How far a durable consumer is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Progress {
    consumer: String,
    /// It wants nothing up to this sequence any more.
    pub(super) through: u64,
    /// Events that it has not acknowledged yet.
    waiting: u64,
}

impl Progress {
    pub(super) fn held(self) -> Held {
        Held::Behind { consumer: self.consumer, waiting: self.waiting }
    }
}

/// What an answer says.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// Nothing that can be relied upon.
    None,
    Behind {
        floor: u64,
        waiting: u64,
    },
    /// It has acknowledged all that was ever meant for it.
    Idle,
    /// It says that nothing was ever meant for it, and so does an answer that was not filled in. Nothing before
    /// this sequence was.
    Untouched {
        from: u64,
    },
}

/// The durable consumer that is the furthest behind, `None` if there is none; an `Err` within where not all have
/// told. `state` is from before the question: what was stored since is nobody's yet.
pub(super) async fn asked(stream: &Stream, state: &State) -> Result<Result<Option<Progress>, Held>, Source> {
    let names: BTreeSet<String> = stream.consumer_names().try_collect().await?;
    if let Some(unsure) = unnamed(state.consumer_count, names.len()) {
        return Ok(Err(unsure));
    }
    let mut least: Option<Progress> = None;
    for consumer in names {
        let info = match stream.consumer_info(&consumer).await {
            Ok(info) => info,
            // Gone since it was named, or it does not answer. The next look tells which.
            Err(error) => {
                tracing::debug!(consumer, %error, "a consumer did not tell how far it is");
                return Ok(Err(Held::Unanswered { consumer }));
            }
        };
        if info.config.durable_name.is_none() {
            continue;
        }
        let (through, waiting) = match answer(&info) {
            Answer::None => return Ok(Err(Held::Unanswered { consumer })),
            Answer::Behind { floor, waiting } => (floor, waiting),
            Answer::Idle => (state.last_sequence, 0),
            Answer::Untouched { from } => {
                let first = first_meant(stream, &info, from.max(state.first_sequence)).await?;
                first.map_or((state.last_sequence, 0), |first| (first - 1, 1))
            }
        };
        let through = through.min(state.last_sequence);
        if least.as_ref().is_none_or(|least| through < least.through) {
            least = Some(Progress { consumer, through, waiting });
        }
    }
    Ok(Ok(least))
}

/// One that was declared since the count makes the names more, and is asked as well.
fn unnamed(counted: usize, named: usize) -> Option<Held> {
    (named < counted).then_some(Held::Unnamed { counted, named })
}

fn answer(info: &Info) -> Answer {
    // For a consumer without a leader somebody answered who does not know.
    let leaderless = |cluster: &async_nats::jetstream::stream::ClusterInfo| {
        cluster.leader.as_deref().is_none_or(str::is_empty)
    };
    if info.cluster.as_ref().is_some_and(leaderless) {
        return Answer::None;
    }
    let waiting = info.num_pending.saturating_add(info.num_ack_pending as u64);
    if waiting > 0 {
        return Answer::Behind { floor: info.ack_floor.stream_sequence, waiting };
    }
    // Where nothing is left for it, its floor stands at the last event that was meant for it.
    match info.delivered.consumer_sequence {
        0 => Answer::Untouched { from: info.delivered.stream_sequence + 1 },
        _ => Answer::Idle,
    }
}

/// The first event from `from` on that is meant for a consumer.
async fn first_meant(stream: &Stream, info: &Info, from: u64) -> Result<Option<u64>, Source> {
    let mut filters: Vec<&str> = info.config.filter_subjects.iter().map(String::as_str).collect();
    if filters.is_empty() {
        filters.push(match info.config.filter_subject.as_str() {
            "" => ">",
            one => one,
        });
    }
    let mut first = None;
    for filter in filters {
        let found = next(stream, filter, from).await?.map(|event| event.sequence);
        first = [first, found].into_iter().flatten().min();
    }
    Ok(first)
}

/// The first event of a subject from a sequence on.
pub(super) async fn next(stream: &Stream, subject: &str, from: u64) -> Result<Option<StreamMessage>, Source> {
    match stream.get_first_raw_message_by_subject(subject, from.max(1)).await {
        Ok(event) => Ok(Some(event)),
        Err(error) if matches!(error.kind(), LastRawMessageErrorKind::NoMessageFound) => Ok(None),
        Err(error) => Err(Box::new(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the server writes it; `more` replaces or adds fields.
    fn info(more: serde_json::Value) -> Info {
        let mut info = serde_json::json!({
            "stream_name": "EV_BOT", "name": "c", "created": "2026-01-01T00:00:00Z",
            "config": {"durable_name": "c", "deliver_policy": "all", "ack_policy": "explicit", "replay_policy": "instant"},
            "delivered": {"consumer_seq": 40, "stream_seq": 90},
            "ack_floor": {"consumer_seq": 40, "stream_seq": 90},
            "num_ack_pending": 0, "num_redelivered": 0, "num_waiting": 0, "num_pending": 0,
        });
        let serde_json::Value::Object(more) = more else { return serde_json::from_value(info).unwrap() };
        info.as_object_mut().unwrap().extend(more);
        serde_json::from_value(info).unwrap()
    }

    #[test]
    fn only_an_answer_that_was_filled_in_says_that_a_consumer_is_through() {
        use serde_json::json;
        assert_eq!(answer(&info(json!({}))), Answer::Idle);
        assert_eq!(answer(&info(json!({"cluster": {"leader": "n1"}}))), Answer::Idle);
        assert_eq!(answer(&info(json!({"num_pending": 7}))), Answer::Behind { floor: 90, waiting: 7 });
        assert_eq!(answer(&info(json!({"num_ack_pending": 2}))), Answer::Behind { floor: 90, waiting: 2 });

        let zero = json!({"consumer_seq": 0, "stream_seq": 0});
        let zeroed = json!({"delivered": zero, "ack_floor": zero});
        assert_eq!(answer(&info(zeroed.clone())), Answer::Untouched { from: 1 });
        // Its servers are away.
        for cluster in [json!({"name": "town"}), json!({"leader": ""})] {
            let mut away = zeroed.clone();
            away["cluster"] = cluster;
            assert_eq!(answer(&info(away)), Answer::None);
        }
    }

    #[test]
    fn fewer_names_than_there_are_consumers_are_not_all() {
        assert_eq!(unnamed(3, 2), Some(Held::Unnamed { counted: 3, named: 2 }));
        assert_eq!(unnamed(3, 3), None);
        assert_eq!(unnamed(3, 4), None);
    }
}
