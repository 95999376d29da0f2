//! HTTP to the world outside: a client with TLS that needs nothing installed, and a guard for addresses that
//! strangers may choose.

mod client;
mod guard;

pub use client::{ClientError, builder};
pub use guard::{AddressGuard, Forbidden};
pub use ipnet::IpNet;
