//! Pairs of tokens: the first for a code that a person's consent gives, each next for the refresh token of the one before,
//! which is good once.

use std::time::Duration;

use async_trait::async_trait;
use ids::{Clock, Secret};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use url::Url;

use super::super::call::Effect;
use super::super::{AccountError, Caller, Pair, Renewal, Trouble};
use super::line::base;
use super::refusal;
use crate::config::AccountConfig;

/// An access token that is said to live longer is looked at sooner all the same.
const LONGEST_LIFE: u64 = 366 * 86_400;
const USED_UP: &str = "the refresh token is used up or taken back: run `dragoman crm connect`";
const CODE_OVER: &str = "the code is over (it lives twenty minutes and is good once), or client_id, client_secret or redirect_uri are not the \
     integration's";

/// Where an account gives its tokens out.
pub(crate) struct Tokens {
    url: Url,
    client_id: String,
    client_secret: Secret,
    redirect_uri: String,
    caller: Caller,
    clock: Clock,
}

#[derive(Serialize)]
struct Asked<'a> {
    client_id: &'a str,
    client_secret: &'a str,
    redirect_uri: &'a str,
    grant_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
}

#[derive(Deserialize)]
struct Given {
    access_token: Secret,
    refresh_token: Secret,
    /// Seconds.
    expires_in: u64,
}

impl Tokens {
    /// Of an account with `oauth`.
    pub(crate) fn new(config: &AccountConfig, caller: Caller, clock: Clock) -> Result<Self, AccountError> {
        let wrong = |what: &str| AccountError(format!("[[crm.accounts]] {}: {what}", config.name));
        let oauth = config.oauth.as_ref().ok_or_else(|| wrong("oauth is not set"))?;
        if oauth.client_id.is_empty() || oauth.client_secret.is_empty() || oauth.redirect_uri.is_empty() {
            return Err(wrong(
                "oauth needs client_id, client_secret and redirect_uri, as the integration has them",
            ));
        }
        let mut url = base(config)?;
        url.set_path("/oauth2/access_token");
        let (client_id, client_secret) = (oauth.client_id.clone(), oauth.client_secret.clone());
        Ok(Self { url, client_id, client_secret, redirect_uri: oauth.redirect_uri.clone(), caller, clock })
    }

    async fn ask(
        &self,
        grant_type: &str,
        code: Option<&Secret>,
        refresh: Option<&Secret>,
        refused: &'static str,
    ) -> Result<Pair, Trouble> {
        let asked = Asked {
            client_id: &self.client_id,
            client_secret: self.client_secret.expose(),
            redirect_uri: &self.redirect_uri,
            grant_type,
            code: code.map(Secret::expose),
            refresh_token: refresh.map(Secret::expose),
        };
        let request = self.caller.client().request(Method::POST, self.url.clone()).json(&asked);
        let reply = self.caller.send_out_of_turn(request, Effect::Write).await?;
        match reply.status {
            200..300 => {}
            400 | 401 => {
                return Err(Trouble::Denied { status: reply.status, why: refused, said: reply.said() });
            }
            _ => return Err(refusal::trouble(&reply, Duration::from_secs(1), &|_| None)),
        }
        let given: Given = reply.json()?;
        if given.access_token.is_empty() || given.refresh_token.is_empty() {
            return Err(reply.failed());
        }
        let lives = Duration::from_secs(given.expires_in.min(LONGEST_LIFE));
        let now = self.clock.now();
        let expires_at = now.checked_add(lives).unwrap_or(now);
        Ok(Pair { access: given.access_token, refresh: given.refresh_token, expires_at })
    }
}

#[async_trait]
impl Renewal for Tokens {
    async fn consented(&self, code: &Secret) -> Result<Pair, Trouble> {
        self.ask("authorization_code", Some(code), None, CODE_OVER).await
    }

    /// The integration's own page at amoCRM shows the code.
    fn consent_address(&self) -> Option<Url> {
        None
    }

    async fn renew(&self, refresh: &Secret) -> Result<Pair, Trouble> {
        self.ask("refresh_token", None, Some(refresh), USED_UP).await
    }
}
