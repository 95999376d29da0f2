//! The database that `DATABASE_URL` names: where it is, and what is wrong when it can not be used.

use std::io;

use anyhow::{Error, anyhow};
use classify::{Class, Classify};
use ids::Secret;
use pg::PgError;

const DEFAULT_PORT: u16 = 5432;

/// `host:port` of an address, and nothing else of it: it may be shown. `None` where it is no address.
pub(super) fn place(url: &Secret) -> Option<String> {
    let (scheme, rest) = url.expose().trim().split_once("://")?;
    let known = ["postgres", "postgresql"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    // What comes before the host is a secret, so nothing that is cut wrongly may be taken for a host.
    let authority = rest.split(['/', '?', '#']).next()?;
    // A password that was not percent-encoded ends the authority early.
    if rest.rfind('@').is_some_and(|at| at >= authority.len()) {
        return None;
    }
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
        _ => (place, DEFAULT_PORT),
    };
    let bracketed = host.starts_with('[') && host.ends_with(']');
    let whole = !host.is_empty() && !host.contains(char::is_whitespace) && (bracketed || !host.contains(':'));
    (known && whole).then(|| format!("{host}:{port}"))
}

/// Why the schema of a role could not be prepared, in a sentence that says what to look at.
pub(super) fn explain(error: PgError, role: &str, given: Option<&Secret>) -> Error {
    let denied = error.class() == Class::Denied || error.refuses_login();
    let error = Error::from(error);
    let unreachable = error.chain().find_map(|cause| cause.downcast_ref::<io::Error>());
    match (unreachable, given.and_then(place)) {
        (Some(cause), Some(place)) => {
            anyhow!("Postgres at {place} does not answer (DATABASE_URL): {cause}")
        }
        (_, Some(_)) if denied => error.context(format!(
            "Postgres refused to prepare the schema of {role}; is DATABASE_URL right, and may its role create roles and schemas?"
        )),
        _ if denied => error.context(format!("Postgres refused to prepare the schema of {role}")),
        _ => error.context(format!("the schema of {role} can not be prepared")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_address_only_the_place_is_told() {
        let at = |url: &str| place(&Secret::new(url));
        assert_eq!(at("postgres://u:p@db.example:6432/d").as_deref(), Some("db.example:6432"));
        assert_eq!(at("postgresql://u:p@db.example").as_deref(), Some("db.example:5432"));
        assert_eq!(at("postgres://u:p@x@[::1]/d?sslmode=disable").as_deref(), Some("[::1]:5432"));
        for wrong in [
            "",
            "db.example",
            "mysql://u:p@h/d",
            "postgres://",
            "postgres://u:p@/d",
            "postgres://u:p@h:port/d",
            "postgres://u:12/34@h/d",
            "postgres://u:1@2#3@h/d",
        ] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }

    #[tokio::test]
    async fn a_refused_connection_is_no_refusal_to_prepare() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let url = Secret::new(format!("postgres://u:hunter2@{free}/d"));
        let error = pg::provision(&url, "bot", &Secret::new("postgres://b:c@h/d")).await.unwrap_err();
        let said = format!("{:#}", explain(error, "bot", Some(&url)));
        assert!(said.starts_with(&format!("Postgres at {free} does not answer (DATABASE_URL): ")), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}
