use std::collections::BTreeMap;
use std::net::SocketAddr;

use ids::Secret;
use service_kit::Role;
use telegram::BotName;
use toml::{Table, Value};

use super::given::Given;
use super::local::Local;
use super::servers::Servers;
use crate::roles::ROLES;

/// The bot that comes with the project.
pub(super) const BOT: &str = "dev2production";

/// The settings of this machine's installation, as a file. One's own, and `DRAGOMAN__…` variables, go over it.
pub(super) fn generate(
    given: &Given,
    local: &Local,
    servers: &Servers,
    chat_page: Option<SocketAddr>,
    tokens: &BTreeMap<BotName, Secret>,
) -> String {
    let mut file = Table::new();
    let mut set = |section: &str, key: &str, value: Value| {
        let table = file.entry(section).or_insert_with(|| Value::Table(Table::new()));
        if let Value::Table(table) = table {
            table.insert(key.to_owned(), value);
        }
    };
    set("server", "listen", given.gateway_listen.to_string().into());
    set("server", "internal_token", local.internal_token().into());
    set("nats", "url", servers.nats_url().expose().into());
    for role in ROLES {
        set(role.name(), "database_url", own_url(servers, local, *role).into());
    }
    set("gateway", "admin_token", local.admin_token().into());
    set("files", "folder", local.files().display().to_string().into());
    set("files", "link_secret", local.link_secret().into());
    set("files", "link_token", local.admin_token().into());
    set("files", "public_url", format!("http://{}", given.gateway_listen).into());
    let api_base = match (chat_page, &given.api_base) {
        (_, Some(base)) if given.real_bot() => Some(base.clone()),
        (Some(address), _) => Some(format!("http://{address}")),
        _ => None,
    };
    if let Some(base) = api_base {
        set("telegram", "api_base", base.into());
    }
    if let Some(url) = &given.public_url {
        set("telegram", "public_url", url.clone().into());
    }
    let mut bots = Table::new();
    for (name, token) in tokens {
        let mut bot = Table::new();
        bot.insert("token".to_owned(), token.expose().into());
        bots.insert(name.to_string(), bot.into());
    }
    set("telegram", "bots", bots.into());
    if let Some(llm) = &given.llm {
        set("llm-worker", "base_url", llm.base_url.clone().into());
        set("llm-worker", "api_key", llm.api_key.expose().into());
        set("llm-worker", "model", llm.model.clone().into());
    }
    // An endpoint on this same machine is what one has while developing.
    set("crm", "allow_private_addresses", vec!["127.0.0.0/8", "::1/128"].into());
    if let Some(crm) = &given.crm {
        let mut endpoint = Table::new();
        endpoint.insert("name".to_owned(), "first".into());
        endpoint.insert("url".to_owned(), crm.url.clone().into());
        endpoint.insert("secret".to_owned(), crm.secret.expose().into());
        set("crm", "endpoints", vec![Value::Table(endpoint)].into());
    }
    format!(
        "# Written by `dragoman up` at each start. What is to be otherwise stands in dragoman.toml beside this folder, or in\n\
         # DRAGOMAN__SECTION__KEY variables.\n\n{file}"
    )
}

/// The administrator's address with the service's own role and password in it.
fn own_url(servers: &Servers, local: &Local, role: &dyn Role) -> String {
    let admin = servers.admin_url();
    let address = admin.expose();
    let (scheme, rest) = address.split_once("://").unwrap_or(("postgres", address));
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    format!(
        "{scheme}://dragoman_{schema}:{password}@{host}",
        schema = role.schema(),
        password = local.password(role.schema())
    )
}
