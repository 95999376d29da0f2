//! The configuration that the program is measured with.

use std::fmt::Write;
use std::net::SocketAddr;
use std::path::Path;

use local_servers::{Nats, Postgres};
use telegram_sim::Running;

pub(crate) const SECRET: &str = "bench-secret-0123456789";
pub(crate) const TOKEN: &str = "123456:BENCH-TOKEN";

/// Whether the program holds back sends for Telegram's sake.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SendLimits {
    /// Telegram's limits are below what is measured.
    Off,
    /// As shipped, but for a bot whose owner pays Telegram for 1,000 messages a second instead of 30.
    Paid,
}

impl SendLimits {
    const fn lines(self) -> &'static str {
        match self {
            Self::Off => {
                "bot.per_chat_per_second = 0\nbot.per_group_per_minute = 0\nbot.per_bot_per_second = 0"
            }
            // Chat and group keep their defaults.
            Self::Paid => "bot.per_bot_per_second = 1000",
        }
    }
}

/// Where the program finds everything.
pub(crate) struct Around<'a> {
    pub(crate) root: &'a Path,
    pub(crate) postgres: &'a Postgres,
    pub(crate) nats: &'a Nats,
    pub(crate) simulator: &'a Running,
    /// Where it is to listen.
    pub(crate) address: SocketAddr,
}

impl Around<'_> {
    /// The whole file.
    pub(crate) fn settings(&self, limits: SendLimits) -> String {
        let common = common(self.postgres, self.nats, self.address);
        format!(
            r#"{common}
bot.bots_dir = "{bots}"
# At least the wanted rate times the 80 ms that Telegram takes in some stretches.
bot.send_concurrency = 1024
# A few thousand people say the same thing for minutes.
bot.limits = false
{limits}
llm-worker.bots_dir = "{bots}"
[telegram]
api_base = "{api}"
public_url = "http://{address}"
[telegram.bots.bench]
token = "{TOKEN}"
webhook_secret = "{SECRET}"
mode = "webhook"
folder = "dev2production"
"#,
            address = self.address,
            api = self.simulator.url(),
            bots = self.root.join("bots").display(),
            limits = limits.lines(),
        )
    }
}

/// Where every role finds its servers. Dotted keys: more of any section may follow, in dotted keys or as tables below.
pub(crate) fn common(postgres: &Postgres, nats: &Nats, address: SocketAddr) -> String {
    let admin = postgres.url();
    let host = admin.expose().rsplit_once('@').map_or("", |(_, host)| host);
    let mut settings = format!(
        r#"server.listen = "{address}"
server.internal_token = "bench"
log.format = "json"
log.level = "warn"
nats.url = "{}"
"#,
        nats.url().expose()
    );
    for role in ["gateway", "bot", "llm-worker", "crm", "analytics"] {
        let schema = role.trim_end_matches("-worker");
        let _ = writeln!(settings, "{role}.database_url = \"postgres://dragoman_{schema}:bench@{host}\"");
    }
    settings
}
