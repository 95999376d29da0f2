use ids::Secret;
use schemars::JsonSchema;
use serde::Deserialize;

/// Facts and reports.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AnalyticsConfig {
    /// `postgres://dragoman_analytics:password@host/database`: this service's own login role.
    pub database_url: Secret,
    /// Connections to Postgres at most.
    pub max_connections: u32,
}

impl Default for AnalyticsConfig {
    fn default() -> Self {
        Self { database_url: Secret::default(), max_connections: 10 }
    }
}
