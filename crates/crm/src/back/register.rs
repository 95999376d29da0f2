//! How an operator has a CRM tell what becomes of deals.

use classify::{Class, Failure};
use serde::Serialize;

use super::Doors;
use crate::config::{AccountKind, CrmConfig};

/// What to enter where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Registration {
    pub account: String,
    /// Where in the CRM.
    pub place: String,
    /// What to enter there. The secret in it is named and not told, unless it was wished.
    pub address: String,
    /// What `webhook_secret` of the account is.
    pub secret: String,
    /// Whether it is set, so that what is told is taken.
    pub is_ready: bool,
}

/// What to enter where; `whole`: with the secret, as it is entered.
///
/// # Errors
/// `NotFound` where no account has this name, `Invalid` where the settings are not ready for it; both say what to do.
pub fn how_to_register(config: &CrmConfig, name: &str, whole: bool) -> Result<Registration, Failure> {
    let Some(account) = config.accounts.iter().find(|account| account.name == name) else {
        let why = format!("there is no account {name} in the settings; see [[crm.accounts]]");
        return Err(Failure::new(Class::NotFound, why));
    };
    let doors = Doors::new(config).map_err(|why| Failure::new(Class::Invalid, why))?;
    let is_ready = doors.knows(name);
    let at = config.public_url.trim_end_matches('/');
    let missing = match (whole, at.is_empty(), is_ready) {
        (true, true, _) => "[crm] public_url",
        (true, _, false) => "webhook_secret of the account",
        _ => "",
    };
    if !missing.is_empty() {
        let why = format!(
            "the address of {name} can not be told whole: set {missing} first (dragoman crm hook {name} says which)"
        );
        return Err(Failure::new(Class::Invalid, why));
    }
    let at = if at.is_empty() { "https://<where /crm of this service is reached>" } else { at };
    let (place, end, secret) = match account.kind {
        AccountKind::Amocrm | AccountKind::Kommo => (
            "settings, integrations, WebHooks: deals, with stage changed, responsible changed, edited, deleted, restored",
            format!("/{}", if whole { account.webhook_secret.expose() } else { "<webhook_secret>" }),
            "24 to 128 characters of your choice (openssl rand -hex 24)",
        ),
        AccountKind::Bitrix24 => (
            "developer resources, outgoing webhook: ONCRMLEADUPDATE, ONCRMDEALUPDATE, ONCRMLEADDELETE, ONCRMDEALDELETE",
            String::new(),
            "the application token that Bitrix24 shows with it",
        ),
        AccountKind::Hubspot => (
            "the private app, Webhooks: deal, with property changed (dealstage, amount, hubspot_owner_id, \
             deal_currency_code) and deleted",
            String::new(),
            "the client secret of the app, and [crm] public_url",
        ),
    };
    Ok(Registration {
        account: name.to_owned(),
        place: place.to_owned(),
        address: format!("{at}/crm/{name}{end}"),
        secret: secret.to_owned(),
        is_ready,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef01234567";

    fn config(kind: &str, more: &str) -> CrmConfig {
        let account = format!(r#"{{"name":"sales","kind":"{kind}","url":"https://x","token":"t"{more}}}"#);
        let config = format!(r#"{{"public_url":"https://bot.example.com/","accounts":[{account}]}}"#);
        serde_json::from_str(&config).unwrap()
    }

    fn with(secret: &str) -> String {
        format!(r#","webhook_secret":"{secret}""#)
    }

    fn refused(config: &CrmConfig, name: &str, whole: bool) -> String {
        how_to_register(config, name, whole).unwrap_err().to_string()
    }

    #[test]
    fn each_crm_has_its_place_and_its_address_and_the_secret_is_shown_to_who_asks() {
        for (kind, named, whole) in [
            ("amocrm", "/<webhook_secret>", "/0123456789abcdef01234567"),
            ("kommo", "/<webhook_secret>", "/0123456789abcdef01234567"),
            ("bitrix24", "", ""),
            ("hubspot", "", ""),
        ] {
            let config_ready = config(kind, &with(SECRET));
            let told = how_to_register(&config_ready, "sales", false).unwrap();
            assert_eq!(told.address, format!("https://bot.example.com/crm/sales{named}"));
            assert!(told.is_ready && !format!("{told:?}").contains("0123456789"), "{told:?}");
            let told = how_to_register(&config_ready, "sales", true).unwrap();
            assert_eq!(told.address, format!("https://bot.example.com/crm/sales{whole}"));
            assert!(!how_to_register(&config(kind, ""), "sales", false).unwrap().is_ready);
            assert!(refused(&config(kind, ""), "sales", true).contains("set webhook_secret"));
        }
        let nowhere = CrmConfig { public_url: String::new(), ..config("amocrm", &with(SECRET)) };
        assert!(refused(&nowhere, "sales", true).contains("set [crm] public_url"));
        assert!(refused(&config("amocrm", ""), "other", false).contains("[[crm.accounts]]"));
    }

    #[test]
    fn a_secret_that_is_easily_guessed_is_refused_for_every_crm() {
        for kind in ["amocrm", "kommo", "bitrix24", "hubspot"] {
            for weak in ["aaaa", "qwerty", &"a".repeat(48), &"abcab".repeat(6)] {
                let why = refused(&config(kind, &with(weak)), "sales", false);
                assert!(
                    why.contains("[[crm.accounts]] sales: webhook_secret") && why.contains("24"),
                    "{why}"
                );
                assert!(!why.contains(weak), "{why}");
            }
        }
    }
}
