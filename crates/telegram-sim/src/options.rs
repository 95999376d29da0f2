//! What a simulator is started with.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ids::{Clock, Ids, Secret};

/// Everything that can be chosen before the simulator starts. `Default` is what tests want: a free
/// port, no bots, Telegram's limits on, nobody there.
#[derive(Clone)]
pub struct Options {
    /// Port 0 takes a free one; [`crate::Running::addr`] says which.
    pub listen: SocketAddr,
    pub bots: Vec<BotSpec>,
    pub limits: Limits,
    /// Keeps no messages, no files and (unless `call_log` says otherwise) no calls: memory does not grow
    /// with the number of calls. For benchmarks.
    pub lean: bool,
    /// Every chat id exists. Otherwise a bot may only write where a person wrote first, or to a group it
    /// is a member of.
    pub any_chat: bool,
    /// Starts with people and groups to play with.
    pub demo: bool,
    /// Messages kept per chat; the oldest are forgotten.
    pub history_per_chat: usize,
    /// Calls kept in the log. `None`: 10,000, or none when lean.
    pub call_log: Option<usize>,
    /// Updates kept per bot until it fetches them; the oldest are dropped.
    pub pending_updates: usize,
    /// Bytes of uploaded files kept; the oldest are forgotten.
    pub file_bytes: usize,
    /// The first `update_id` of every bot. `None`: random, because a consumer that remembers the ids of
    /// an earlier run would take the same ids for repetitions.
    pub first_update_id: Option<i64>,
    /// The first `message_id` of every chat. `None`: seconds since 2026, so that ids keep growing from
    /// one run to the next.
    pub first_message_id: Option<i64>,
    pub webhook: WebhookTiming,
    /// Webhooks may be plain `http` to any host; otherwise only to this machine.
    pub http_webhooks: bool,
    /// How long a pressed button waits for `answerCallbackQuery`.
    pub callback_timeout: Duration,
    pub clock: Clock,
    pub ids: Ids,
    /// Called after every Bot API call, on the thread that served it; must not block.
    pub observer: Option<Observer>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            bots: Vec::new(),
            limits: Limits::default(),
            lean: false,
            any_chat: false,
            demo: false,
            history_per_chat: 500,
            call_log: None,
            pending_updates: 100_000,
            file_bytes: 256 << 20,
            first_update_id: None,
            first_message_id: None,
            webhook: WebhookTiming::default(),
            http_webhooks: false,
            callback_timeout: Duration::from_secs(60),
            clock: Clock::system(),
            ids: Ids::system(),
            observer: None,
        }
    }
}

/// Sees each call as it is answered.
pub type Observer = Arc<dyn Fn(&CallSeen<'_>) + Send + Sync>;

/// One Bot API call that was answered (or dropped by a fault).
#[derive(Debug)]
pub struct CallSeen<'a> {
    /// Name of the bot as given to [`BotSpec`].
    pub bot: &'a str,
    /// Telegram's spelling, `sendMessage`.
    pub method: &'static str,
    pub chat_id: Option<i64>,
    pub text: Option<&'a str>,
    pub ok: bool,
    pub at: Instant,
}

/// A bot that exists: `name=123456:TOKEN`. Its username is the name with `_bot` at the end.
#[derive(Clone, Debug)]
pub struct BotSpec {
    pub name: String,
    pub token: Secret,
    /// Sees only what is meant for it in groups (Telegram's default).
    pub privacy: bool,
    /// Private chats with it may have topics.
    pub private_topics: bool,
}

impl BotSpec {
    #[must_use]
    pub fn new(name: impl Into<String>, token: impl Into<String>) -> Self {
        Self { name: name.into(), token: Secret::new(token), privacy: true, private_topics: true }
    }
}

/// Text that is not `name=123456:TOKEN`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotABot(pub &'static str);

impl fmt::Display for NotABot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a bot of the form name=123456:TOKEN: {}", self.0)
    }
}

impl std::error::Error for NotABot {}

impl FromStr for BotSpec {
    type Err = NotABot;

    fn from_str(text: &str) -> Result<Self, NotABot> {
        let (name, token) = text.split_once('=').ok_or(NotABot("no = between name and token"))?;
        let spec = Self::new(name, token);
        spec.id()?;
        Ok(spec)
    }
}

impl BotSpec {
    /// The user id, which is the first part of the token.
    pub(crate) fn id(&self) -> Result<i64, NotABot> {
        if self.name.is_empty() || !self.name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
        {
            return Err(NotABot("the name is made of letters, digits, - and _"));
        }
        let (id, secret) = self.token.expose().split_once(':').ok_or(NotABot("no : in the token"))?;
        if secret.len() < 3 || !secret.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)) {
            return Err(NotABot("the token's second part is made of letters, digits, - and _"));
        }
        id.parse()
            .ok()
            .filter(|id| (1..1 << 40).contains(id))
            .ok_or(NotABot("the token starts with a number"))
    }

    pub(crate) fn username(&self) -> String {
        let name = self.name.replace('-', "_");
        if name.to_ascii_lowercase().ends_with("bot") { name } else { format!("{name}_bot") }
    }
}

/// Telegram's published figures. They are "unspecified; obey `retry_after`", so they can be changed.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub enabled: bool,
    pub per_chat_per_second: f64,
    /// Messages a chat takes at once before the rate counts.
    pub chat_burst: f64,
    pub per_group_per_minute: f64,
    pub per_bot_per_second: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            enabled: true,
            per_chat_per_second: 1.0,
            chat_burst: 5.0,
            per_group_per_minute: 20.0,
            per_bot_per_second: 30.0,
        }
    }
}

impl Limits {
    #[must_use]
    pub fn off() -> Self {
        Self { enabled: false, ..Self::default() }
    }
}

/// When a webhook that did not answer 2xx is tried again: at once, then after `step`, doubling up to a
/// random delay between `cap` and twice that.
#[derive(Clone, Copy, Debug)]
pub struct WebhookTiming {
    pub step: Duration,
    pub cap: Duration,
    /// How long one delivery may take.
    pub timeout: Duration,
    /// Updates older than this are dropped.
    pub keep: Duration,
}

impl Default for WebhookTiming {
    fn default() -> Self {
        Self {
            step: Duration::from_secs(2),
            cap: Duration::from_secs(60),
            timeout: Duration::from_secs(60),
            keep: Duration::from_secs(24 * 3600),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bot_is_read_from_text() {
        let spec: BotSpec = "dev2production=123456:TEST-token_1".parse().unwrap();
        assert_eq!((spec.id(), spec.username().as_str()), (Ok(123_456), "dev2production_bot"));
        assert_eq!(BotSpec::new("helpbot", "1:abc").username(), "helpbot");
    }

    #[test]
    fn what_is_not_a_bot_is_refused() {
        for text in ["", "x", "x=", "x=abc", "x=1:", "x=-1:abcd", "=1:abcd", "a b=1:abcd", "x=1:ab cd"] {
            assert!(text.parse::<BotSpec>().is_err(), "{text}");
        }
    }
}
