//! One request to a CRM: its turn under the account's limit, its time, the size of its answer, and what an error of the
//! connection means.

use std::time::Duration;

use classify::Class;
use ids::Pii;
use jobs::Limit;
use pg::Pool;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Client, RequestBuilder};
use serde::de::DeserializeOwned;

use super::trouble::Trouble;

/// An answer is read so far; a page of 250 entities has about a third of it.
const MOST: usize = 4 << 20;
/// Bytes of an answer that are kept for a person to look at.
const KEPT: usize = 2_000;
/// Whoever would have to wait longer for its turn comes back instead of holding a place.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether a request changes something there: then no answer means that nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Read,
    Write,
}

/// Makes the requests of one account.
#[derive(Clone)]
pub(crate) struct Caller {
    client: Client,
    pool: Pool,
    limit: Limit,
}

/// A whole answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    effect: Effect,
}

impl Caller {
    /// `client` has the guard of addresses, and follows no redirect.
    pub(crate) const fn new(client: Client, pool: Pool, limit: Limit) -> Self {
        Self { client, pool, limit }
    }

    /// For building requests.
    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    /// Waits for its turn, sends, and reads the whole answer, whatever its status. The address is in no error: it
    /// may hold a secret.
    pub(crate) async fn send(&self, request: RequestBuilder, effect: Effect) -> Result<Reply, Trouble> {
        self.turn().await?;
        self.send_out_of_turn(request, effect).await
    }

    /// The same for what counts against no limit of calls and waits for no pause of the account: requests for tokens. They are
    /// rare, and often the account pauses because it waits for one.
    pub(crate) async fn send_out_of_turn(
        &self,
        request: RequestBuilder,
        effect: Effect,
    ) -> Result<Reply, Trouble> {
        let mut response = request.send().await.map_err(|error| {
            let sent = !(error.is_connect() || error.is_builder());
            let why = classify::chain(&error.without_url());
            if sent && effect == Effect::Write { Trouble::Unknown(why) } else { Trouble::NotSent(why) }
        })?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= MOST => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(Reply { status, headers, body, effect }),
                Ok(Some(_)) => {
                    return Err(cut(effect, status, "the answer is larger than 4 MiB".to_owned()));
                }
                Err(error) => return Err(cut(effect, status, classify::chain(&error.without_url()))),
            }
        }
    }

    /// Waits for its turn; whoever would wait for long comes back.
    pub(crate) async fn turn(&self) -> Result<(), Trouble> {
        let mut told = false;
        loop {
            match jobs::turn(&self.pool, &self.limit, told).await {
                Ok(None) => return Ok(()),
                Ok(Some(after)) if after <= PATIENCE => tokio::time::sleep(after).await,
                Ok(Some(after)) => return Err(Trouble::Busy { status: None, after, only_this: false }),
                Err(error) => return Err(error.into()),
            }
            told = true;
        }
    }
}

fn cut(effect: Effect, status: u16, why: String) -> Trouble {
    match effect {
        Effect::Write => Trouble::Unknown(format!("answered {status}, and then: {why}")),
        Effect::Read => Trouble::Failed { status, said: Pii::new(why) },
    }
}

impl Reply {
    pub(crate) const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// The answer as `T`. What can not be read is a failure of the CRM, or, of a write, an unknown outcome.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Trouble> {
        serde_json::from_slice(&self.body).map_err(|error| {
            // Its own text would quote the answer.
            let why =
                format!("the answer can not be read: {:?} at column {}", error.classify(), error.column());
            cut(self.effect, self.status, why)
        })
    }

    /// What a status is that says nothing of whether it had an effect: 5xx, a redirect, a page instead of an answer.
    pub(crate) fn failed(&self) -> Trouble {
        match self.effect {
            Effect::Write => Trouble::Unknown(format!("answered {}", self.status)),
            Effect::Read => Trouble::Failed { status: self.status, said: self.said() },
        }
    }

    /// The first bytes, for a person to look at.
    pub(crate) fn said(&self) -> Pii<String> {
        let kept = &self.body[..self.body.len().min(KEPT)];
        // Postgres keeps no zero in a text.
        Pii::new(String::from_utf8_lossy(kept).replace('\0', ""))
    }

    /// A page for people instead of an answer.
    pub(crate) fn is_html(&self) -> bool {
        let begin = self.body.trim_ascii_start();
        begin.first() == Some(&b'<')
    }

    /// What the CRM asks us to wait, in seconds; its other form, a date, is rare and its clock is not ours.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
    }
}

/// What is wrong with the settings of an account; for the operator.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct AccountError(pub(crate) String);

impl classify::Classify for AccountError {
    fn class(&self) -> Class {
        Class::Invalid
    }
}
