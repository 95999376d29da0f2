use std::fmt::Write;

use crate::{Collector, Crm, Database, Model, Upstream};

/// The bot that comes with the project.
pub const BOT: &str = "dev2production";
/// What Telegram and the gateway both know.
pub(crate) const WEBHOOK_SECRET: &str = "between-telegram-and-the-gateway";
pub(crate) const BOT_TOKEN: &str = "1000001:of-the-end-to-end-tests";
pub(crate) const ADMIN_TOKEN: &str = "the-admin-token-of-the-end-to-end-tests";

/// The roles with the schemas that are theirs, in the order an update travels.
pub(crate) const ROLES: [(&str, &str); 5] = [
    ("gateway", "gateway"),
    ("bot", "bot"),
    ("llm-worker", "llm"),
    ("crm", "crm"),
    ("analytics", "analytics"),
];

/// How updates come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Updates {
    Webhook,
    LongPolling,
}

/// What a test may choose, and change while an installation runs.
#[derive(Clone, Debug)]
pub struct Choices {
    pub updates: Updates,
    /// Whether we send at Telegram's pace or as fast as we can.
    pub paced: bool,
    /// Whether people are held to the limits of the bot.
    limits: bool,
    crm: Option<(String, &'static str)>,
    model: Option<(String, &'static str, &'static str)>,
    /// Where spans go; empty: nowhere.
    collector: String,
    files: Option<FilesChoices>,
}

/// What is done with files.
#[derive(Clone, Debug)]
pub struct FilesChoices {
    /// `host:port` of the scanner; empty: none.
    pub clamav: String,
    pub link_seconds: u32,
}

impl FilesChoices {
    /// What gives out links.
    pub const TOKEN: &str = "the-token-that-gives-out-links";
}

impl Choices {
    #[must_use]
    pub const fn new(updates: Updates) -> Self {
        Self {
            updates,
            paced: false,
            limits: true,
            crm: None,
            model: None,
            collector: String::new(),
            files: None,
        }
    }

    /// At Telegram's pace.
    #[must_use]
    pub const fn paced(mut self) -> Self {
        self.paced = true;
        self
    }

    /// People may write as much as they like, and the same again and again.
    #[must_use]
    pub const fn without_limits(mut self) -> Self {
        self.limits = false;
        self
    }

    /// Leads go to this CRM, at this path.
    #[must_use]
    pub fn crm(mut self, crm: &Crm, path: &str) -> Self {
        self.crm = Some((crm.url(path), crm.secret()));
        self
    }

    /// Spans go to this collector.
    #[must_use]
    pub fn collector(mut self, collector: &Collector) -> Self {
        self.collector = collector.url();
        self
    }

    /// Files are scanned and handed out.
    #[must_use]
    pub fn files(mut self, files: FilesChoices) -> Self {
        self.files = Some(files);
        self
    }

    /// Questions go to a model that answers as it is told.
    #[must_use]
    pub fn upstream(mut self, upstream: &Upstream) -> Self {
        self.model = Some((upstream.url().to_owned(), "sk-of-the-end-to-end-tests", "parrot-1"));
        self
    }

    /// Questions go to this model.
    #[must_use]
    pub fn model(mut self, model: &Model) -> Self {
        self.model = Some((model.base_url(), model.key(), model.name()));
        self
    }
}

/// Where everything is.
pub(crate) struct Places<'a> {
    pub(crate) database: &'a Database,
    pub(crate) nats_url: &'a str,
    pub(crate) telegram: String,
    /// Of the process with the gateway.
    pub(crate) gateway_port: u16,
    /// Of the process with analytics.
    pub(crate) analytics_port: u16,
    /// Of the process with the bot.
    pub(crate) bot_port: u16,
    /// Of the process with the CRM service.
    pub(crate) crm_port: u16,
}

/// The one settings file of an installation.
pub(crate) fn settings(choices: &Choices, places: &Places<'_>) -> String {
    let Places { database, nats_url, telegram, gateway_port, analytics_port, bot_port, crm_port } = places;
    let bots_dir = testkit::workspace_root().join("bots");
    let bots_dir = bots_dir.display();
    let collector = &choices.collector;
    let public_url = match choices.updates {
        Updates::Webhook => format!("http://127.0.0.1:{gateway_port}"),
        Updates::LongPolling => String::new(),
    };
    // Login roles belong to the whole server, so they are named after the database.
    let host = database.url().split_once('@').map_or("", |(_, host)| host);
    let url = |schema: &str| format!("postgres://{}_{schema}:of-a-test@{host}", database.name());
    let pace = if choices.paced {
        ""
    } else {
        "per_chat_per_second = 0\nper_group_per_minute = 0\nper_bot_per_second = 0\n"
    };
    let mut text = format!(
        "[server]\nlisten = \"127.0.0.1:{gateway_port}\"\ninternal_token = \"between-the-roles\"\n\
         [log]\nformat = \"json\"\notlp_endpoint = \"{collector}\"\n\
         [nats]\nurl = \"{nats_url}\"\n\
         [telegram]\napi_base = \"{telegram}\"\npublic_url = \"{public_url}\"\n\
         [telegram.bots.{BOT}]\ntoken = \"{BOT_TOKEN}\"\nwebhook_secret = \"{WEBHOOK_SECRET}\"\n"
    );
    if let Some(FilesChoices { clamav, link_seconds }) = &choices.files {
        let token = FilesChoices::TOKEN;
        write!(
            text,
            "[files]\nfolder = \"files\"\nclamav = \"{clamav}\"\nlink_seconds = {link_seconds}\nlink_token = \"{token}\"\n\
             link_secret = \"the-secret-that-signs-links-to-files\"\n"
        )
        .unwrap();
    }
    for (role, schema) in ROLES {
        let more = match role {
            "gateway" => {
                format!(
                    "webhook_check_seconds = 1\nadmin_token = \"{ADMIN_TOKEN}\"\nanalytics_url = \"http://127.0.0.1:{analytics_port}\"\n\
                     crm_url = \"http://127.0.0.1:{crm_port}\"\n"
                )
            }
            "bot" => format!("bots_dir = \"{bots_dir}\"\nlimits = {}\n{pace}", choices.limits),
            "llm-worker" => {
                let model = model(choices);
                format!("bots_dir = \"{bots_dir}\"\nbot_url = \"http://127.0.0.1:{bot_port}\"\n{model}")
            }
            "crm" => crm(choices),
            _ => String::new(),
        };
        write!(text, "[{role}]\ndatabase_url = \"{}\"\nmax_connections = 6\n{more}", url(schema)).unwrap();
    }
    text
}

fn model(choices: &Choices) -> String {
    let Some((base_url, key, name)) = &choices.model else { return String::new() };
    // Two dollars for a million tokens of the prompt, ten for one of the answer.
    format!(
        "base_url = \"{base_url}\"\napi_key = \"{key}\"\nmodel = \"{name}\"\n\
         prices = {{ input = 2000000, output = 10000000 }}\n\
         retries = {{ attempts = 2, first_pause_ms = 20 }}\n"
    )
}

fn crm(choices: &Choices) -> String {
    let endpoint = match &choices.crm {
        Some((url, secret)) => {
            format!("[[crm.endpoints]]\nname = \"first\"\nurl = \"{url}\"\nsecret = \"{secret}\"\n")
        }
        None => "without_endpoint = \"ignore\"\n".to_owned(),
    };
    format!("allow_private_addresses = [\"127.0.0.0/8\"]\n{endpoint}")
}
