//! A service's schema and a NATS of its own for each test.

#![expect(dead_code, reason = "each test program uses a part of it")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "the caller is a test")]

use bus::{Bus, BusSettings, Runtime};
use events::message::bot::FlowMoved;
use events::{Envelope, Key, Trail};
use ids::{Ids, Secret};
use pg::{Migrator, Pool, PoolSettings};
use tokio_util::sync::CancellationToken;

pub(crate) static NOTHING: Migrator = sqlx::migrate::Migrator::DEFAULT;

pub(crate) struct Bench {
    pub(crate) database: testkit::TestDatabase,
    pub(crate) nats: testkit::PrivateNats,
    pub(crate) pool: Pool,
    pub(crate) bus: Bus,
    pub(crate) ids: Ids,
}

pub(crate) async fn bench() -> Bench {
    let database = testkit::database().await;
    let nats = testkit::nats_server().await;
    let address = database.url.split_once('@').unwrap().1.to_owned();
    let url = Secret::new(format!("postgres://{}_bot:secret@{address}", database.name));
    pg::provision(&database.secret(), "bot", &url).await.unwrap();
    let pool = pg::connect(&PoolSettings { url, max_connections: 10 }, "bot").await.unwrap();
    pg::migrate(&pool, &NOTHING).await.unwrap();
    sqlx::raw_sql(
        "create table effect (nth bigint generated always as identity, key text, value text);
         create table total (key text primary key, n bigint)",
    )
    .execute(&pool)
    .await
    .unwrap();
    let bus = connect(&nats).await;
    bus.ensure_stream("bot").await.unwrap();
    Bench { database, nats, pool, bus, ids: Ids::system() }
}

pub(crate) async fn connect(nats: &testkit::PrivateNats) -> Bus {
    Bus::connect(&BusSettings::at(nats.url()), "test").await.unwrap()
}

impl Bench {
    pub(crate) fn runtime(&self, shutdown: &CancellationToken) -> Runtime {
        Runtime {
            bus: self.bus.clone(),
            pool: self.pool.clone(),
            ids: self.ids.clone(),
            shutdown: shutdown.clone(),
        }
    }

    /// An event of a chat that carries a number.
    pub(crate) fn event(&self, chat: i64, value: &str) -> Envelope {
        let event = FlowMoved { flow: value.to_owned(), bot: "b".to_owned(), ..FlowMoved::default() };
        let id = self.ids.event();
        Envelope::new(id.clone(), Key::chat("b", chat), Trail::start(self.ids.trace(), id), 1, &event)
    }

    /// What the handlers have written: values by key in their order.
    pub(crate) async fn effects(&self) -> Vec<(String, String)> {
        sqlx::query_as("select key, value from effect order by nth").fetch_all(&self.pool).await.unwrap()
    }

    /// Waits until `count` effects are there.
    pub(crate) async fn settle(&self, count: usize) -> Vec<(String, String)> {
        let mut seen = 0;
        for _ in 0..1200 {
            let effects = self.effects().await;
            if effects.len() >= count {
                return effects;
            }
            seen = effects.len();
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("only {seen} of {count} effects came");
    }
}

impl Bench {
    /// What is in the stream: keys and values in their order.
    pub(crate) async fn stored(&self) -> Vec<(String, String)> {
        let jetstream = self.jetstream().await;
        let mut stream = jetstream.get_stream("EV_BOT").await.unwrap();
        let state = stream.info().await.unwrap().state.clone();
        let mut stored = Vec::new();
        // Where nothing was ever stored both ends are 0, and there is no such message.
        for sequence in state.first_sequence.max(1)..=state.last_sequence {
            let message = stream.get_raw_message(sequence).await.unwrap();
            let event: FlowMoved = prost::Message::decode(message.payload).unwrap();
            let (_, key) = events::Subject::split(&message.subject).unwrap();
            stored.push((key.to_owned(), event.flow));
        }
        stored
    }

    pub(crate) async fn jetstream(&self) -> async_nats::jetstream::Context {
        let (user, password) = self.nats.login();
        let options = async_nats::ConnectOptions::with_user_and_password(user, password);
        async_nats::jetstream::new(options.connect(self.nats.url().expose()).await.unwrap())
    }
}
