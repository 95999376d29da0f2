//! What a configuration must satisfy before a bot is started: every mistake is named at once, by field.

use std::collections::BTreeMap;
use std::fmt;

use classify::{Class, Classify};
use url::{Host, Url};

use super::{BotConfig, BotName, Mode, OFFICIAL_API_BASE, TelegramConfig};

/// The ports Telegram's own servers call.
const WEBHOOK_PORTS: [u16; 4] = [443, 80, 88, 8443];

/// One mistake: which field, and what to do about it. Never the value: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The path of the field, `telegram.bots.sales.token`.
    pub field: String,
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.what)
    }
}

/// Every mistake in the section, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(pub Vec<Problem>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            write!(f, "{}{problem}", if i == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

impl Classify for ConfigError {
    fn class(&self) -> Class {
        Class::Invalid
    }
}

impl TelegramConfig {
    /// Checks everything that can be checked without asking Telegram.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let mut problems = Vec::new();
        let mut say = |field: String, what: &str| problems.push(Problem { field, what: what.to_owned() });

        if !is_http(&self.api_base) {
            say("telegram.api_base".into(), "must begin with http:// or https://");
        }
        if let Some(url) = &self.public_url {
            self.check_public_url(url, |what| say("telegram.public_url".into(), what));
        }
        let mut owners: BTreeMap<&str, &BotName> = BTreeMap::new();
        for (name, bot) in &self.bots {
            self.check_bot(bot, |field, what| say(format!("telegram.bots.{name}.{field}"), what));
            if !bot.token.is_empty()
                && let Some(first) = owners.insert(bot.token.expose(), name)
            {
                say(format!("telegram.bots.{name}.token"), &format!("is the token of the bot {first} too"));
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(ConfigError(problems)) }
    }

    fn check_public_url(&self, url: &Url, mut say: impl FnMut(&str)) {
        let official = self.api_base.as_str().trim_end_matches('/') == OFFICIAL_API_BASE;
        if !is_http(url) {
            say("must begin with https://");
        } else if url.query().is_some() || url.fragment().is_some() {
            say("must have neither a query nor a fragment");
        } else if is_loopback(url) {
            if official {
                say("telegram can not reach this machine's loopback address; remove it to use long polling");
            }
        } else if url.scheme() != "https" && self.api_base.scheme() == "https" {
            say("must begin with https://");
        } else if official && !WEBHOOK_PORTS.contains(&url.port_or_known_default().unwrap_or(0)) {
            say("telegram calls only the ports 443, 80, 88 and 8443");
        }
    }

    fn check_bot(&self, bot: &BotConfig, mut say: impl FnMut(&str, &str)) {
        if bot.token.is_empty() {
            say("token", "is missing; @BotFather gives it");
        } else if !is_token(bot.token.expose()) {
            say(
                "token",
                "does not look like a bot token (digits, a colon, then letters, digits, `_` and `-`)",
            );
        }
        if let Some(secret) = bot.webhook_secret.as_ref().filter(|s| !s.is_empty())
            && !(secret.expose().len() <= 256 && secret.expose().bytes().all(is_word))
        {
            say("webhook_secret", "must be 1 to 256 of A-Z, a-z, 0-9, `_` and `-`");
        }
        if bot.mode == Some(Mode::Webhook) && self.public_url.is_none() {
            say("mode", "a webhook needs telegram.public_url");
        }
        if let Some(folder) = &bot.folder
            && (folder.is_empty() || folder.contains(['/', '\\', '\0']) || folder.starts_with('.'))
        {
            say("folder", "must be the plain name of a folder");
        }
        if !(1..=100).contains(&bot.max_connections) {
            say("max_connections", "must be 1 to 100");
        }
    }
}

fn is_http(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn is_token(token: &str) -> bool {
    token.split_once(':').is_some_and(|(id, key)| {
        !id.is_empty()
            && id.bytes().all(|b| b.is_ascii_digit())
            && !key.is_empty()
            && key.bytes().all(is_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn problems(text: &str) -> Vec<String> {
        match toml::from_str::<TelegramConfig>(text).unwrap().validate() {
            Ok(()) => Vec::new(),
            Err(error) => error.0.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn a_good_configuration_passes() {
        assert_eq!(
            problems("[bots.a]\ntoken = \"1:Ab_-9\"\n[bots.b]\ntoken = \"2:Ab_-9\"\nmode = \"poll\""),
            [""; 0]
        );
        assert_eq!(problems("public_url = \"https://x.example:8443\"\n[bots.a]\ntoken = \"1:a\""), [""; 0]);
        assert_eq!(
            problems("api_base = \"http://127.0.0.1:8081\"\npublic_url = \"http://127.0.0.1:8080\""),
            [""; 0]
        );
        assert_eq!(problems("api_base = \"http://sim:8081\"\npublic_url = \"http://gateway:8080\""), [""; 0]);
    }

    #[test]
    fn every_mistake_is_named_by_field_and_without_its_value() {
        let found = problems(
            "public_url = \"http://x.example\"\n\
             [bots.a]\ntoken = \"hunter2\"\nwebhook_secret = \"a b\"\nfolder = \"../x\"\nmax_connections = 0\n\
             [bots.b]\n[bots.c]\ntoken = \"1:a\"\n[bots.d]\ntoken = \"1:a\"",
        );
        let starts = [
            "telegram.public_url: must begin with https://",
            "telegram.bots.a.token: does not look like",
            "telegram.bots.a.webhook_secret: must be",
            "telegram.bots.a.folder: must be",
            "telegram.bots.a.max_connections: must be",
            "telegram.bots.b.token: is missing",
            "telegram.bots.d.token: is the token of the bot c too",
        ];
        assert_eq!(found.len(), starts.len(), "{found:#?}");
        for (said, start) in found.iter().zip(starts) {
            assert!(said.starts_with(start), "{said}");
            assert!(!said.contains("hunter2"));
        }
    }

    #[test]
    fn what_telegram_could_never_call_is_refused() {
        assert!(problems("public_url = \"https://127.0.0.1\"")[0].contains("loopback"));
        assert!(problems("public_url = \"https://x.example:9000\"")[0].contains("ports"));
        assert!(problems("public_url = \"https://x.example/?a=1\"")[0].contains("query"));
        assert!(problems("api_base = \"ftp://x\"")[0].contains("api_base"));
        assert!(
            problems("[bots.a]\ntoken = \"1:a\"\nmode = \"webhook\"")[0]
                .contains("needs telegram.public_url")
        );
    }

    proptest! {
        #[test]
        fn hostile_text_never_panics(text in ".{0,200}") {
            if let Ok(config) = toml::from_str::<TelegramConfig>(&text) {
                drop(config.validate());
            }
        }

        #[test]
        fn hostile_values_never_panic_and_are_never_repeated(
            token in "[^\"\\\\\\p{Cc}]{9,40}", url in "[^\"\\\\\\p{Cc}]{0,60}",
        ) {
            let text = format!("public_url = \"{url}\"\n[bots.a]\ntoken = \"{token}\"");
            if let Ok(config) = toml::from_str::<TelegramConfig>(&text)
                && let Err(error) = config.validate()
            {
                prop_assert!(!error.to_string().contains(&token));
            }
        }
    }
}
