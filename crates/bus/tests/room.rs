//! A stream that is full, and what is removed from one that is nearly so.
#![expect(clippy::unwrap_used, clippy::unreachable, reason = "all of it is a test")]

mod common;

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::stream::{Config, DiscardPolicy};
use bus::{Bus, BusSettings, Held};
use classify::{Class, Classify};
use common::{Bench, bench};
use futures::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Of an event here, about.
const EVENT: usize = 10 * 1024;
const LIMIT: u64 = 1024 * 1024;

async fn limited(bench: &Bench, max_stream_bytes: u64) -> Bus {
    let settings = BusSettings { max_stream_bytes, ..BusSettings::at(bench.nats.url()) };
    let bus = Bus::connect(&settings, "test").await.unwrap();
    bus.ensure_stream("bot").await.unwrap();
    bus
}

async fn config(bench: &Bench) -> Config {
    bench.jetstream().await.get_stream("EV_BOT").await.unwrap().cached_info().config.clone()
}

/// Publishes until the stream takes no more; how many it took, and the class of the refusal.
async fn fill(bench: &Bench, bus: &Bus) -> (u64, Class) {
    let value = "x".repeat(EVENT);
    for taken in 0.. {
        if let Err(error) = bus.publish(bench.event(1, &value)).await {
            return (taken, error.class());
        }
        assert!(taken < 1000, "the stream has no limit");
    }
    unreachable!()
}

fn now() -> i64 {
    ids::Clock::system().now_ms()
}

/// A consumer as ours are, that has acknowledged the next `through` of what is meant for it.
async fn consumer(bench: &Bench, name: &str, filter: &str, through: u64) {
    let stream = bench.jetstream().await.get_stream("EV_BOT").await.unwrap();
    let config = pull::Config {
        durable_name: Some(name.to_owned()),
        filter_subject: filter.to_owned(),
        ack_policy: AckPolicy::Explicit,
        ..pull::Config::default()
    };
    let consumer = stream.create_consumer(config).await.unwrap();
    let mut messages = consumer.messages().await.unwrap();
    for _ in 0..through {
        messages.next().await.unwrap().unwrap().double_ack().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_stream_refuses_for_a_while_and_loses_nothing() {
    let bench = bench().await;
    let bus = limited(&bench, LIMIT).await;
    let (taken, class) = fill(&bench, &bus).await;
    assert_eq!(class, Class::Transient);
    assert!(taken > 90, "{taken}");
    assert_eq!(bench.stored().await.len() as u64, taken, "the oldest are still there");

    // Nobody listens yet, and then one who is behind: nothing that is to be handled is removed.
    let room = bus.make_room("bot", now()).await.unwrap();
    assert!(room.limit == Some(LIMIT) && room.is_nearly_full(), "{room:?}");
    assert_eq!(room.held, Some(Held::Unheard));
    assert_eq!(bench.stored().await.len() as u64, taken);
    consumer(&bench, "ahead", "ev.bot.>", taken).await;
    consumer(&bench, "behind", "ev.bot.>", 10).await;
    // Nothing was ever meant for this one.
    consumer(&bench, "rare", "ev.bot.lead.captured.>", 0).await;
    let room = bus.make_room("bot", now()).await.unwrap();
    let waiting = taken - 10;
    assert_eq!(room.held, Some(Held::Behind { consumer: "behind".to_owned(), waiting }));
    assert_eq!(bench.stored().await.len() as u64, waiting);

    // With that room it goes on; what was refused is taken under the same id.
    let event = bench.event(2, "after");
    assert!(!bus.publish(event.clone()).await.unwrap().duplicate);
    assert!(bus.publish(event).await.unwrap().duplicate);

    // When all are through, half of it stays to be looked at.
    fill(&bench, &bus).await;
    let jetstream = bench.jetstream().await;
    jetstream.delete_consumer_from_stream("behind", "EV_BOT").await.unwrap();
    consumer(&bench, "ahead", "ev.bot.>", 11).await;
    let room = bus.make_room("bot", now()).await.unwrap();
    assert_eq!(room.held, None);
    let left = bus.make_room("bot", now()).await.unwrap();
    assert!(left.bytes > LIMIT / 3 && left.bytes < LIMIT * 2 / 3, "{left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_nobody_listens_to_is_kept_for_a_day() {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let bench = bench().await;
    let bus = limited(&bench, LIMIT).await;
    let (taken, _) = fill(&bench, &bus).await;
    let jetstream = bench.jetstream().await;
    let stream = jetstream.get_stream("EV_BOT").await.unwrap();
    let mut stored_ms = Vec::new();
    for sequence in 1..=taken {
        let at = stream.get_raw_message(sequence).await.unwrap().time;
        stored_ms.push(i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap());
    }
    let room = bus.make_room("bot", stored_ms[0] + DAY).await.unwrap();
    assert_eq!((room.held, bench.stored().await.len() as u64), (Some(Held::Unheard), taken));

    // So many and no more are old enough; those of one millisecond are so together.
    let cut = stored_ms[10];
    let older = stored_ms.iter().filter(|at| **at < cut).count() as u64;
    let room = bus.make_room("bot", cut + DAY).await.unwrap();
    assert_eq!((room.held, bench.stored().await.len() as u64), (Some(Held::Unheard), taken - older));
    assert!(older > 0, "{stored_ms:?}");

    let room = bus.make_room("bot", now() + 2 * DAY).await.unwrap();
    assert_eq!(room.held, None);
    let left = bus.make_room("bot", now()).await.unwrap();
    assert!(left.bytes > LIMIT / 3 && left.bytes < LIMIT * 2 / 3, "{left:?}");
}

/// A way to NATS on which one text is replaced by another of its length, in both directions.
async fn by_way_of(bench: &Bench, from: &'static str, to: &'static str) -> Bus {
    async fn pass(mut source: OwnedReadHalf, mut target: OwnedWriteHalf, from: &str, to: &str) {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = source.read(&mut buffer).await {
            let read = &mut buffer[..count];
            while let Some(at) = read.windows(from.len()).position(|part| part == from.as_bytes()) {
                read[at..at + from.len()].copy_from_slice(to.as_bytes());
            }
            if target.write_all(read).await.is_err() {
                return;
            }
        }
    }
    assert_eq!(from.len(), to.len());
    let server = bench.nats.url().expose().rsplit_once('@').unwrap().1.to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().to_string();
    let url = bench.nats.url().expose().replace(&server, &own);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (client_in, client_out) = client.into_split();
            let (server_in, server_out) = TcpStream::connect(&server).await.unwrap().into_split();
            tokio::spawn(pass(client_in, server_out, from, to));
            tokio::spawn(pass(server_in, client_out, from, to));
        }
    });
    let settings = BusSettings { max_stream_bytes: LIMIT, ..BusSettings::at(&ids::Secret::new(url)) };
    Bus::connect(&settings, "test").await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_one_consumer_is_not_heard_of_nothing_is_removed() {
    let bench = bench().await;
    let bus = limited(&bench, LIMIT).await;
    let (taken, _) = fill(&bench, &bus).await;
    consumer(&bench, "caught1", "ev.bot.>", taken).await;
    consumer(&bench, "caught2", "ev.bot.>", taken).await;

    // A question that is refused, and a list that leaves one out.
    let mute = by_way_of(&bench, "CONSUMER.INFO.EV_BOT.caught2", "CONSUMER.INFO.EV_BOT.caught9").await;
    let room = mute.make_room("bot", now()).await.unwrap();
    assert_eq!(room.held, Some(Held::Unanswered { consumer: "caught2".to_owned() }));
    let short = by_way_of(&bench, r#"["caught1","caught2"]"#, r#"["caught1","caught1"]"#).await;
    let room = short.make_room("bot", now()).await.unwrap();
    assert_eq!(room.held, Some(Held::Unnamed { counted: 2, named: 1 }));
    assert_eq!(bench.stored().await.len() as u64, taken);

    // An answer that was not filled in: all of it is still before this one.
    consumer(&bench, "new", "ev.bot.>", 0).await;
    let pending = format!("\"num_pending\":{taken}");
    let zero = format!("\"num_pending\":{:<1$}", 0, taken.to_string().len());
    let zeroed = by_way_of(&bench, pending.leak(), zero.leak()).await;
    let room = zeroed.make_room("bot", now()).await.unwrap();
    assert_eq!(room.held, Some(Held::Behind { consumer: "new".to_owned(), waiting: 1 }));
    assert_eq!(bench.stored().await.len() as u64, taken);
    let jetstream = bench.jetstream().await;
    jetstream.delete_consumer_from_stream("new", "EV_BOT").await.unwrap();

    assert_eq!(bus.make_room("bot", now()).await.unwrap().held, None);
    assert!((bench.stored().await.len() as u64) < taken);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_without_a_limit_or_with_another_is_corrected() {
    let bench = bench().await;
    let _none = limited(&bench, 0).await;
    assert_eq!(config(&bench).await.max_bytes, -1);
    let jetstream = bench.jetstream().await;
    // As it was declared before there was a limit.
    let before = Config { discard: DiscardPolicy::Old, ..config(&bench).await };
    jetstream.update_stream(before).await.unwrap();
    let bus = limited(&bench, LIMIT).await;
    let kept = config(&bench).await;
    assert_eq!((kept.max_bytes, kept.discard), (i64::try_from(LIMIT).unwrap(), DiscardPolicy::New));
    assert_eq!(bus.declared(), ["bot"]);
}

#[tokio::test]
async fn more_than_the_server_can_promise_is_told_with_what_to_do() {
    let bench = bench().await;
    let settings = BusSettings { max_stream_bytes: 1 << 40, ..BusSettings::at(bench.nats.url()) };
    let bus = Bus::connect(&settings, "test").await.unwrap();
    for stream in ["bot", "crm"] {
        let said = bus.ensure_stream(stream).await.unwrap_err().to_string();
        assert!(said.contains("raise its max_file_store, or lower [nats] max_stream_bytes"), "{said}");
    }
}

#[tokio::test]
async fn the_password_in_the_address_is_what_opens_the_server() {
    let bench = bench().await;
    assert!(bench.bus.is_connected());
    let (user, password) = bench.nats.login();
    let address = bench.nats.url().expose().rsplit_once('@').unwrap().1.to_owned();
    for wrong in [format!("nats://{address}"), format!("nats://{user}:guess@{address}")] {
        let settings = BusSettings::at(&ids::Secret::new(wrong));
        let refused = tokio::time::timeout(Duration::from_secs(20), Bus::connect(&settings, "test"));
        let said = format!("{:?}", refused.await.unwrap().unwrap_err());
        assert!(said.to_lowercase().contains("authorization"), "{said}");
        assert!(!said.contains("guess") && !said.contains(&password), "{said}");
    }
    // Two addresses of one server, one login.
    let both = ids::Secret::new(format!("nats://{address},{}", bench.nats.url().expose()));
    Bus::connect(&BusSettings::at(&both), "test").await.unwrap().flush().await.unwrap();
}
