//! Addresses of endpoints that lead into our own network: none is called, neither at the start nor later.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ids::{Secret, Timestamp};
use outbound::AddressGuard;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{Answer, Endpoints, Sender, client};
use crate::config::EndpointConfig;

/// One case a line: what becomes of an address, and the address.
const TABLE: &str = include_str!("../../../../outbound/tests/addresses.txt");

pub(super) fn endpoint(url: &str) -> EndpointConfig {
    EndpointConfig {
        name: "a".to_owned(),
        url: url.to_owned(),
        secret: Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        previous_secret: Secret::default(),
        headers: BTreeMap::new(),
        most_per_second: None,
        bots: Vec::new(),
        events: Vec::new(),
        temperatures: Vec::new(),
    }
}

#[test]
fn an_endpoint_at_an_address_of_ours_is_refused_at_the_start_however_it_is_written() {
    let mut seen = BTreeMap::<&str, u32>::new();
    for line in TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        let (verdict, address) = (words.next().unwrap(), words.next().unwrap());
        let refused = Endpoints::new(&[endpoint(address)], &AddressGuard::default()).is_err();
        assert_eq!(refused, matches!(verdict, "refused" | "https-only"), "{line}");
        *seen.entry(verdict).or_default() += 1;
    }
    assert!(seen["refused"] > 50 && seen["called"] > 1, "{seen:?}");
}

/// A name server that gives another answer each time.
struct Rebinding(Mutex<VecDeque<IpAddr>>);

impl Resolve for Rebinding {
    fn resolve(&self, _: Name) -> Resolving {
        let address = SocketAddr::new(self.0.lock().unwrap().pop_front().unwrap(), 0);
        Box::pin(async move { Ok(Box::new(std::iter::once(address)) as Addrs) })
    }
}

/// 127.0.0.2 stands for the world; it answers everything so. On the same port of 127.0.0.1 there is something of our own.
async fn world_and_own(answer: &'static str) -> (u16, TcpListener) {
    let world = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let port = world.local_addr().unwrap().port();
    let own = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = world.accept().await {
            let _ = stream.read(&mut [0; 8192]).await;
            let answer = answer.replace("{port}", &port.to_string());
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    (port, own)
}

async fn is_called(own: &TcpListener) -> bool {
    tokio::time::timeout(Duration::from_millis(50), own.accept()).await.is_ok()
}

/// The world alone is let through, and names mean what they are said to, one time after the other.
fn sender(names: &[&str]) -> Sender {
    let names = Rebinding(Mutex::new(names.iter().map(|ip| ip.parse().unwrap()).collect()));
    let guard = AddressGuard::new(&["127.0.0.2/32".parse().unwrap()]).asking(Arc::new(names));
    Sender::new(client(&guard, Duration::from_secs(5)).unwrap())
}

/// An endpoint that was let through at the start.
fn let_through(url: &str) -> Endpoints {
    let all = AddressGuard::new(&["127.0.0.0/8".parse().unwrap()]);
    Endpoints::new(&[endpoint(url)], &all).unwrap()
}

async fn send(sender: &Sender, endpoints: &Endpoints) -> Answer {
    sender.send(endpoints.get("a").unwrap(), "id", "{}", Timestamp::UNIX_EPOCH).await
}

#[tokio::test]
async fn a_name_that_leads_to_us_between_two_attempts_gets_nothing_at_the_second() {
    let (port, own) =
        world_and_own("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
    let (sender, endpoints) =
        (sender(&["127.0.0.2", "127.0.0.1"]), let_through(&format!("http://localhost:{port}/hook")));
    let first = send(&sender, &endpoints).await;
    assert_eq!(first.status().map(|status| status.as_u16()), Some(503), "the world was called: {first:?}");
    let second = send(&sender, &endpoints).await;
    let Answer::NotSent(why) = &second else { panic!("{second:?}") };
    assert!(why.contains("127.0.0.1 is an address of a private network"), "{why}");
    assert!(!is_called(&own).await, "a connection into our own network was made");
}

#[tokio::test]
async fn a_redirect_to_us_is_a_failed_attempt_and_not_followed() {
    let redirect = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{port}/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let (port, own) = world_and_own(redirect).await;
    let answer = send(&sender(&[]), &let_through(&format!("http://127.0.0.2:{port}/hook"))).await;
    assert_eq!(answer.status().map(|status| status.as_u16()), Some(302), "{answer:?}");
    assert!(!answer.is_success());
    assert!(!is_called(&own).await, "the redirect was followed");
}
