//! Calls of methods: their address, their right, and batches of those that read.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ids::Secret;
use serde_json::{Map, Value, json};
use tokio::time::Instant;
use url::Url;

use super::super::call::{Caller, Effect};
use super::super::{AccountError, Token, Trouble};
use super::judge::{Refused, judge, judge_nested, misses, reset};
use super::query::query;
use crate::config::AccountConfig;

pub(super) struct Api {
    caller: Caller,
    /// Where the portal is.
    portal: Url,
    token: Token,
    /// When a method's operating time is forgotten, as its last good answer told: a refusal may not tell it.
    resets: Mutex<HashMap<&'static str, Instant>>,
}

/// A method with its parameters.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) method: &'static str,
    pub(super) params: Value,
}

impl Call {
    pub(super) const fn new(method: &'static str, params: Value) -> Self {
        Self { method, params }
    }
}

/// What a method gave.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    pub(super) result: Value,
    /// Of a list: where its next page begins.
    pub(super) next: Option<u64>,
}

impl Api {
    pub(super) fn new(config: &AccountConfig, caller: Caller, token: Token) -> Result<Self, AccountError> {
        let error = |why: &str| AccountError(format!("[[crm.accounts]] {}: {why}", config.name));
        let portal = portal(config)?;
        if let Token::Given(token) = &token {
            let (user, secret) = webhook(token);
            let right =
                |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if !right(user) || !right(secret) {
                return Err(error(
                    "token must be what the address of an incoming webhook ends in: <user>/<secret>",
                ));
            }
        }
        Ok(Self { caller, portal, token, resets: Mutex::default() })
    }

    /// What the account is called: the name of its host.
    pub(super) fn host(&self) -> &str {
        self.portal.host_str().unwrap_or_default()
    }

    /// Calls one method; once more with a fresh token where its token is over.
    pub(super) async fn call(&self, call: &Call, effect: Effect) -> Result<Given, Trouble> {
        let body = self.ask(call.method, &call.params, effect).await?;
        let next = body.get("next").and_then(Value::as_u64);
        match body {
            Value::Object(mut body) => {
                let result = body.remove("result").ok_or_else(|| misses(effect, "a result"))?;
                Ok(Given { result, next })
            }
            _ => Err(misses(effect, "a result")),
        }
    }

    /// Calls methods that only read, in one request. Each has an outcome of its own; where the token ends on the way
    /// the rest of them is not done, and all are asked again with a fresh one.
    pub(super) async fn batch(&self, calls: &[Call]) -> Result<Vec<Result<Given, Trouble>>, Trouble> {
        let commands: Map<String, Value> = calls
            .iter()
            .enumerate()
            .map(|(nth, call)| (name(nth), json!(format!("{}?{}", call.method, query(&call.params)))))
            .collect();
        let params = json!({ "halt": 0, "cmd": commands });
        let mut token = self.token.current().await?;
        let mut body = self.ask_with("batch", &params, Effect::Read, &mut token).await?;
        if (0..calls.len()).any(|nth| matches!(problem(&body, nth), Some(Refused::Expired))) {
            token = self.token.after(&token).await?;
            body = self.ask_with("batch", &params, Effect::Read, &mut token).await?;
        }
        let outcome = |(nth, call): (usize, &Call)| match problem(&body, nth) {
            Some(refused) => Err(self.told(call.method, refused).trouble()),
            None => {
                let part = |of: &str| body.pointer(&format!("/result/{of}/{}", name(nth)));
                self.remember(call.method, part("result_time"));
                let result =
                    part("result").cloned().ok_or_else(|| misses(Effect::Read, "a result of a call"))?;
                Ok(Given { result, next: part("result_next").and_then(Value::as_u64) })
            }
        };
        Ok(calls.iter().enumerate().map(outcome).collect())
    }

    async fn ask(&self, method: &'static str, params: &Value, effect: Effect) -> Result<Value, Trouble> {
        let mut token = self.token.current().await?;
        self.ask_with(method, params, effect, &mut token).await
    }

    /// `token` is the one that was taken in the end.
    async fn ask_with(
        &self,
        method: &'static str,
        params: &Value,
        effect: Effect,
        token: &mut Secret,
    ) -> Result<Value, Trouble> {
        match self.once(method, params, effect, token).await {
            Err(Refused::Expired) => {
                *token = self.token.after(token).await?;
                self.once(method, params, effect, token).await.map_err(Refused::trouble)
            }
            answer => answer.map_err(Refused::trouble),
        }
    }

    async fn once(
        &self,
        method: &'static str,
        params: &Value,
        effect: Effect,
        token: &Secret,
    ) -> Result<Value, Refused> {
        let mut params = params.clone();
        let address = match &self.token {
            Token::Given(_) => {
                let (user, secret) = webhook(token);
                address(&self.portal, &["rest", user, secret, &format!("{method}.json")])
            }
            Token::Renewed { .. } => {
                params["auth"] = json!(token.expose());
                address(&self.portal, &["rest", &format!("{method}.json")])
            }
        };
        let request = self.caller.client().post(address).json(&params);
        let reply = self.caller.send(request, effect).await.map_err(Refused::Trouble)?;
        let body = judge(&reply).map_err(|refused| self.told(method, refused))?;
        self.remember(method, body.get("time"));
        Ok(body)
    }

    fn remember(&self, method: &'static str, time: Option<&Value>) {
        if let Some(wait) = reset(time) {
            self.resets().insert(method, Instant::now() + wait);
        }
    }

    /// Says of a method that has worked too long when it may be called again, as far as that is known.
    fn told(&self, method: &'static str, refused: Refused) -> Refused {
        match refused {
            Refused::Worked { status, after: None } => {
                let at = self.resets().get(method).copied();
                let left = at.map(|at| at.saturating_duration_since(Instant::now()));
                Refused::Worked { status, after: left.filter(|left| *left > Duration::ZERO) }
            }
            other => other,
        }
    }

    fn resets(&self) -> std::sync::MutexGuard<'_, HashMap<&'static str, Instant>> {
        self.resets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where an account's portal is.
pub(super) fn portal(config: &AccountConfig) -> Result<Url, AccountError> {
    let url: Option<Url> = config.url.trim().parse().ok();
    url.filter(|url| url.has_host() && matches!(url.scheme(), "http" | "https")).ok_or_else(|| {
        let example = "url must be where the portal is: https://acme.bitrix24.ru";
        AccountError(format!("[[crm.accounts]] {}: {example}", config.name))
    })
}

/// An address below another.
pub(super) fn address(base: &Url, path: &[&str]) -> Url {
    let mut address = base.clone();
    address.set_query(None);
    address.set_fragment(None);
    if let Ok(mut segments) = address.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    address
}

/// User and secret; both empty where there are not two.
fn webhook(token: &Secret) -> (&str, &str) {
    token.expose().trim().trim_matches('/').split_once('/').unwrap_or_default()
}

/// What a call of a batch is called in it.
fn name(nth: usize) -> String {
    format!("c{nth}")
}

fn problem(body: &Value, nth: usize) -> Option<Refused> {
    body.pointer(&format!("/result/result_error/{}", name(nth))).map(judge_nested)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_put_below_the_portal_and_what_follows_it_is_cut() {
        let at = |base: &str| address(&base.parse().unwrap(), &["rest", "1", "x.json"]).to_string();
        assert_eq!(at("https://acme.bitrix24.ru"), "https://acme.bitrix24.ru/rest/1/x.json");
        assert_eq!(at("https://host/portal/?a=b#c"), "https://host/portal/rest/1/x.json");
    }
}
