//! How an operator has a CRM tell what becomes of deals.

use classify::{Class, Failure};

use super::Doors;
use crate::config::{AccountKind, CrmConfig};

/// What to enter where, a line each, without the secret.
///
/// # Errors
/// `NotFound` where no account has this name, `Invalid` where the settings are not ready for it; both say what to do.
pub fn how_to_register(config: &CrmConfig, name: &str) -> Result<Vec<String>, Failure> {
    let Some(account) = config.accounts.iter().find(|account| account.name == name) else {
        let why = format!("there is no account {name} in the settings; see [[crm.accounts]]");
        return Err(Failure::new(Class::NotFound, why));
    };
    let doors = Doors::new(config).map_err(|why| Failure::new(Class::Invalid, why))?;
    let at = config.public_url.trim_end_matches('/');
    let at = if at.is_empty() { "https://<where /crm of this service is reached>" } else { at };
    let (place, address, secret) = match account.kind {
        AccountKind::Amocrm | AccountKind::Kommo => (
            "settings, integrations, WebHooks: deals, with stage changed, responsible changed, edited, deleted, restored",
            format!("{at}/crm/{name}/<webhook_secret>"),
            "24 to 128 characters of your choice (openssl rand -hex 24)",
        ),
        AccountKind::Bitrix24 => (
            "developer resources, outgoing webhook: ONCRMLEADUPDATE, ONCRMDEALUPDATE, ONCRMLEADDELETE, ONCRMDEALDELETE",
            format!("{at}/crm/{name}"),
            "the application token that Bitrix24 shows with it",
        ),
        AccountKind::Hubspot => (
            "the private app, Webhooks: deal, with property changed (dealstage, amount, hubspot_owner_id, \
             deal_currency_code) and deleted",
            format!("{at}/crm/{name}"),
            "the client secret of the app, and [crm] public_url",
        ),
    };
    let is_ready = if doors.knows(name) { "it is set" } else { "it is missing" };
    Ok(vec![
        format!("where:    {place}"),
        format!("address:  {address}"),
        format!("settings: webhook_secret of [[crm.accounts]] {name}: {secret}; {is_ready}"),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(kind: &str, more: &str) -> CrmConfig {
        let account = format!(r#"{{"name":"sales","kind":"{kind}","url":"https://x","token":"t"{more}}}"#);
        let config = format!(r#"{{"public_url":"https://bot.example.com/","accounts":[{account}]}}"#);
        serde_json::from_str(&config).unwrap()
    }

    #[test]
    fn each_crm_has_its_place_and_its_address_and_the_secret_is_not_shown() {
        let secret = r#","webhook_secret":"0123456789abcdef01234567""#;
        for (kind, wanted) in [
            ("amocrm", "https://bot.example.com/crm/sales/<webhook_secret>"),
            ("kommo", "https://bot.example.com/crm/sales/<webhook_secret>"),
            ("bitrix24", "https://bot.example.com/crm/sales"),
            ("hubspot", "https://bot.example.com/crm/sales"),
        ] {
            let lines = how_to_register(&config(kind, secret), "sales").unwrap();
            assert_eq!(lines[1], format!("address:  {wanted}"));
            let all = lines.join("\n");
            assert!(all.ends_with("it is set") && !all.contains("0123456789"), "{all}");
            assert!(how_to_register(&config(kind, ""), "sales").unwrap()[2].ends_with("it is missing"));
        }
        assert!(
            how_to_register(&config("amocrm", ""), "other")
                .unwrap_err()
                .to_string()
                .contains("[[crm.accounts]]")
        );
        let short = config("amocrm", r#","webhook_secret":"short""#);
        assert!(how_to_register(&short, "sales").unwrap_err().to_string().contains("24 to 128"));
    }
}
