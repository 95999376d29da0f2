use std::net::{Ipv4Addr, TcpListener};

use ids::Ids;

/// Below what the system gives to connections that go out, so that none of those takes it meanwhile.
const FIRST: u16 = 12_000;
const COUNT: f64 = 18_000.0;

/// A port that nobody listens on at this moment. Drawn at random, so that tests at the same time get others.
#[must_use]
pub fn free_port() -> u16 {
    let ids = Ids::system();
    loop {
        let port = FIRST + (ids.fraction() * COUNT) as u16;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
