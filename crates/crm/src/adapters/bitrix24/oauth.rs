//! Tokens of an application. A server of Bitrix24's own gives them out, not the portal; a code is good for 30 seconds, a
//! refresh token once.

use std::time::Duration;

use async_trait::async_trait;
use ids::{Clock, Secret, SignedDuration};
use serde_json::Value;
use url::Url;

use super::super::call::{Caller, Effect, Reply};
use super::super::{AccountError, Pair, Renewal, Trouble};
use super::api::{address, portal};
use super::judge::misses;
use crate::config::AccountConfig;

const TOKEN_SERVER: &str = "https://oauth.bitrix.info";
/// Nothing there lives longer.
const LONGEST: u64 = 366 * 86_400;

/// An application of a portal.
pub(crate) struct Oauth {
    caller: Caller,
    clock: Clock,
    portal: Url,
    server: Url,
    client_id: String,
    client_secret: Secret,
}

impl Oauth {
    pub(crate) fn new(config: &AccountConfig, caller: Caller, clock: Clock) -> Result<Self, AccountError> {
        let error = |why: &str| AccountError(format!("[[crm.accounts]] {}: {why}", config.name));
        let oauth = config.oauth.as_ref().ok_or_else(|| error("oauth is missing"))?;
        if oauth.client_id.is_empty() || oauth.client_secret.is_empty() {
            return Err(error("oauth needs client_id and client_secret"));
        }
        let server = if oauth.token_url.is_empty() { TOKEN_SERVER } else { oauth.token_url.trim() };
        let server: Option<Url> = server.parse().ok().filter(Url::has_host);
        Ok(Self {
            caller,
            clock,
            portal: portal(config)?,
            server: server.ok_or_else(|| error("oauth token_url must be an address"))?,
            client_id: oauth.client_id.clone(),
            client_secret: oauth.client_secret.clone(),
        })
    }

    async fn pair(&self, grant: &str, name: &str, value: &Secret) -> Result<Pair, Trouble> {
        let mut address = address(&self.server, &["oauth", "token", ""]);
        address
            .query_pairs_mut()
            .append_pair("grant_type", grant)
            .append_pair("client_id", &self.client_id)
            .append_pair("client_secret", self.client_secret.expose())
            .append_pair(name, value.expose());
        // No answer may mean that the token was used: it is no reading.
        let reply = self.caller.send_out_of_turn(self.caller.client().get(address), Effect::Write).await?;
        let body: Value = match refused(&reply) {
            Some(trouble) => return Err(trouble),
            None => reply.json()?,
        };
        let token = |name: &str| {
            let text = body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
            text.map(Secret::new).ok_or_else(|| misses(Effect::Write, "a token"))
        };
        let seconds = body.get("expires_in").and_then(Value::as_u64).unwrap_or(0).min(LONGEST);
        let lives = SignedDuration::try_from(Duration::from_secs(seconds)).unwrap_or_default();
        let now = self.clock.now();
        let expires_at = now.checked_add(lives).unwrap_or(now);
        Ok(Pair { access: token("access_token")?, refresh: token("refresh_token")?, expires_at })
    }
}

#[async_trait]
impl Renewal for Oauth {
    async fn consented(&self, code: &Secret) -> Result<Pair, Trouble> {
        self.pair("authorization_code", "code", code).await
    }

    fn consent_address(&self) -> Option<Url> {
        let mut address = address(&self.portal, &["oauth", "authorize", ""]);
        address.query_pairs_mut().append_pair("client_id", &self.client_id);
        Some(address)
    }

    async fn renew(&self, refresh: &Secret) -> Result<Pair, Trouble> {
        self.pair("refresh_token", "refresh_token", refresh).await
    }
}

fn refused(reply: &Reply) -> Option<Trouble> {
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let code = body.get("error").and_then(Value::as_str).unwrap_or_default().to_lowercase();
    let why = match code.as_str() {
        "" if reply.is_success() => return None,
        "invalid_grant" => "the consent is used up, over or taken back: run `dragoman crm connect`",
        "invalid_client" => {
            "client_id or client_secret are not those of an application that is installed there"
        }
        "insufficient_scope" | "invalid_scope" => "the application asks for more rights than its card has",
        "payment_required" => "the application, or the plan of the portal, has ended",
        "invalid_request" => "the authorization server does not understand the request",
        _ => return Some(reply.failed()),
    };
    Some(Trouble::Denied { status: reply.status, why, said: reply.said() })
}
