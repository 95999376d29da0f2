//! `[[crm.accounts]]`: accounts of CRMs.

use std::collections::BTreeMap;
use std::fmt;

use ids::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::adapters::FindBy;
use crate::adapters::standard_webhook::NEWS;

/// An account of a CRM.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountConfig {
    /// A name of your choice (1–32 of a–z, 0–9, `_`, `-`), another than the endpoints have. It is part of what is kept: do
    /// not change it later.
    pub name: String,
    pub kind: AccountKind,
    /// Where its API is: `https://acme.amocrm.ru`, `https://acme.kommo.com`, `https://acme.bitrix24.ru`,
    /// `https://api.hubapi.com`.
    pub url: String,
    /// amoCRM and Kommo: the long-lived token of a private integration. HubSpot: the token of a private app. Bitrix24: what
    /// the address of an incoming webhook ends in, `<user>/<secret>`. Leave it out with `oauth`.
    #[serde(default)]
    pub token: Secret,
    /// When the token ends, where it does not say so itself (amoCRM's and Kommo's do): `2027-01-31`. Warned of 30, 7 and 1
    /// days before.
    #[serde(default)]
    pub token_ends: String,
    /// amoCRM, Kommo and Bitrix24: an integration whose tokens are renewed.
    #[serde(default)]
    pub oauth: Option<OauthConfig>,
    /// Only what comes of these bots. Empty: of all.
    #[serde(default)]
    pub bots: Vec<String>,
    /// By what a person is looked for before one is made, in this order.
    #[serde(default = "find_by")]
    pub find_by: Vec<FindBy>,
    /// What becomes of a lead of somebody who has an open deal.
    #[serde(default)]
    pub open_deal: OpenDeal,
    /// The field of a deal that holds the id of our lead, by which it is found again after a cut connection. Make a text
    /// field for it. Left out, it stands at the end of the deal's name (Bitrix24 has a place of its own for it).
    #[serde(default)]
    pub mark_field: String,
    /// The field of a person that holds the number of their Telegram account; without it they are not found by it.
    #[serde(default)]
    pub telegram_field: String,
    /// By what the account's own webhooks are known, where it is to tell what becomes of deals (`POST /crm/<name>`). amoCRM
    /// and Kommo: of your choice, the end of the webhook's address. Bitrix24: the token of the outgoing webhook. HubSpot: the
    /// client secret of the private app; it needs `public_url` too. Left out: nothing is taken.
    #[serde(default)]
    pub webhook_secret: Secret,
    /// What of a lead's later news it gets, each as a note on its deal: `handoff.prepared` (a brief for whoever takes the
    /// conversation over), `lead.files`, `lead.score_changed`, `handoff.taken`, `handoff.returned`, `conversation.closed`.
    /// Left out: all; `[]`: none.
    #[serde(default = "news")]
    pub events: Vec<String>,
    /// Seconds that files, another score and the end of a conversation wait for more of them, 0 to 600: what comes meanwhile
    /// is told in one note. A brief waits behind them.
    #[serde(default = "gather_seconds")]
    #[schemars(range(max = 600))]
    pub gather_seconds: u64,
    /// What of a lead goes where, until another mapping is published from the admin pages.
    #[serde(default)]
    pub mapping: MappingConfig,
    /// Calls per second at most, by all replicas together. Left out: amoCRM and Kommo 5, Bitrix24 2, HubSpot 4.
    #[serde(default)]
    #[schemars(range(min = 0.5, max = 1000))]
    pub per_second: Option<f64>,
    /// Seconds after a call without an answer in which nobody looks for what it may have done, 1 to 600: the CRM may still be
    /// at work on it (Bitrix24 for up to a minute), or its search not know of it yet (HubSpot's is half a minute behind).
    /// Whoever looks too soon does not find it, and makes it again.
    #[serde(default = "settle_seconds")]
    #[schemars(range(min = 1, max = 600))]
    pub settle_seconds: u64,
}

/// What of a lead goes where. Templates name what is known in braces: `{name}`, `{phone}`, `{email}`, `{temperature}`,
/// `{score}`, `{summary}`, `{bot}`, `{flow}`, `{language}`, `{telegram_username}`, `{utm_source}` and its kin,
/// `{answers.<field>}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MappingConfig {
    /// The deal's name.
    pub name: String,
    /// What its price is read from; the first whole number in it.
    pub price: String,
    /// Ids, as `dragoman crm schema` lists them. Left out: the CRM's first.
    pub pipeline: String,
    pub stage: String,
    pub responsible: String,
    pub tags: Vec<String>,
    /// The deal's fields: the CRM's id of a field to the name of what goes into it, without braces.
    pub fields: BTreeMap<String, String>,
    /// The same for fields of the person.
    pub contact_fields: BTreeMap<String, String>,
}

impl Default for MappingConfig {
    fn default() -> Self {
        Self {
            name: "Telegram: {answers.type} — {name}".to_owned(),
            price: String::new(),
            pipeline: String::new(),
            stage: String::new(),
            responsible: String::new(),
            tags: vec!["telegram".to_owned(), "{temperature}".to_owned()],
            fields: BTreeMap::new(),
            contact_fields: BTreeMap::new(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AccountKind {
    Amocrm,
    Kommo,
    Bitrix24,
    Hubspot,
}

impl AccountKind {
    /// As the settings have it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Amocrm => "amocrm",
            Self::Kommo => "kommo",
            Self::Bitrix24 => "bitrix24",
            Self::Hubspot => "hubspot",
        }
    }
}

/// What becomes of a lead of somebody who has an open deal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OpenDeal {
    /// The deal gets a note with all that is known.
    #[default]
    Note,
    /// The same, and its price, tags, UTM marks and the fields of the mapping are set, once. Its name, stage, pipeline and
    /// responsible stay as a manager has them.
    Update,
    /// A deal of its own.
    New,
}

/// An integration whose tokens are renewed.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OauthConfig {
    pub client_id: String,
    pub client_secret: Secret,
    /// As the integration names it (amoCRM and Kommo).
    #[serde(default)]
    pub redirect_uri: String,
    /// Where tokens are given out, where that is not the account itself: Bitrix24, `https://oauth.bitrix.info`.
    #[serde(default)]
    pub token_url: String,
}

const fn settle_seconds() -> u64 {
    90
}

const fn gather_seconds() -> u64 {
    20
}

fn news() -> Vec<String> {
    NEWS.map(str::to_owned).to_vec()
}

fn find_by() -> Vec<FindBy> {
    vec![FindBy::Telegram, FindBy::Phone, FindBy::Email]
}

impl fmt::Debug for AccountConfig {
    /// Without the address, which names a customer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountConfig")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
