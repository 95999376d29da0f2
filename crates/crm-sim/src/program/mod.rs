//! `crm-sim`: one account on an address of its own, a page with its deals, and the hand of a manager who moves them.

mod account;
mod control;
mod journal;
mod settings;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use clap::ValueEnum;
use tokio::net::TcpListener;

use self::account::Account;
use self::control::Desk;
use self::journal::{Happening, Journal};
pub use self::settings::Form;

/// Which CRM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    Amocrm,
    Bitrix24,
    Hubspot,
}

impl Kind {
    /// As the settings name it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Amocrm => "amocrm",
            Self::Bitrix24 => "bitrix24",
            Self::Hubspot => "hubspot",
        }
    }
}

/// What the program is started with.
#[derive(Clone, Debug)]
pub struct Call {
    pub kind: Kind,
    pub listen: SocketAddr,
    /// Of the account in the settings: a–z, 0–9, `_`, `-`.
    pub name: String,
    /// Where changes are told. `None`: to `make run` of the same machine.
    pub hook: Option<String>,
    /// One JSON object a line.
    pub json: bool,
}

/// Why it does not run; a sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// What stands before the path of the service's addresses in `make run`.
const LOCAL: &str = "http://127.0.0.1:8080";

impl Call {
    /// What to paste into the settings, and nothing else.
    ///
    /// # Errors
    /// The call is no good.
    pub fn settings(&self, form: Form) -> Result<String, Refused> {
        let account = Account::new(self.kind);
        let hook = self.hook(&account)?;
        Ok(settings::written(&account, self, &hook, &format!("http://{}", self.listen), form))
    }

    /// Serves the account until it is cut off.
    ///
    /// # Errors
    /// The call is no good, or its address is taken.
    pub async fn serve(self) -> Result<(), Refused> {
        let account = Account::new(self.kind);
        let hook = self.hook(&account)?;
        account.tell(&hook);
        let taken = |error| Refused(format!("{} can not be listened on: {error}; see --listen", self.listen));
        let listener = TcpListener::bind(self.listen).await.map_err(taken)?;
        let url = format!("http://{}", listener.local_addr().map_err(taken)?);
        let journal = Journal::new(self.json);
        journal.tell(&Happening::Listens {
            kind: self.kind.word(),
            url: &url,
            token: &account.token(),
            webhook_secret: &account.webhook_secret(),
            hook: &hook,
            settings: &settings::written(&account, &self, &hook, &url, Form::Toml),
        });
        let desk = Arc::new(Desk { account, journal, hook, url });
        axum::serve(listener, control::router(desk)).await.map_err(|error| Refused(error.to_string()))
    }

    fn hook(&self, account: &Account) -> Result<String, Refused> {
        let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        if !(1..=32).contains(&self.name.len()) || !self.name.bytes().all(is_word) {
            return Err(Refused("--name must be 1 to 32 of a-z, 0-9, _ and -".to_owned()));
        }
        let usual = || format!("{LOCAL}/crm/{}{}", self.name, account.end_of_hook());
        let hook = self.hook.clone().unwrap_or_else(usual);
        let is_fine = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?=&%[]".contains(&b);
        if !hook.starts_with("http://") || !hook.bytes().all(is_fine) {
            let why = "--hook must be a plain http address, as of a service on this machine: \
                       http://127.0.0.1:8080/crm/sales (dragoman crm hook sales --show prints it)";
            return Err(Refused(why.to_owned()));
        }
        Ok(hook)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(kind: Kind) -> Call {
        let listen = "127.0.0.1:8082".parse().unwrap();
        Call { kind, listen, name: "sales".to_owned(), hook: None, json: false }
    }

    #[test]
    fn what_is_printed_is_read_back_as_settings_in_either_form() {
        for kind in Kind::value_variants() {
            let toml: toml::Table = call(*kind).settings(Form::Toml).unwrap().parse().unwrap();
            let account = &toml["crm"]["accounts"][0];
            assert_eq!(account["kind"].as_str(), Some(kind.word()));
            assert_eq!(account["url"].as_str(), Some("http://127.0.0.1:8082"));
            assert!(account["webhook_secret"].as_str().unwrap().len() >= 24);

            let lines = call(*kind).settings(Form::Env).unwrap();
            let variable = |name: &str| {
                let line = lines.lines().find_map(|line| line.strip_prefix(&format!("export {name}='")));
                let value = line
                    .unwrap_or_else(|| panic!("{name} is missing in {lines}"))
                    .strip_suffix('\'')
                    .unwrap();
                format!("x = {value}").parse::<toml::Table>().unwrap()["x"].clone()
            };
            assert_eq!(variable("DRAGOMAN__CRM__ACCOUNTS")[0], *account, "{lines}");
            assert_eq!(
                variable("DRAGOMAN__CRM__ALLOW_PRIVATE_ADDRESSES"),
                toml["crm"]["allow_private_addresses"]
            );
        }
    }

    #[test]
    fn a_call_that_is_no_good_is_refused_with_what_to_do() {
        let refused = |call: Call| call.settings(Form::Toml).unwrap_err().to_string();
        for hook in
            ["https://bot.example.com/crm/sales", "127.0.0.1:8080", "http://x/\r\nHost: y", "http://x/'"]
        {
            let why = refused(Call { hook: Some(hook.to_owned()), ..call(Kind::Hubspot) });
            assert!(why.contains("crm hook sales --show"), "{why}");
        }
        for name in ["", "Our sales", "a\"b"] {
            assert!(refused(Call { name: name.to_owned(), ..call(Kind::Amocrm) }).contains("--name must be"));
        }
    }
}
