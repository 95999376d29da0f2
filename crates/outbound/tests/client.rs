//! The client and its guard on real sockets.
#![expect(clippy::unwrap_used, reason = "all of it is a test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use outbound::AddressGuard;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server that answers everything with a redirect to itself; its port, and how often it was called.
async fn redirecting() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, calls) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let counted = calls.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let mut read = [0; 4096];
            let _ = stream.read(&mut read).await;
            let answer =
                "HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (port, calls)
}

fn client(guard: AddressGuard) -> reqwest::Client {
    outbound::builder().unwrap().dns_resolver(guard).no_proxy().build().unwrap()
}

/// The whole chain of an error.
fn chain(error: &reqwest::Error) -> String {
    classify::chain(error)
}

#[tokio::test]
async fn a_name_that_leads_into_our_own_network_is_not_connected_to() {
    let (port, calls) = redirecting().await;
    let refused =
        client(AddressGuard::default()).get(format!("http://localhost:{port}/")).send().await.unwrap_err();
    assert!(refused.is_connect() && chain(&refused).contains("private network"), "{}", chain(&refused));
    assert_eq!(calls.load(Ordering::SeqCst), 0);

    let listed = AddressGuard::new(&["127.0.0.0/8".parse().unwrap()]);
    let answer = client(listed).get(format!("http://localhost:{port}/")).send().await.unwrap();
    assert_eq!(answer.status(), 302);
    assert_eq!(calls.load(Ordering::SeqCst), 1, "a redirect was followed");
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_an_error_and_no_panic() {
    let error =
        client(AddressGuard::default()).get("https://no-such-name.invalid/").send().await.unwrap_err();
    assert!(error.is_connect(), "{}", chain(&error));
}
