//! Ports on the loopback address.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use crate::ServerError;

/// A port that nothing listens on at this moment. Another process may take it before it is used, so
/// whoever gives it to a server tries again with another.
pub fn free_port() -> Result<u16, ServerError> {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    Ok(bound.map_err(ServerError::io("find a free port on", Path::new("127.0.0.1")))?.port())
}

/// The port that was asked for, if it can be had, or any free one. `setting` is what a person changes.
pub(crate) fn choose(asked: Option<u16>, setting: &'static str) -> Result<u16, ServerError> {
    let Some(port) = asked else { return free_port() };
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(port),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            Err(ServerError::PortTaken { port, setting })
        }
        Err(error) => Err(ServerError::io("listen on", Path::new(&format!("127.0.0.1:{port}")))(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named_with_the_setting_that_moves_it() {
        let holder = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = holder.local_addr().unwrap().port();
        let refused = choose(Some(port), "SIM_LISTEN").unwrap_err().to_string();
        assert_eq!(
            refused,
            format!(
                "port {port} on 127.0.0.1 is taken: stop what listens there or set SIM_LISTEN to another port"
            )
        );
    }
}
