//! Calls of the account: its address, its token, and what it says of them.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ids::Secret;
use reqwest::Method;
use serde_json::Value;
use url::Url;

use super::super::call::{Effect, Reply};
use super::super::{AccountError, Caller, Token, Trouble};
use super::{reading, refusal};
use crate::config::AccountConfig;

/// Entities that are asked for at once: the most there may be.
pub(super) const A_PAGE: &str = "250";
/// The pause after a refusal for calling too fast doubles from a second to about a minute.
const MOST_DOUBLINGS: u32 = 6;
/// Nobody asks us to wait for longer in earnest.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// Where nobody has an account: each has a name before it.
const BARE: &[&str] = &["amocrm.ru", "amocrm.com", "kommo.com"];

pub(super) struct Line {
    account: String,
    base: Url,
    caller: Caller,
    token: Token,
    /// Refusals for calling too fast since the last call that was let in.
    too_fast: AtomicU32,
}

/// The address of an account, checked.
pub(super) fn base(config: &AccountConfig) -> Result<Url, AccountError> {
    let wrong = |what: &str| AccountError(format!("[[crm.accounts]] {}: url {what}", config.name));
    let url: Url = config.url.parse().map_err(|_| wrong("is no address; write https://acme.amocrm.ru"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("must begin with https://"));
    }
    let host = url.host_str().unwrap_or("");
    if BARE.contains(&host.strip_prefix("www.").unwrap_or(host)) {
        return Err(wrong("must name your account, as https://acme.amocrm.ru does"));
    }
    if url.path() != "/" || url.query().is_some() || !url.username().is_empty() {
        return Err(wrong("must end after the name of the host"));
    }
    Ok(url)
}

impl Line {
    pub(super) fn new(config: &AccountConfig, caller: Caller, token: Token) -> Result<Self, AccountError> {
        let (account, base) = (config.name.clone(), base(config)?);
        Ok(Self { account, base, caller, token, too_fast: AtomicU32::new(0) })
    }

    /// `path` behind `/api/v4/`.
    pub(super) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Reply, Trouble> {
        self.call(Method::GET, path, query, None, &|_| None).await
    }

    /// One entity; none where there is none of this id.
    pub(super) async fn one(&self, path: &str, query: &[(&str, &str)]) -> Result<Option<Value>, Trouble> {
        match self.get(path, query).await {
            Ok(reply) if reply.status == 204 => Ok(None),
            Ok(reply) => reply.json().map(Some),
            Err(Trouble::Rejected { status: 404, .. }) => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    /// All of a list, so many pages at most.
    pub(super) async fn pages(
        &self,
        path: &str,
        key: &str,
        query: &[(&str, &str)],
        most: usize,
    ) -> Result<Vec<Value>, Trouble> {
        let mut all = Vec::new();
        for nth in 1..=most {
            let nth = nth.to_string();
            let query = [query, &[("limit", A_PAGE), ("page", &nth)]].concat();
            let (items, is_more) = reading::page(&self.get(path, &query).await?, key)?;
            all.extend(items);
            if !is_more {
                break;
            }
        }
        Ok(all)
    }

    /// One call that writes. `ours` says what we call the part of `body` that a path leads to.
    pub(super) async fn write(
        &self,
        method: Method,
        path: &str,
        body: &Value,
        ours: &(dyn Fn(&str) -> Option<String> + Sync),
    ) -> Result<Reply, Trouble> {
        self.call(method, path, &[], Some(body), ours).await
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&Value>,
        ours: &(dyn Fn(&str) -> Option<String> + Sync),
    ) -> Result<Reply, Trouble> {
        let mut url = self.base.clone();
        url.set_path(&format!("/api/v4/{path}"));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let token = self.token.current().await?;
        let mut reply = self.once(&method, &url, body, &token).await?;
        if reply.status == 401 {
            let token = self.next_token(&token, &reply).await?;
            reply = self.once(&method, &url, body, &token).await?;
        }
        if reply.is_success() {
            self.too_fast.store(0, Ordering::Relaxed);
            return Ok(reply);
        }
        let request = reply.headers.get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or("");
        let request: String = request.chars().take(64).collect();
        tracing::warn!(
            account = self.account, %method, path, status = reply.status, request, "amoCRM refuses a call");
        Err(refusal::trouble(&reply, self.pause(&reply), ours))
    }

    async fn once(
        &self,
        method: &Method,
        url: &Url,
        body: Option<&Value>,
        token: &Secret,
    ) -> Result<Reply, Trouble> {
        let effect = if *method == Method::GET { Effect::Read } else { Effect::Write };
        let request = self.caller.client().request(method.clone(), url.clone()).bearer_auth(token.expose());
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        self.caller.send(request, effect).await
    }

    async fn next_token(&self, used: &Secret, refused: &Reply) -> Result<Secret, Trouble> {
        self.token.after(used).await.map_err(|trouble| match trouble {
            // Unknown is how the renewal ended; the call itself was refused.
            Trouble::Unknown(why) => Trouble::NotSent(why),
            Trouble::Denied { status, why, said } if said.expose().is_empty() => {
                Trouble::Denied { status, why, said: refused.said() }
            }
            other => other,
        })
    }

    /// How long nobody calls the account where it was called too fast: whoever goes on is shut out, until a person at amoCRM
    /// lifts that.
    fn pause(&self, reply: &Reply) -> Duration {
        if reply.status != 429 {
            return Duration::ZERO;
        }
        let before = self.too_fast.fetch_add(1, Ordering::Relaxed).min(MOST_DOUBLINGS);
        let own = Duration::from_secs(1 << before);
        own.max(reply.retry_after().unwrap_or_default().min(LONGEST_WAIT))
    }
}
