//! One receiver: what it wants to hear, and what became of telling it.

use std::time::Duration;

use ids::Secret;
use jobs::Limit;
use outbound::AddressGuard;
use pg::Pool;
use reqwest::Client;
use url::Url;

use super::pagerduty::PagerDuty;
use super::slack::Slack;
use super::telegram::Telegram;
use super::words;
use crate::adapters::{Caller, Reply, Trouble};
use crate::config::{AlertConfig, AlertEvent, AlertKind, AlertLanguage};
use crate::store::trouble::News;

/// Bytes of an answer that an operator is told.
const SAID: usize = 200;
/// A receiver that asks for time without saying how much gets so much.
const USUAL_WAIT: Duration = Duration::from_secs(30);
/// And never more than this.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

pub(crate) struct Receiver {
    pub(crate) name: String,
    events: Vec<AlertEvent>,
    language: AlertLanguage,
    /// Of messages, shared by all replicas.
    pub(crate) limit: Limit,
    line: Line,
}

enum Line {
    Slack(Slack),
    PagerDuty(PagerDuty),
    Telegram(Telegram),
}

/// Why a message did not arrive for certain.
#[derive(Debug)]
pub(crate) enum NotTold {
    /// Our own limit has no room for it now.
    NoTurn(Duration),
    /// The receiver asks for so much time; nothing was done.
    Later(Duration),
    /// It certainly did not arrive, and may the next time.
    Failed(String),
    /// It went out and no answer came.
    Unknown(String),
    /// It will never arrive as it is; for a person.
    Never(String),
}

impl Receiver {
    pub(super) fn new(
        config: &AlertConfig,
        guard: &AddressGuard,
        client: &Client,
        pool: &Pool,
    ) -> Result<Self, String> {
        let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        if !(1..=32).contains(&config.name.len()) || !config.name.bytes().all(is_word) {
            return Err("name must be 1 to 32 of a-z, 0-9, _ and -".to_owned());
        }
        // A group of Telegram takes twenty messages a minute.
        let seconds = if config.kind == AlertKind::Telegram { 3 } else { 1 };
        let key = format!("crm/alert/{}", config.name);
        let limit = Limit { key, per: Duration::from_secs(seconds), burst: 3 };
        let caller = Caller::new(client.clone(), pool.clone(), limit.clone());
        let line = match config.kind {
            AlertKind::Slack => Line::Slack(Slack::new(config, guard, caller)?),
            AlertKind::Pagerduty => Line::PagerDuty(PagerDuty::new(config, guard, caller)?),
            AlertKind::Telegram => Line::Telegram(Telegram::new(config, guard, caller)?),
        };
        let (events, language) = (config.events.clone(), config.language);
        Ok(Self { name: config.name.clone(), events, language, limit, line })
    }

    pub(super) fn wants(&self, event: AlertEvent) -> bool {
        self.events.is_empty() || self.events.contains(&event)
    }

    /// Tells it, once. `again`: an earlier attempt may have arrived.
    pub(crate) async fn tell(&self, news: &News, again: bool) -> Result<(), NotTold> {
        let words = words::of(news, self.language);
        match &self.line {
            // It knows a repetition by its key.
            Line::PagerDuty(line) => line.tell(news, &words).await,
            Line::Slack(line) => line.tell(&words.text(self.language, again)).await,
            Line::Telegram(line) => line.tell(&words.text(self.language, again)).await,
        }
    }

    /// Sends an example; what it opens it closes.
    pub(crate) async fn try_out(&self, example: &News) -> Result<(), NotTold> {
        self.tell(example, false).await?;
        match self.line {
            Line::PagerDuty(_) => self.tell(&News { over: true, ..example.clone() }, false).await,
            Line::Slack(_) | Line::Telegram(_) => Ok(()),
        }
    }
}

/// An address of the settings, or the usual one.
pub(super) fn address(url: &Secret, usual: &str, guard: &AddressGuard) -> Result<Url, String> {
    let url = if url.is_empty() { usual } else { url.expose().trim() };
    // The address may hold a secret, so nothing quotes it.
    let url: Url = url.parse().map_err(|_| "url is not an address; write https://…".to_owned())?;
    guard.check(&url).map_err(|why| format!("url: {}", classify::chain(&why)))?;
    Ok(url)
}

/// A secret that must be there.
pub(super) fn needed(secret: &Secret, what: &str) -> Result<Secret, String> {
    let secret = Secret::new(secret.expose().trim());
    if secret.is_empty() { Err(format!("{what} is missing, or {what}_file")) } else { Ok(secret) }
}

/// What an answer means. `secret` is in no error, whatever the other side repeats.
pub(super) fn judge(reply: Result<Reply, Trouble>, secret: &Secret) -> Result<(), NotTold> {
    let reply = reply.map_err(|trouble| match trouble {
        Trouble::Busy { after, .. } => NotTold::NoTurn(after),
        Trouble::NotSent(why) => NotTold::Failed(format!("could not be called: {why}")),
        Trouble::Unknown(why) => NotTold::Unknown(format!("did not answer: {why}")),
        other => NotTold::Failed(other.word().to_owned()),
    })?;
    if reply.is_success() {
        return Ok(());
    }
    let status = reply.status;
    match status {
        429 => Err(NotTold::Later(
            reply.retry_after().unwrap_or(USUAL_WAIT).clamp(Duration::from_secs(1), LONGEST_WAIT),
        )),
        500 | 503 => Err(NotTold::Failed(format!("answered {status}"))),
        // Something before it answers in its place.
        501.. => Err(NotTold::Unknown(format!("answered {status}"))),
        _ => {
            let said = String::from_utf8_lossy(&reply.body[..reply.body.len().min(SAID)]);
            let said = crate::store::trouble::line(&said.replace(secret.expose(), "***").replace('\0', ""));
            Err(NotTold::Never(format!("answered {status}: {said}")))
        }
    }
}
