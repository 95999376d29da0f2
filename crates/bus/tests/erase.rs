//! A person's events and dead letters are taken out, and nobody else's.
#![expect(clippy::unwrap_used, reason = "all of it is a test")]

mod common;

use async_nats::jetstream::consumer::{AckPolicy, pull};
use bus::Held;
use common::{Bench, bench};
use events::Key;
use futures::StreamExt;

/// A consumer that has acknowledged the first `through` events.
async fn consumer(bench: &Bench, name: &str, through: u64) {
    let stream = bench.jetstream().await.get_stream("EV_BOT").await.unwrap();
    let config = pull::Config {
        durable_name: Some(name.to_owned()),
        ack_policy: AckPolicy::Explicit,
        ..pull::Config::default()
    };
    let mut messages = stream.create_consumer(config).await.unwrap().messages().await.unwrap();
    for _ in 0..through {
        messages.next().await.unwrap().unwrap().double_ack().await.unwrap();
    }
}

async fn stored(bench: &Bench) -> Vec<String> {
    let stream = bench.jetstream().await.get_stream("EV_BOT").await.unwrap();
    let state = stream.cached_info().state.clone();
    let mut subjects = Vec::new();
    for sequence in state.first_sequence.max(1)..=state.last_sequence {
        if let Ok(message) = stream.get_raw_message(sequence).await {
            subjects.push(message.subject.rsplit_once('.').unwrap().1.to_owned());
        }
    }
    subjects
}

#[tokio::test]
async fn the_events_of_one_key_go_as_far_as_everybody_has_handled_them() {
    let bench = bench().await;
    // Of one partition or not: 1 and 10, and 11 that begins like 1.
    for chat in [1, 10, 1, 11, 2, 1] {
        bench.bus.publish(bench.event(chat, "x")).await.unwrap();
    }
    consumer(&bench, "ahead", 6).await;
    consumer(&bench, "behind", 4).await;
    let key = Key::chat("b", 1);
    let purged = bench.bus.purge_key("bot", &key).await.unwrap();
    assert_eq!((purged.removed, purged.stream.as_str()), (2, "EV_BOT"));
    assert_eq!(purged.held, Some(Held::Behind { consumer: "behind".to_owned(), waiting: 2 }));
    assert_eq!(stored(&bench).await, ["b_10", "b_11", "b_2", "b_1"]);

    consumer(&bench, "behind", 2).await;
    let purged = bench.bus.purge_key("bot", &key).await.unwrap();
    assert_eq!((purged.removed, purged.held), (1, None));
    assert_eq!(stored(&bench).await, ["b_10", "b_11", "b_2"]);
    let nothing = bench.bus.purge_key("bot", &key).await.unwrap();
    assert_eq!((nothing.removed, nothing.held), (0, None));
    // What comes after is delivered as ever.
    bench.bus.publish(bench.event(1, "y")).await.unwrap();
    consumer(&bench, "behind", 1).await;
}

#[tokio::test]
async fn dead_letters_and_unpublished_events_of_a_key_go() {
    let bench = bench().await;
    let mut connection = bench.pool.acquire().await.unwrap();
    for key in ["b_1", "b_1", "b_11"] {
        sqlx::query(
            "with letter as (
                 insert into dead_letter (kind, source, event_id, key, headers, payload, error, attempts)
                 values ('event', 'c', gen_random_uuid()::text, $1, '{}', '', 'e', 1))
             insert into outbox (event_id, subject, key, trace, correlation, occurred_at, payload)
             values ('e', 's', $1, 't', 'c', 1, '')",
        )
        .bind(key)
        .execute(&mut *connection)
        .await
        .unwrap();
    }
    let gone = bus::erase_keys(&mut connection, &["b_1"]).await.unwrap();
    assert_eq!((gone.dead_letters, gone.unpublished), (2, 2));
    assert_eq!(bus::count_dead_letters(&mut connection).await.unwrap(), 1);
}

#[tokio::test]
async fn dead_letters_and_unpublished_events_that_name_something_go() {
    let bench = bench().await;
    let mut connection = bench.pool.acquire().await.unwrap();
    for payload in ["of lead-1 and more", "of lead-1", "of lead-2", ""] {
        sqlx::query(
            "with letter as (
                 insert into dead_letter (kind, source, event_id, key, headers, payload, error, attempts)
                 values ('event', 'c', gen_random_uuid()::text, 'k', '{}', $1, 'e', 1))
             insert into outbox (event_id, subject, key, trace, correlation, occurred_at, payload)
             values ('e', 's', 'k', 't', 'c', 1, $1)",
        )
        .bind(payload.as_bytes())
        .execute(&mut *connection)
        .await
        .unwrap();
    }
    let gone = bus::erase_mentions(&mut connection, &["lead-1", "lead-3", ""]).await.unwrap();
    assert_eq!((gone.dead_letters, gone.unpublished), (2, 2));
    assert_eq!(bus::count_dead_letters(&mut connection).await.unwrap(), 2);
}
