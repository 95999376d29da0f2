//! The HTTP connections to the provider: a pool that keeps them.

use std::time::Duration;

use reqwest::Client;
use url::{Host, Url};

use crate::error::LlmError;

/// Shorter than servers and their proxies keep an idle connection, so that we are the one who closes.
const IDLE_FOR: Duration = Duration::from_secs(45);

/// A client for the provider at `url`. It follows no redirect (the request holds the key and a person's
/// words), and passes a proxy named in the environment, except on the way to this same machine.
pub(super) fn client(url: &Url, connect_timeout: Duration) -> Result<Client, LlmError> {
    let builder = outbound::builder()
        .map_err(|error| LlmError::Client(Box::new(error)))?
        .connect_timeout(connect_timeout)
        .tcp_keepalive(Duration::from_secs(30))
        .pool_idle_timeout(IDLE_FOR);
    let builder = if is_this_machine(url) { builder.no_proxy() } else { builder };
    builder.build().map_err(|error| LlmError::Client(Box::new(error)))
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}
