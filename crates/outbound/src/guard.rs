use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use classify::{Class, Classify};
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Keeps calls to configured addresses out of our own network: a name is resolved inside the connector, and
/// only addresses that the public internet routes are handed on, so a name that changes its address between
/// check and use gains nothing. Networks on the allow-list are let through.
#[derive(Clone)]
pub struct AddressGuard {
    allowed: Arc<[IpNet]>,
    names: Arc<dyn Resolve>,
}

/// Names as this machine resolves them.
struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(Box::new(found.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}

impl Default for AddressGuard {
    fn default() -> Self {
        Self::new(&[])
    }
}

impl fmt::Debug for AddressGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AddressGuard").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}

/// An address that must not be called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    #[error("{0} is an address of a private network; add its network to the allow-list if it is meant")]
    Private(IpAddr),
    #[error("only http and https addresses can be called, not {0}")]
    Scheme(String),
    #[error("http is allowed only to addresses on the allow-list; use https")]
    PlainHttp,
    #[error("the address names no host")]
    NoHost,
}

impl Classify for Forbidden {
    fn class(&self) -> Class {
        Class::Denied
    }
}

impl AddressGuard {
    #[must_use]
    pub fn new(allowed: &[IpNet]) -> Self {
        Self { allowed: allowed.into(), names: Arc::new(System) }
    }

    /// The same, with names asked for elsewhere; what comes from there is judged as well.
    #[must_use]
    pub fn asking(self, names: Arc<dyn Resolve>) -> Self {
        Self { names, ..self }
    }

    /// Checks what can be checked without the network. A name is checked when it is resolved.
    pub fn check(&self, url: &Url) -> Result<(), Forbidden> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Forbidden::Scheme(url.scheme().to_owned()));
        }
        let ip = match url.host() {
            None => return Err(Forbidden::NoHost),
            Some(Host::Ipv4(ip)) => IpAddr::V4(ip),
            Some(Host::Ipv6(ip)) => IpAddr::V6(ip),
            Some(Host::Domain(name)) if is_this_machine(name) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            Some(Host::Domain(_)) if url.scheme() == "http" => return Err(Forbidden::PlainHttp),
            Some(Host::Domain(_)) => return Ok(()),
        };
        if !self.may_call(ip) {
            return Err(Forbidden::Private(ip));
        }
        if url.scheme() == "http" && !self.is_listed(ip) {
            return Err(Forbidden::PlainHttp);
        }
        Ok(())
    }

    /// Whether a connection to this address may be made.
    #[must_use]
    pub fn may_call(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.is_listed(ip) || is_public(ip)
    }

    fn is_listed(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.allowed.iter().any(|net| net.contains(&ip))
    }
}

impl Resolve for AddressGuard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = guard.names.resolve(name).await?;
            let (public, private): (Vec<SocketAddr>, Vec<SocketAddr>) =
                found.partition(|address| guard.may_call(address.ip()));
            match (public.is_empty(), private.first()) {
                (true, Some(address)) => Err(Forbidden::Private(address.ip()).into()),
                _ => Ok(Box::new(public.into_iter()) as Addrs),
            }
        })
    }
}

/// What the standards keep for loopback, whatever a name server says.
fn is_this_machine(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

/// Whether the public internet routes an address: none of the networks that the registries reserve.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19)))
}

/// Only 2000::/3 was ever given out; what is outside of it (loopback, our own networks, addresses of version 4 in one of the
/// ways to write them in one of 6, NAT64 among them) is no address of the public internet.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    (a & 0xe000) == 0x2000
        // What the standards keep for themselves (a tunnel among it), and examples.
        && !(a == 0x2001 && (b < 0x0200 || b == 0x0db8))
        && !(a == 0x3fff && b < 0x1000)
        // 6to4: an address of version 4 is in it.
        && a != 0x2002
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(guard: &AddressGuard, url: &str) -> Result<(), Forbidden> {
        guard.check(&url.parse().unwrap())
    }

    #[test]
    fn the_world_is_called_by_https_only() {
        let guard = AddressGuard::default();
        assert_eq!(check(&guard, "https://example.com/hook"), Ok(()));
        assert_eq!(check(&guard, "https://93.184.215.14/hook"), Ok(()));
        assert_eq!(check(&guard, "https://[2a00:1450:4001:82a::200e]/hook"), Ok(()));
        assert_eq!(check(&guard, "http://example.com/hook"), Err(Forbidden::PlainHttp));
        assert_eq!(check(&guard, "http://93.184.215.14/"), Err(Forbidden::PlainHttp));
        assert_eq!(check(&guard, "file:///etc/passwd"), Err(Forbidden::Scheme("file".to_owned())));
    }

    #[test]
    fn what_is_on_the_allow_list_is_let_through() {
        let guard = AddressGuard::new(&["127.0.0.0/8".parse().unwrap()]);
        assert_eq!(check(&guard, "http://127.0.0.1:9000/hook"), Ok(()));
        assert_eq!(check(&guard, "http://localhost:9000/hook"), Ok(()));
        assert!(matches!(check(&guard, "http://10.0.0.1/"), Err(Forbidden::Private(_))));
    }

    proptest! {
        #[test]
        fn an_address_mapped_into_six_is_judged_as_the_four_it_is(octets in any::<[u8; 4]>()) {
            let four = Ipv4Addr::from(octets);
            let guard = AddressGuard::default();
            prop_assert_eq!(guard.may_call(four.into()), guard.may_call(four.to_ipv6_mapped().into()));
        }
    }
}
