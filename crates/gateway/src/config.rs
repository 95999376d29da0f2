use ids::Secret;
use schemars::JsonSchema;
use serde::Deserialize;

/// The HTTP edge: Telegram's webhook and poller, the REST API.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GatewayConfig {
    /// `postgres://dragoman_gateway:password@host/database`: this service's own login role.
    pub database_url: Secret,
    /// Connections to Postgres at most.
    pub max_connections: u32,
    /// The token that opens the REST API (`Authorization: Bearer …`) and the admin pages at `/admin`. Empty: they answer nobody.
    pub admin_token: Secret,
    /// Where the analytics service answers. Empty: in this same process.
    pub analytics_url: String,
    /// Where the model worker answers, which is asked for `/v1/chat/completions` and `/v1/costs`. Empty: in this same
    /// process.
    pub llm_url: String,
    /// Where the CRM service answers, which the admin pages ask for its mappings. Empty: in this same process.
    pub crm_url: String,
    /// Requests to `/v1/chat/completions` under way at most; more are told to come back. 1–20000.
    #[schemars(range(min = 1, max = 20000))]
    pub completions: u16,
    /// How often a bot's webhook is looked at, and set again if another program has taken it. Seconds, 1–3600.
    #[schemars(range(min = 1, max = 3600))]
    pub webhook_check_seconds: u16,
}

impl GatewayConfig {
    /// Checks what the types let through.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if !(1..=3600).contains(&self.webhook_check_seconds) {
            return Err("[gateway] webhook_check_seconds must be 1 to 3600");
        }
        if !(1..=20_000).contains(&self.completions) {
            return Err("[gateway] completions must be 1 to 20000");
        }
        Ok(())
    }
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self {
            database_url: Secret::default(),
            max_connections: 5,
            admin_token: Secret::default(),
            analytics_url: String::new(),
            llm_url: String::new(),
            crm_url: String::new(),
            completions: 1_000,
            webhook_check_seconds: 60,
        }
    }
}
