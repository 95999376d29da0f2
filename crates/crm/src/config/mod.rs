mod account;
mod alert;
mod endpoint;
mod reconcile;

use ids::Secret;
use outbound::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use account::{AccountConfig, AccountKind, FindBy, MappingConfig, OauthConfig, OpenDeal};
pub use alert::{AlertConfig, AlertEvent, AlertKind, AlertLanguage, WatchConfig};
pub use endpoint::{EndpointConfig, Temperature};
pub use reconcile::ReconcileConfig;

/// Where leads go.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CrmConfig {
    /// `postgres://dragoman_crm:password@host/database`: this service's own login role.
    pub database_url: Secret,
    /// Connections to Postgres at most.
    pub max_connections: u32,
    /// Private networks that endpoints may be in, such as `10.20.0.0/16`. Plain http is allowed only there.
    /// Everything else must be public and https.
    #[schemars(with = "Vec<String>")]
    pub allow_private_addresses: Vec<IpNet>,
    /// The endpoints that leads go to, and what else each asks for.
    pub endpoints: Vec<EndpointConfig>,
    /// The accounts of CRMs that leads go to.
    pub accounts: Vec<AccountConfig>,
    /// Where `/crm` of this service is reached from outside, for webhooks of the accounts: `https://bot.example.com`.
    pub public_url: String,
    /// What the tokens of renewed integrations are sealed with in the database: 32 bytes in base64
    /// (`openssl rand -base64 32`). Needed where an account has `oauth`.
    pub encryption_key: Secret,
    /// The key that is on its way out: it opens what it has sealed.
    pub previous_encryption_key: Secret,
    /// What becomes of a lead that no endpoint wants: `dead_letter` keeps it, with an alarm, until it is replayed or
    /// discarded; `ignore` only counts it, for those who read leads elsewhere.
    pub without_endpoint: WithoutEndpoint,
    /// Seconds that an endpoint may take to answer, 1 to 60.
    #[schemars(range(min = 1, max = 60))]
    pub timeout_seconds: u64,
    /// Who is told of trouble.
    pub alerts: Vec<AlertConfig>,
    /// How often trouble is looked for.
    pub watch: WatchConfig,
    /// The nightly comparison with the CRMs.
    pub reconcile: ReconcileConfig,
}

/// What becomes of a lead that no endpoint wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WithoutEndpoint {
    #[default]
    DeadLetter,
    Ignore,
}

impl Default for CrmConfig {
    fn default() -> Self {
        Self {
            database_url: Secret::default(),
            max_connections: 10,
            allow_private_addresses: Vec::new(),
            endpoints: Vec::new(),
            accounts: Vec::new(),
            public_url: String::new(),
            encryption_key: Secret::default(),
            previous_encryption_key: Secret::default(),
            without_endpoint: WithoutEndpoint::default(),
            timeout_seconds: 15,
            alerts: Vec::new(),
            watch: WatchConfig::default(),
            reconcile: ReconcileConfig::default(),
        }
    }
}
