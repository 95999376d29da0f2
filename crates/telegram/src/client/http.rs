//! The HTTP connections to the Bot API: a pool that keeps them.

use std::time::Duration;

use reqwest::Client;
use url::{Host, Url};

/// Idle connections kept. Sends run beside each other, so this is how many a burst leaves open.
const IDLE_CONNECTIONS: usize = 256;
/// Shorter than servers and their proxies keep an idle connection, so that we are the one who closes.
const IDLE_FOR: Duration = Duration::from_secs(45);
/// Shorter than any call may take: what times out here was certainly not sent.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TCP_KEEPALIVE: Duration = Duration::from_secs(30);

/// The client could not be built.
pub use outbound::ClientError as HttpClientError;

/// A client for the Bot API at `api_base`, to be shared by every bot. It follows no redirect (the address
/// holds the token), speaks HTTP/1.1, and passes a proxy named in the environment, except on the way to
/// this same machine.
pub fn http_client(api_base: &Url) -> Result<Client, HttpClientError> {
    let builder = outbound::builder()?
        .http1_only()
        .tcp_keepalive(TCP_KEEPALIVE)
        .pool_max_idle_per_host(IDLE_CONNECTIONS)
        .pool_idle_timeout(IDLE_FOR)
        .connect_timeout(CONNECT_TIMEOUT);
    let builder = if is_this_machine(api_base) { builder.no_proxy() } else { builder };
    Ok(builder.build()?)
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}
