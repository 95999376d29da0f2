//! Where NATS is and what opens it, taken apart: the client library reads neither several addresses nor a
//! password out of one text, and would write the text to its log.

use async_nats::{ConnectOptions, ServerAddr};
use ids::Secret;
use percent_encoding::percent_decode_str;

use crate::BusError;

/// The servers, without what opens them.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) servers: Vec<ServerAddr>,
    login: Option<Login>,
}

#[derive(Debug)]
enum Login {
    Password { user: String, password: Secret },
    Token(Secret),
}

impl Address {
    /// Reads `nats://user:password@host:port`, `nats://token@host:port` or `nats://host:port`, or several of
    /// them separated by commas. There is one login for all: addresses may leave it out, but not differ in it.
    pub(crate) fn parse(url: &Secret) -> Result<Self, BusError> {
        let mut servers = Vec::new();
        let mut login = None;
        for one in url.expose().split(',') {
            let server: ServerAddr = one.trim().parse().map_err(|_| BusError::Address(NOT_ONE))?;
            let own = Login::of(&server)?;
            if let (Some(own), Some(login)) = (&own, &login)
                && !Login::same(own, login)
            {
                return Err(BusError::Address("the addresses carry different users or passwords"));
            }
            login = own.or(login);
            servers.push(without_login(server)?);
        }
        Ok(Self { servers, login })
    }

    /// Options that introduce themselves as the address says.
    pub(crate) fn options(&self) -> ConnectOptions {
        let options = ConnectOptions::new();
        match &self.login {
            None => options,
            Some(Login::Password { user, password }) => {
                options.user_and_password(user.clone(), password.expose().to_owned())
            }
            Some(Login::Token(token)) => options.token(token.expose().to_owned()),
        }
    }

    /// What may be shown.
    pub(crate) fn shown(&self) -> String {
        self.servers.iter().map(ServerAddr::as_url_str).collect::<Vec<_>>().join(",")
    }
}

const NOT_ONE: &str = "write nats://host:port, or nats://user:password@host:port";

impl Login {
    fn of(server: &ServerAddr) -> Result<Option<Self>, BusError> {
        let decoded = |text: &str| match percent_decode_str(text).decode_utf8() {
            Ok(text) => Ok(text.into_owned()),
            Err(_) => Err(BusError::Address("its user or password is not UTF-8")),
        };
        Ok(match (server.username(), server.password()) {
            (None, None) => None,
            (Some(token), None) => Some(Self::Token(Secret::new(decoded(token)?))),
            (user, Some(password)) => Some(Self::Password {
                user: decoded(user.unwrap_or_default())?,
                password: Secret::new(decoded(password)?),
            }),
        })
    }

    fn same(one: &Self, other: &Self) -> bool {
        match (one, other) {
            (Self::Password { user: a, password: x }, Self::Password { user: b, password: y }) => {
                a == b && x.matches(y.expose().as_bytes())
            }
            (Self::Token(x), Self::Token(y)) => x.matches(y.expose().as_bytes()),
            _ => false,
        }
    }
}

fn without_login(server: ServerAddr) -> Result<ServerAddr, BusError> {
    let mut url = server.into_inner();
    // Refused only where there is no host.
    let bare = url.set_username("").is_ok() && url.set_password(None).is_ok();
    let server = if bare { ServerAddr::from_url(url).ok() } else { None };
    server.ok_or(BusError::Address(NOT_ONE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> Result<Address, String> {
        Address::parse(&Secret::new(url)).map_err(|error| error.to_string())
    }

    #[test]
    fn an_address_is_kept_and_shown_without_what_opens_it() {
        let one = parsed("nats://user:p%40ss%2C@one:4222, tls://two:4222,three").unwrap();
        assert_eq!(one.shown(), "nats://one:4222,tls://two:4222,nats://three");
        let password = Login::Password { user: "user".to_owned(), password: Secret::new("p@ss,") };
        assert!(Login::same(one.login.as_ref().unwrap(), &password));
        assert!(!format!("{one:?}").contains("p@ss") && !format!("{one:?}").contains("p%40ss"));
        let token = parsed("nats://tok%3Aen@one:4222,nats://tok%3Aen@two:4222").unwrap();
        assert!(Login::same(token.login.as_ref().unwrap(), &Login::Token(Secret::new("tok:en"))));
        assert!(parsed("localhost").unwrap().login.is_none());
    }

    #[test]
    fn what_is_no_address_is_refused_without_showing_it() {
        for bad in
            ["", "nats://u:hunter2@one,", "http://u:hunter2@one", "nats://u:hunter2@one,nats://u:hunter3@two"]
        {
            let said = parsed(bad).unwrap_err();
            assert!(said.starts_with("[nats] url is wrong: ") && !said.contains("hunter"), "{bad:?}: {said}");
        }
    }
}
