//! The configuration that the program is measured with.

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
    /// Lines of the section `[bot]`.
    const fn lines(self) -> &'static str {
        match self {
            Self::Off => "per_chat_per_second = 0\nper_group_per_minute = 0\nper_bot_per_second = 0",
            // Chat and group keep their defaults.
            Self::Paid => "per_bot_per_second = 1000",
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
        let admin = self.postgres.url();
        let host = admin.expose().rsplit_once('@').map_or("", |(_, host)| host).to_owned();
        let url = |schema: &str| format!("postgres://dragoman_{schema}:bench@{host}");
        format!(
            r#"
[server]
listen = "{address}"
internal_token = "bench"
[log]
format = "json"
level = "warn"
[nats]
url = "{nats}"
[telegram]
api_base = "{api}"
public_url = "http://{address}"
[telegram.bots.bench]
token = "{TOKEN}"
webhook_secret = "{SECRET}"
mode = "webhook"
folder = "dev2production"
[gateway]
database_url = "{gateway}"
[bot]
database_url = "{bot}"
bots_dir = "{bots}"
# At least the wanted rate times the 80 ms that Telegram takes in some stretches.
send_concurrency = 1024
# A few thousand people say the same thing for minutes.
limits = false
{limits}
[llm-worker]
database_url = "{llm}"
bots_dir = "{bots}"
[crm]
database_url = "{crm}"
[analytics]
database_url = "{analytics}"
"#,
            address = self.address,
            nats = self.nats.url().expose(),
            api = self.simulator.url(),
            gateway = url("gateway"),
            bot = url("bot"),
            llm = url("llm"),
            crm = url("crm"),
            analytics = url("analytics"),
            bots = self.root.join("bots").display(),
            limits = limits.lines(),
        )
    }
}
