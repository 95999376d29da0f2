use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use ids::Secret;

use super::database;
use crate::environment::variable;

const TELEGRAM: &str = "https://api.telegram.org";

/// The short names that `dragoman up` understands; each stands for a setting of the configuration file.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) token: Option<Secret>,
    pub(super) public_url: Option<String>,
    pub(super) api_base: Option<String>,
    pub(super) database_url: Option<Secret>,
    /// May carry a password.
    pub(super) nats_url: Option<Secret>,
    pub(super) llm: Option<Llm>,
    pub(super) crm: Option<Crm>,
    pub(super) gateway_listen: SocketAddr,
    pub(super) sim_listen: SocketAddr,
}

#[derive(Debug)]
pub(super) struct Llm {
    pub(super) base_url: String,
    pub(super) api_key: Secret,
    pub(super) model: String,
}

#[derive(Debug)]
pub(super) struct Crm {
    pub(super) url: String,
    pub(super) secret: Secret,
}

impl Given {
    pub(super) fn read() -> Result<Self> {
        let llm = match (variable("LLM_BASE_URL"), variable("LLM_MODEL")) {
            (Some(base_url), Some(model)) => Some(Llm {
                base_url,
                model,
                api_key: Secret::new(variable("LLM_API_KEY").unwrap_or_default()),
            }),
            (None, None) => None,
            (Some(_), None) => bail!("LLM_BASE_URL is set; set LLM_MODEL too"),
            (None, Some(_)) => bail!("LLM_MODEL is set; set LLM_BASE_URL too"),
        };
        let crm = match (variable("CRM_WEBHOOK_URL"), variable("CRM_WEBHOOK_SECRET")) {
            (Some(url), Some(secret)) => Some(Crm { url, secret: Secret::new(secret) }),
            (None, None) => None,
            (Some(_), None) => bail!("CRM_WEBHOOK_URL is set; set CRM_WEBHOOK_SECRET (whsec_…) too"),
            (None, Some(_)) => bail!("CRM_WEBHOOK_SECRET is set; set CRM_WEBHOOK_URL too"),
        };
        let given = Self {
            token: variable("TELEGRAM_BOT_TOKEN").map(Secret::new),
            public_url: variable("PUBLIC_URL"),
            api_base: variable("TELEGRAM_API_BASE"),
            database_url: variable("DATABASE_URL").map(Secret::new),
            nats_url: variable("NATS_URL").map(Secret::new),
            llm,
            crm,
            gateway_listen: address("GATEWAY_LISTEN", "127.0.0.1:8080")?,
            sim_listen: address("SIM_LISTEN", "127.0.0.1:8081")?,
        };
        if let Some(url) = &given.public_url {
            check_public_url(url, given.asks_telegram())?;
        }
        if let Some(url) = &given.database_url
            && database::place(url).is_none()
        {
            bail!("DATABASE_URL is not an address (postgres://user:password@host:port/database)");
        }
        Ok(given)
    }

    /// A real bot, or one of another Bot API server: then the simulator is not needed.
    pub(super) const fn real_bot(&self) -> bool {
        self.token.is_some()
    }

    /// Telegram itself, and no other Bot API server.
    fn asks_telegram(&self) -> bool {
        self.real_bot() && self.api_base.as_ref().is_none_or(|base| base.trim_end_matches('/') == TELEGRAM)
    }

    /// How the updates come.
    pub(super) fn way(&self) -> &'static str {
        if self.public_url.is_some() { "by webhook" } else { "by long polling" }
    }
}

/// Telegram calls HTTPS only. A Bot API server of one's own may call plain HTTP, and so does the simulator.
fn check_public_url(url: &str, telegram: bool) -> Result<()> {
    let begins = |with: &str| url.get(..with.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(with));
    match () {
        () if begins("https://") || (begins("http://") && !telegram) => Ok(()),
        () if telegram => bail!("PUBLIC_URL has to begin with https://, for Telegram calls nothing else"),
        () => bail!("PUBLIC_URL has to begin with https:// or http://"),
    }
}

fn address(name: &str, default: &str) -> Result<SocketAddr> {
    let text = variable(name).unwrap_or_else(|| default.to_owned());
    text.parse()
        .with_context(|| format!("{name} is {text:?}; write an address and a port, such as {default}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telegram_is_given_https_and_another_server_what_it_likes() {
        for url in ["https://bot.example", "HTTPS://bot.example/x"] {
            check_public_url(url, true).unwrap();
            check_public_url(url, false).unwrap();
        }
        check_public_url("http://127.0.0.1:8080", false).unwrap();
        for url in ["http://bot.example", "bot.example", "https:/", "ä"] {
            let said = check_public_url(url, true).unwrap_err().to_string();
            assert!(said.starts_with("PUBLIC_URL has to begin with https://, "), "{url}: {said}");
        }
        check_public_url("bot.example", false).unwrap_err();
    }
}
