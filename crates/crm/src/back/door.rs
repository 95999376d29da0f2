//! Who may tell what has changed in an account: each kind of CRM shows it in a way of its own.

use std::collections::{BTreeMap, BTreeSet};

use ids::Secret;
use service_kit::http::ApiToken;
use url::Url;

use super::hubspot::Signed;
use super::{amocrm, bitrix24, hubspot};
use crate::config::{AccountConfig, AccountKind, CrmConfig};

/// Characters that the secret of an address has at least.
const SHORTEST: usize = 24;
const LONGEST: usize = 128;
/// Different characters that any secret has at least: sixteen random hex digits have fewer once in a hundred thousand times.
const VARIED: usize = 6;

/// What was posted.
pub(crate) struct Post<'a> {
    /// Path and query of the address, as they came.
    pub(crate) address: &'a str,
    /// What followed the account's name in it.
    pub(crate) secret: Option<&'a str>,
    pub(crate) signature: &'a str,
    pub(crate) time: &'a str,
    pub(crate) body: &'a [u8],
    pub(crate) now_ms: i64,
}

/// Why a post is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Whoever posted it has not shown that they are the CRM.
    Stranger,
    /// It is not written as this CRM writes.
    Garbage,
}

enum Door {
    /// amoCRM and Kommo sign nothing: the address is known to them alone.
    Address(ApiToken),
    /// Bitrix24 sends a token along.
    Token(ApiToken),
    /// HubSpot signs.
    Signature(Secret),
}

/// The accounts that may tell something, by name.
pub(crate) struct Doors {
    doors: BTreeMap<String, Door>,
    /// What stands before the path of an address outside.
    public_url: String,
}

impl Doors {
    /// # Errors
    /// A sentence for the operator, without the secret.
    pub(crate) fn new(config: &CrmConfig) -> Result<Self, String> {
        let public_url = config.public_url.trim_end_matches('/');
        let is_address = |url: &str| {
            let url: Option<Url> = url.parse().ok();
            url.is_some_and(|url| {
                matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none()
            })
        };
        if !public_url.is_empty() && !is_address(public_url) {
            return Err("[crm] public_url is not an address; write https://bot.example.com".to_owned());
        }
        let mut doors = BTreeMap::new();
        for account in config.accounts.iter().filter(|account| !account.webhook_secret.is_empty()) {
            let door = door(account, public_url)
                .map_err(|why| format!("[[crm.accounts]] {}: {why}", account.name))?;
            doors.insert(account.name.clone(), door);
        }
        Ok(Self { doors, public_url: public_url.to_owned() })
    }

    /// Whether the account may tell anything.
    pub(crate) fn knows(&self, account: &str) -> bool {
        self.doors.contains_key(account)
    }

    /// Whether it can be seen from the address alone that a stranger posts: then the body need not be read.
    pub(crate) fn refuses_address(&self, account: &str, secret: Option<&str>) -> bool {
        match self.doors.get(account) {
            Some(Door::Address(token)) => !token.admits(secret.unwrap_or_default()),
            Some(Door::Token(_) | Door::Signature(_)) => secret.is_some(),
            None => true,
        }
    }

    /// The deals that a post tells of, by the CRM's ids; some may stand there twice.
    pub(crate) fn deals(&self, account: &str, post: &Post<'_>) -> Result<Vec<String>, Refused> {
        if self.refuses_address(account, post.secret) {
            return Err(Refused::Stranger);
        }
        match self.doors.get(account) {
            Some(Door::Address(_)) => Ok(amocrm::deals(post.body)),
            Some(Door::Token(token)) => {
                let told = bitrix24::read(post.body);
                if token.admits(&told.token) {
                    Ok(told.deal.into_iter().collect())
                } else {
                    Err(Refused::Stranger)
                }
            }
            Some(Door::Signature(secret)) => {
                let signed = Signed { signature: post.signature, time: post.time };
                let url = format!("{}{}", self.public_url, post.address);
                if !hubspot::verifies(secret, &signed, &url, post.body, post.now_ms) {
                    return Err(Refused::Stranger);
                }
                hubspot::deals(post.body).ok_or(Refused::Garbage)
            }
            None => Err(Refused::Stranger),
        }
    }
}

/// Whether nobody guesses it: neither short nor the same again and again.
fn is_strong(secret: &str) -> bool {
    let distinct: BTreeSet<char> = secret.chars().collect();
    (SHORTEST..=LONGEST).contains(&secret.len()) && distinct.len() >= VARIED
}

fn door(account: &AccountConfig, public_url: &str) -> Result<Door, String> {
    let secret = &account.webhook_secret;
    let is_strong = is_strong(secret.expose());
    let shown = |what: &str| {
        Err(format!(
            "webhook_secret is {what}, as it is shown there; this is too short or too simple to be it ({SHORTEST} \
             characters or more)"
        ))
    };
    match account.kind {
        AccountKind::Amocrm | AccountKind::Kommo => {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            let text = secret.expose();
            if !is_strong || !text.bytes().all(fits) {
                return Err(format!(
                    "webhook_secret ends the address of the webhook: {SHORTEST} to {LONGEST} of a-z, A-Z, 0-9, - and _, not \
                     the same again and again (openssl rand -hex 24)"
                ));
            }
            Ok(Door::Address(ApiToken::any_of([secret])))
        }
        AccountKind::Bitrix24 if !is_strong => {
            shown("the application token of the outgoing webhook at Bitrix24")
        }
        AccountKind::Bitrix24 => Ok(Door::Token(ApiToken::any_of([secret]))),
        AccountKind::Hubspot if !is_strong => shown("the client secret of the private app at HubSpot"),
        AccountKind::Hubspot if public_url.is_empty() => {
            Err("webhook_secret needs [crm] public_url: HubSpot signs the address that it posts to"
                .to_owned())
        }
        AccountKind::Hubspot => Ok(Door::Signature(secret.clone())),
    }
}
