//! What to paste into the settings of Dragoman, so that this account is one of its own.

use clap::ValueEnum;

use super::account::Account;
use super::{Call, Kind};

/// How settings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For a settings file.
    Toml,
    /// For a shell: `eval "$(…)"`.
    Env,
}

/// A setting, and its value as TOML has it.
type Lines = Vec<(&'static str, String)>;

pub(super) fn written(account: &Account, call: &Call, hook: &str, url: &str, form: Form) -> String {
    let (of_account, mapping) = (of_account(account, call, url), mapping(call.kind));
    // What is before the path of the address is what HubSpot's signature is checked with.
    let public_url = hook.split_once("/crm/").map(|(before, _)| text(before));
    let mut of_crm = vec![("allow_private_addresses", "[\"127.0.0.0/8\"]".to_owned())];
    of_crm.extend(public_url.map(|url| ("public_url", url)));
    match form {
        Form::Toml => {
            let block = |lines: &Lines| {
                lines.iter().map(|(key, value)| format!("{key} = {value}\n")).collect::<String>()
            };
            format!(
                "[crm]\n{}\n[[crm.accounts]]\n{}\n[crm.accounts.mapping]\n{}",
                block(&of_crm),
                block(&of_account),
                block(&mapping)
            )
        }
        Form::Env => {
            let inline = |lines: &Lines| {
                lines.iter().map(|(key, value)| format!("{key} = {value}")).collect::<Vec<_>>().join(", ")
            };
            let accounts = format!("[{{ {}, mapping = {{ {} }} }}]", inline(&of_account), inline(&mapping));
            of_crm.push(("accounts", accounts));
            let line = |(key, value): &(&str, String)| {
                format!("export DRAGOMAN__CRM__{}='{value}'\n", key.to_uppercase())
            };
            of_crm.iter().map(line).collect()
        }
    }
}

fn of_account(account: &Account, call: &Call, url: &str) -> Lines {
    let (mark, telegram) = match call.kind {
        Kind::Amocrm => {
            (Some(crate::amocrm::account::LEAD_ID.to_string()), crate::amocrm::account::TELEGRAM.to_string())
        }
        // It has a place of its own for the mark.
        Kind::Bitrix24 => (None, crate::bitrix24::account::TELEGRAM.to_owned()),
        Kind::Hubspot => (Some("lead_key".to_owned()), "telegram_key".to_owned()),
    };
    let mut lines = vec![
        ("name", text(&call.name)),
        ("kind", text(call.kind.word())),
        ("url", text(url)),
        ("token", text(&account.token())),
        ("webhook_secret", text(&account.webhook_secret())),
        ("telegram_field", text(&telegram)),
    ];
    lines.extend(mark.map(|mark| ("mark_field", text(&mark))));
    lines
}

fn mapping(kind: Kind) -> Lines {
    let (pipeline, stage) = match kind {
        Kind::Amocrm => ("111", "1111"),
        Kind::Bitrix24 => ("", ""),
        Kind::Hubspot => ("default", "appointmentscheduled"),
    };
    let place = [("pipeline", pipeline), ("stage", stage)];
    let place = place.into_iter().filter(|(_, id)| !id.is_empty()).map(|(key, id)| (key, text(id)));
    [("name", text("Telegram: {name}")), ("price", text("{answers.budget}"))]
        .into_iter()
        .chain(place)
        .collect()
}

/// A string of TOML; nothing here has a character that would need more.
fn text(plain: &str) -> String {
    format!("\"{plain}\"")
}
