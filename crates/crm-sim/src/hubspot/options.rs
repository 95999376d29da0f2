//! How an account is that a test starts.

use std::time::Duration;

use super::Webhook;

/// How the account is.
#[derive(Clone, Debug)]
pub struct Options {
    /// Calls in any ten seconds.
    pub per_ten_seconds: usize,
    /// Searches in any second.
    pub searches_per_second: usize,
    pub per_day: usize,
    /// So long a search does not know what was written.
    pub search_lag: Duration,
    /// What the private app was not given: `crm.objects.deals.write`.
    pub missing_scopes: Vec<String>,
    /// Ids are greater than this.
    pub last_id: u64,
    /// Who is told of changes.
    pub webhook: Option<Webhook>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            per_ten_seconds: 100,
            searches_per_second: 5,
            per_day: 250_000,
            search_lag: Duration::from_millis(300),
            missing_scopes: Vec::new(),
            last_id: 37_765_128_953,
            webhook: None,
        }
    }
}
