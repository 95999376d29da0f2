//! Versions that are fetched, from a bot service that says what it is told to, over real gRPC.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ids::{ManualClock, Secret};
use pg::PoolSettings;
use rpc::bot::versions_server;
use rpc::{Request, Response, Status};
use tokio::sync::Semaphore;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use super::*;

/// In place of the bot service: it has no version that is asked for, and is slow to say so of `slow`.
#[derive(Clone)]
struct Stand {
    asked: Arc<AtomicUsize>,
    /// One for each answer about `slow`.
    may_answer: Arc<Semaphore>,
}

#[async_trait::async_trait]
impl versions_server::Versions for Stand {
    async fn get(&self, request: Request<GetVersionRequest>) -> Result<Response<GetVersionResponse>, Status> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if request.into_inner().version == "slow" {
            self.may_answer.acquire().await.unwrap().forget();
        }
        Err(Status::not_found("no such version"))
    }
}

struct Fixture {
    stand: Stand,
    bots: Arc<Bots>,
    hands: ManualClock,
    _database: testkit::TestDatabase,
}

async fn fixture() -> Fixture {
    let database = testkit::database().await;
    let pool =
        pg::connect(&PoolSettings { url: database.secret(), max_connections: 4 }, "public").await.unwrap();
    pg::migrate(&pool, &store::MIGRATOR).await.unwrap();
    let stand = Stand { asked: Arc::default(), may_answer: Arc::new(Semaphore::new(0)) };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let service = versions_server::VersionsServer::new(stand.clone());
    let server = Server::builder().add_service(service);
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    let token = Secret::new("only-for-this-test".to_owned());
    let client = VersionsClient::with_interceptor(rpc::channel(&url).unwrap(), Bearer::new(&token));
    let hands = ManualClock::at(Timestamp::from_second(1_700_000_000).unwrap());
    let dir = testkit::workspace_root().join("bots");
    let bots = Arc::new(Bots::load(&dir, client, pool, hands.clock()).await.unwrap());
    Fixture { stand, bots, hands, _database: database }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_a_version_at_hand_does_not_wait_for_the_fetch_of_another() {
    let world = fixture().await;
    let own = world.bots.get("dev2production", "").await.unwrap().unwrap();
    let fetch = || {
        let bots = world.bots.clone();
        tokio::spawn(async move { bots.get("dev2production", "slow").await.unwrap().is_some() })
    };
    let (first, second) = (fetch(), fetch());
    testkit::until("the bot service is asked", async || {
        (world.stand.asked.load(Ordering::SeqCst) == 1).then_some(())
    })
    .await;
    let at_hand = world.bots.get("dev2production", own.content_hash());
    let at_hand = tokio::time::timeout(Duration::from_secs(4), at_hand).await.expect("it is at hand");
    assert_eq!(at_hand.unwrap().unwrap().content_hash(), own.content_hash());
    world.stand.may_answer.add_permits(1);
    // The folder here answers; both who asked for the same have it of one fetch.
    assert!(first.await.unwrap() && second.await.unwrap());
    assert_eq!(world.stand.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn that_there_is_no_such_version_is_remembered_for_some_seconds() {
    let world = fixture().await;
    let ask = async || {
        assert!(world.bots.get("dev2production", "gone").await.unwrap().is_some(), "the folder here answers");
        world.stand.asked.load(Ordering::SeqCst)
    };
    assert_eq!((ask().await, ask().await), (1, 1));
    world.hands.advance(SignedDuration::from_secs(11));
    assert_eq!((ask().await, ask().await), (2, 2), "it may be there by now");
    for number in 0..40 {
        world.bots.get("dev2production", &format!("gone-{number}")).await.unwrap();
    }
    assert!(world.bots.known.lock().unwrap().len() <= MOST_FETCHED);
}
