//! The token that an account's calls carry: one that a person gave for good, or the newest of a pair that is renewed.

use std::sync::Arc;

use async_trait::async_trait;
use ids::{Pii, Secret, Timestamp};
use url::Url;

use super::trouble::Trouble;
use crate::store::grant::Grants;

/// What a CRM gives for a code or for a refresh token.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) access: Secret,
    /// Good for one use: from now on the only one.
    pub(crate) refresh: Secret,
    pub(crate) expires_at: Timestamp,
}

/// Asks a CRM for the next pair. One request, which is not repeated here.
#[async_trait]
pub(crate) trait Renewal: Send + Sync {
    /// `Denied`: the refresh token is used up or taken back, and a person has to consent once more. Everything else leaves
    /// the pair as it is.
    async fn renew(&self, refresh: &Secret) -> Result<Pair, Trouble>;

    /// The first pair, for the code that a person's consent has given.
    async fn consented(&self, code: &Secret) -> Result<Pair, Trouble>;

    /// Where a person consents, where that can be said beforehand.
    fn consent_address(&self) -> Option<Url>;
}

/// Where the token comes from.
#[derive(Clone)]
pub(crate) enum Token {
    Given(Secret),
    Renewed { account: String, grants: Grants, renewal: Arc<dyn Renewal> },
}

impl Token {
    /// The one to call with now.
    pub(crate) async fn current(&self) -> Result<Secret, Trouble> {
        match self {
            Self::Given(token) => Ok(token.clone()),
            Self::Renewed { account, grants, .. } => grants.current(account).await,
        }
    }

    /// Whether it is one of a pair that a person consents to.
    pub(crate) const fn is_renewed(&self) -> bool {
        matches!(self, Self::Renewed { .. })
    }

    /// Where a person consents to be called for; `None` where the CRM itself shows it, or no consent is needed.
    pub(crate) fn consent_address(&self) -> Option<Url> {
        match self {
            Self::Given(_) => None,
            Self::Renewed { renewal, .. } => renewal.consent_address(),
        }
    }

    /// Changes the code of a consent for the first pair, and keeps it.
    pub(crate) async fn connect(&self, code: &Secret) -> Result<(), Trouble> {
        let Self::Renewed { account, grants, renewal } = self else {
            return Err(Trouble::NotSent("the account has a token of its own and no oauth".to_owned()));
        };
        let pair = renewal.consented(code).await?;
        Ok(grants.keep(account, &pair).await?)
    }

    /// The CRM has said of `used` that it is over: the next one. One worker of all replicas renews, and the new pair is stored
    /// before anybody has it.
    pub(crate) async fn after(&self, used: &Secret) -> Result<Secret, Trouble> {
        match self {
            Self::Given(_) => Err(Trouble::Denied {
                status: 401,
                why: "the token is not taken any more; give the account a new one",
                said: Pii::new(String::new()),
            }),
            Self::Renewed { account, grants, renewal } => grants.renewed(account, used, renewal).await,
        }
    }
}
