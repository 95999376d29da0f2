//! The Telegram Bot API as this project sees it: the configured bots, a client that tells what became
//! of a call, updates turned into one message type of our own, and text cut to Telegram's limits.
//!
//! Nothing here prints a bot's token: not an error, not a `Debug`, not a log line.

pub mod client;
pub mod config;
pub mod text;
pub mod update;

pub use client::{BotApi, HttpClientError, Method, SendError, http_client};
pub use config::{BotConfig, BotName, Mode, TelegramConfig};
pub use update::{Incoming, ParseError, Peek, UpdateKind, What, normalise, peek};
