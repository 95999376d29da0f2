//! What a NATS server says of itself on connecting, and whether that will do.

use std::io::{BufRead, BufReader};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use serde::Deserialize;

use crate::ServerError;

/// Older servers drop newer fields in silence: a consumer with several subjects gets every message.
pub const NATS_OLDEST: &str = "2.11";

/// The part of `INFO` that matters here.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct NatsInfo {
    pub version: String,
    #[serde(default)]
    pub jetstream: bool,
    #[serde(default)]
    pub server_name: String,
}

/// Asks the server at `address` (`host:port`) and refuses one that is too old or without JetStream.
pub fn nats_info(address: &str, within: Duration) -> Result<NatsInfo, ServerError> {
    let info =
        greeting(address, within).ok_or_else(|| ServerError::NotNats { address: address.to_owned() })?;
    if !nats_is_new_enough(&info.version) {
        return Err(ServerError::NatsTooOld {
            address: address.to_owned(),
            found: info.version,
            wanted: NATS_OLDEST,
        });
    }
    if !info.jetstream {
        return Err(ServerError::NoJetStream { address: address.to_owned() });
    }
    Ok(info)
}

/// The first line that the server sends, if it is one of NATS.
pub(crate) fn greeting(address: &str, within: Duration) -> Option<NatsInfo> {
    let stream =
        address.to_socket_addrs().ok()?.find_map(|to| TcpStream::connect_timeout(&to, within).ok())?;
    stream.set_read_timeout(Some(within)).ok()?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).ok()?;
    parse(&line)
}

fn parse(line: &str) -> Option<NatsInfo> {
    serde_json::from_str(line.strip_prefix("INFO ")?.trim()).ok()
}

/// `2.11.0-preview.1` is new enough; what is not a version is not.
#[must_use]
pub fn nats_is_new_enough(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split(['.', '-']).map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= (2, 11),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::net::TcpListener;
    use std::thread;

    fn server_that_says(line: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        thread::spawn(move || listener.accept().unwrap().0.write_all(line.as_bytes()).unwrap());
        address
    }

    fn refusal(line: &'static str) -> String {
        nats_info(&server_that_says(line), Duration::from_secs(5)).unwrap_err().to_string()
    }

    #[test]
    fn versions_are_compared_by_number() {
        for good in ["2.11.0", "2.15.1", "v2.12.0-RC.1", "3.0.0"] {
            assert!(nats_is_new_enough(good), "{good}");
        }
        for bad in ["2.9.10", "2.10.29", "1.99.0", "", "latest", "2"] {
            assert!(!nats_is_new_enough(bad), "{bad}");
        }
    }

    #[test]
    fn each_server_that_will_not_do_gets_its_sentence() {
        let old = refusal("INFO {\"version\":\"2.9.10\",\"jetstream\":true}\r\n");
        assert!(old.contains("is NATS 2.9.10, and 2.11 or newer is needed"), "{old}");
        let plain = refusal("INFO {\"version\":\"2.15.1\"}\r\n");
        assert!(plain.contains("runs without JetStream: start it with -js"), "{plain}");
        assert!(refusal("HTTP/1.1 400 Bad Request\r\n").contains("nothing that speaks NATS"));
    }
}
