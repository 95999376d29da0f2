//! One request: its address, its token, and what its status means where that is the same for all of them.

use std::time::Duration;

use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::super::call::{Effect, Reply};
use super::super::{Caller, Token, Trouble};
use super::refusal::{self, Names};

/// A record that HubSpot is working on is free again after so long.
const LOCKED: Duration = Duration::from_secs(2);
/// An account that is being moved to another data centre: HubSpot says until when, and this is where it does not.
const MOVING: Duration = Duration::from_secs(3_600);
/// No wait that an answer asks for is longer than a day.
const LONGEST: Duration = Duration::from_secs(86_400);

/// The API of one account.
pub(super) struct Api {
    caller: Caller,
    token: Token,
    base: Url,
}

/// What is asked.
pub(super) struct Request<'a> {
    pub(super) method: Method,
    /// In parts, each as it is: they are escaped here.
    pub(super) path: &'a [&'a str],
    pub(super) query: &'a [(&'a str, &'a str)],
    pub(super) body: Option<&'a Value>,
    pub(super) effect: Effect,
}

impl Api {
    pub(super) const fn new(caller: Caller, token: Token, base: Url) -> Self {
        Self { caller, token, base }
    }

    /// Reads with GET.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<T, Trouble> {
        read(&self.try_get(path, query).await?, &Names::default())
    }

    /// The same, with 4xx left to the caller.
    pub(super) async fn try_get(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Reply, Trouble> {
        self.send(&Request { method: Method::GET, path, query, body: None, effect: Effect::Read }).await
    }

    /// Reads with POST: searches and batches.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &Value,
        names: &Names<'_>,
    ) -> Result<T, Trouble> {
        let request =
            Request { method: Method::POST, path, query: &[], body: Some(body), effect: Effect::Read };
        read(&self.send(&request).await?, names)
    }

    /// Writes; 4xx is left to the caller.
    pub(super) async fn write(&self, method: Method, path: &[&str], body: &Value) -> Result<Reply, Trouble> {
        self.send(&Request { method, path, query: &[], body: Some(body), effect: Effect::Write }).await
    }

    /// A success, or a 4xx that is about this very request.
    async fn send(&self, request: &Request<'_>) -> Result<Reply, Trouble> {
        let token = self.token.current().await?;
        let builder = self.caller.client().request(request.method.clone(), self.address(request));
        let builder = builder.bearer_auth(token.expose());
        let builder = match request.body {
            Some(body) => builder.json(body),
            None => builder,
        };
        judged(self.caller.send(builder, request.effect).await?)
    }

    fn address(&self, request: &Request<'_>) -> Url {
        let mut url = self.base.clone();
        // An address that can have no path was refused when the account was opened.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(request.path);
        }
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(request.query);
        }
        url
    }
}

/// What a reply holds; a 4xx is a mistake of ours.
pub(super) fn read<T: DeserializeOwned>(reply: &Reply, names: &Names<'_>) -> Result<T, Trouble> {
    if reply.is_success() { reply.json() } else { Err(refusal::rejected(reply, names)) }
}

fn judged(reply: Reply) -> Result<Reply, Trouble> {
    let wait =
        |default: Duration| reply.retry_after().unwrap_or(default).clamp(Duration::from_secs(1), LONGEST);
    let busy = |after, only_this| Trouble::Busy { status: Some(reply.status), after, only_this };
    match reply.status {
        429 => Err(busy(wait(refusal::pause(&reply)), false)),
        _ if reply.is_html() => Err(reply.failed()),
        401 => Err(Trouble::Denied {
            status: 401,
            why: "HubSpot does not take the token; give the account the one that its private app has now",
            said: reply.said(),
        }),
        403 => Err(refusal::forbidden(&reply)),
        423 => Err(busy(wait(LOCKED), true)),
        477 => Err(busy(wait(MOVING), false)),
        200..=299 | 400..=499 => Ok(reply),
        _ => Err(reply.failed()),
    }
}
