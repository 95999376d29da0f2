//! Addresses that somebody else chose and that lead into our own network: none of them is called.
#![expect(clippy::unwrap_used, reason = "all of it is a test")]

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use outbound::{AddressGuard, Forbidden};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[test]
fn every_address_is_judged_as_the_table_says() {
    let guard = AddressGuard::default();
    let table = include_str!("addresses.txt").lines();
    let mut cases = 0;
    for line in table.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        let (verdict, address) = (words.next().unwrap(), words.next().unwrap());
        let url: url::Url = address.parse().expect(line);
        let judged = match guard.check(&url) {
            Err(Forbidden::Private(_) | Forbidden::Scheme(_) | Forbidden::NoHost) => "refused",
            Err(Forbidden::PlainHttp) => "https-only",
            Ok(()) => "called",
        };
        assert_eq!(judged, verdict, "{line}");
        cases += 1;
    }
    assert!(cases > 60, "only {cases} cases were read");
}

/// A name server of an attacker's: each time it is asked it gives the next answer.
struct Rebinding(Mutex<VecDeque<Vec<IpAddr>>>);

impl Rebinding {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let read = |answer: &&[&str]| answer.iter().map(|ip| ip.parse().unwrap()).collect();
        Arc::new(Self(Mutex::new(answers.iter().map(read).collect())))
    }
}

impl Resolve for Rebinding {
    fn resolve(&self, _: Name) -> Resolving {
        let answer = self.0.lock().unwrap().pop_front().unwrap();
        let addresses = answer.into_iter().map(|ip| SocketAddr::new(ip, 0));
        Box::pin(async { Ok(Box::new(addresses.collect::<Vec<_>>().into_iter()) as Addrs) })
    }
}

fn client(guard: AddressGuard) -> reqwest::Client {
    outbound::builder().unwrap().dns_resolver(guard).no_proxy().build().unwrap()
}

/// 127.0.0.2 stands for the world here: it alone is let through.
fn only_the_world() -> AddressGuard {
    AddressGuard::new(&["127.0.0.2/32".parse().unwrap()])
}

/// Two servers on one port: the world, which answers, and our own, which must not be reached.
async fn world_and_own() -> (u16, TcpListener) {
    let world = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let port = world.local_addr().unwrap().port();
    let own = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = world.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ =
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
        }
    });
    (port, own)
}

/// Whether a connection waits to be taken.
async fn is_called(listener: &TcpListener) -> bool {
    tokio::time::timeout(std::time::Duration::from_millis(50), listener.accept()).await.is_ok()
}

#[tokio::test]
async fn a_name_that_is_public_first_and_ours_afterwards_is_refused_when_it_is_connected_to() {
    let (port, own) = world_and_own().await;
    let client = client(only_the_world().asking(Rebinding::new(&[&["127.0.0.2"], &["127.0.0.1"]])));
    let call = || client.get(format!("http://rebinding.example:{port}/hook")).send();
    assert_eq!(call().await.unwrap().status(), 200, "the first answer is the world's");
    let refused = call().await.unwrap_err();
    assert!(refused.is_connect(), "{}", classify::chain(&refused));
    assert!(classify::chain(&refused).contains("127.0.0.1 is an address of a private network"));
    assert!(!is_called(&own).await, "a connection into our own network was made");
}

#[tokio::test]
async fn of_a_name_with_both_kinds_of_addresses_only_the_public_one_is_connected_to() {
    let (port, own) = world_and_own().await;
    let both = Rebinding::new(&[&["127.0.0.1", "::1", "127.0.0.2", "169.254.169.254"]]);
    let client = client(only_the_world().asking(both));
    let answer = client.get(format!("http://both.example:{port}/hook")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(!is_called(&own).await, "a connection into our own network was made");
}

#[tokio::test]
async fn a_redirect_into_our_own_network_is_not_followed() {
    let world = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let port = world.local_addr().unwrap().port();
    let own = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let answer = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:{}/\r\ncontent-length: 0\r\n\r\n",
        own.local_addr().unwrap().port()
    );
    tokio::spawn(async move {
        let (mut stream, _) = world.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await;
        let _ = stream.write_all(answer.as_bytes()).await;
        stream.shutdown().await
    });
    let answer = client(only_the_world()).post(format!("http://127.0.0.2:{port}/")).body("{}").send().await;
    assert_eq!(answer.unwrap().status(), 307);
    assert!(!is_called(&own).await, "the redirect was followed");
}
