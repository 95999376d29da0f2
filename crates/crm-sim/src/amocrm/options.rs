//! How an account is set up that a test starts.

use std::time::Duration;

/// What can be another than usual.
#[derive(Clone, Debug)]
pub struct Options {
    pub account_id: i64,
    pub subdomain: String,
    /// ISO 4217.
    pub currency: String,
    /// A long-lived token.
    pub token: String,
    pub client_id: String,
    pub client_secret: String,
    pub redirect_uri: String,
    /// Ids are greater than this.
    pub last_id: i64,
    /// The control of duplicates is switched on for our integration: a new deal of somebody who has an open one
    /// becomes that one.
    pub duplicate_control: bool,
    /// So long a search does not know what was made.
    pub search_lag: Duration,
    /// Calls in a second; the next is refused.
    pub per_second: usize,
    /// So many refusals for that, and the account is shut to us.
    pub patience: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            account_id: 28_805_383,
            subdomain: "acme".to_owned(),
            currency: "RUB".to_owned(),
            token: "long-lived-token".to_owned(),
            client_id: "0a1b2c3d".to_owned(),
            client_secret: "client-secret".to_owned(),
            redirect_uri: "https://bot.example/oauth".to_owned(),
            last_id: 9_774_765,
            duplicate_control: false,
            search_lag: Duration::ZERO,
            per_second: 7,
            patience: 3,
        }
    }
}
