//! `dragoman bot register`: tells Telegram how the bot presents itself and where its updates go, and looks
//! whether Telegram has understood.

use std::fmt::Write;

use anyhow::{Context, Result, bail};
use bot::profile::Shown;
use gateway::Webhook;
use serde_json::{Value, json};
use service_kit::Settings;
use telegram::client::WebhookInfo;
use telegram::{BotApi, BotName, TelegramConfig};

use crate::commands::print;
use crate::presented::Presented;

/// How a thing stands after the command.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    /// Telegram had it so already.
    Unchanged,
    Set,
    /// It would have been, had it not been a dry run.
    ToBeSet,
    Failed(String),
}

/// What was done of one thing.
struct Row {
    what: &'static str,
    /// Empty: for everybody.
    language: String,
    /// What Telegram would show.
    text: String,
    outcome: Outcome,
}

struct Report {
    bot: String,
    username: String,
    dry_run: bool,
    profile: Vec<Row>,
    /// What is to be the address; none where updates are fetched.
    url: Option<String>,
    webhook: Outcome,
    info: WebhookInfo,
}

pub(super) async fn register(settings: &Settings, name: &str, dry_run: bool, json: bool) -> Result<()> {
    let config: TelegramConfig = settings.section("telegram")?;
    config.validate()?;
    let name: BotName = name.parse()?;
    let bot = config.bots.get(&name).with_context(|| {
        let known: Vec<&str> = config.bots.keys().map(BotName::as_str).collect();
        format!("no bot {name} in the settings ([telegram.bots.{name}]); there are: {}", known.join(", "))
    })?;
    let presented = Presented::of(settings, &config, &name, bot)?;
    let me = presented.api.get_me().await.context("telegram does not say who the bot is")?;

    let mut profile = Vec::new();
    for one in &presented.shown {
        let language = one.language().map(|lang| lang.to_string()).unwrap_or_default();
        let (what, text) = (one.name(), one.text());
        profile.push(Row { what, language, text, outcome: tell(one, &presented, dry_run).await });
    }
    let webhook = Webhook::of(&config, &name, bot);
    let (outcome, info) = deliver(webhook.as_ref(), &presented.api, dry_run).await?;
    let report = Report {
        bot: name.to_string(),
        username: me.username.unwrap_or_default(),
        dry_run,
        profile,
        url: webhook.map(|webhook| webhook.url().to_owned()),
        webhook: outcome,
        info,
    };
    print(&if json { report.as_json().to_string() } else { report.as_text() })?;
    report.verdict()
}

/// Sets what is not so yet.
async fn tell(one: &Shown, presented: &Presented, dry_run: bool) -> Outcome {
    let (was_so, then) = if dry_run {
        (one.is_so(&presented.api).await, Outcome::ToBeSet)
    } else {
        (presented.tell(one).await.map(|changed| !changed), Outcome::Set)
    };
    match was_so {
        Ok(true) => Outcome::Unchanged,
        Ok(false) => then,
        Err(error) => Outcome::Failed(classify::chain(&error)),
    }
}

/// Sets the webhook, and asks what there is.
async fn deliver(webhook: Option<&Webhook>, api: &BotApi, dry_run: bool) -> Result<(Outcome, WebhookInfo)> {
    let before = api.get_webhook_info().await.context("telegram does not tell of the webhook")?;
    let Some(webhook) = webhook else {
        // The poller removes one that is there.
        return Ok((Outcome::Unchanged, before));
    };
    let wrong = webhook.compare(&before, None);
    if dry_run {
        return Ok((if wrong.is_some() { Outcome::ToBeSet } else { Outcome::Unchanged }, before));
    }
    // Also where the address is right: nobody tells whether the secret is.
    Ok(match webhook.set(api).await {
        Ok(after) => match webhook.compare(&after, None) {
            Some(wrong) => (Outcome::Failed(wrong.told().to_owned()), after),
            None if wrong.is_none() => (Outcome::Unchanged, after),
            None => (Outcome::Set, after),
        },
        Err(failure) => (Outcome::Failed(failure.to_string()), before),
    })
}

impl Outcome {
    fn as_str(&self) -> &str {
        match self {
            Self::Unchanged => "as it was",
            Self::Set => "set",
            Self::ToBeSet => "to be set",
            Self::Failed(why) => why,
        }
    }

    fn as_json(&self) -> Value {
        match self {
            Self::Unchanged => json!({ "outcome": "unchanged" }),
            Self::Set => json!({ "outcome": "set" }),
            Self::ToBeSet => json!({ "outcome": "to_be_set" }),
            Self::Failed(why) => json!({ "outcome": "failed", "error": why }),
        }
    }
}

impl Report {
    fn as_text(&self) -> String {
        let mut text = format!("{} is @{}\n", self.bot, self.username);
        let mut line = |what: &str, whom: &str, how: &str| {
            // Writing to a string can not fail.
            let _ = write!(text, "\n  {what:<12} {whom:<9} {how}");
        };
        for row in &self.profile {
            let whom = if row.language.is_empty() { "everybody" } else { &row.language };
            let mut how = row.outcome.as_str().to_owned();
            // Whoever only looks wants to read it.
            if self.dry_run {
                for shown in row.text.lines() {
                    let _ = write!(how, "\n      {shown}");
                }
            }
            line(row.what, whom, &how);
        }
        match &self.url {
            Some(url) => line("webhook", "", &format!("{}: {url}", self.webhook.as_str())),
            None if self.info.url.is_empty() => {
                line("webhook", "", "none; updates are fetched by long polling");
            }
            None => line("webhook", "", &format!("{}; the poller removes it", self.info.url)),
        }
        if self.url.as_ref().is_some_and(|url| *url != self.info.url) {
            let now = if self.info.url.is_empty() { "none" } else { &self.info.url };
            line("", "", &format!("telegram has {now}"));
        }
        line("waiting", "", &format!("{} updates", self.info.pending_update_count));
        if let Some(error) = &self.info.last_error_message {
            line("last error", "", error);
        }
        text
    }

    fn as_json(&self) -> Value {
        let row = |row: &Row| {
            let mut value = row.outcome.as_json();
            value["field"] = row.what.into();
            value["language"] = row.language.as_str().into();
            value["text"] = row.text.as_str().into();
            value
        };
        let mut webhook = self.webhook.as_json();
        webhook["url"] = self.url.as_deref().into();
        webhook["telegram"] = json!(self.info);
        json!({
            "bot": self.bot, "username": self.username, "dry_run": self.dry_run,
            "profile": self.profile.iter().map(row).collect::<Vec<_>>(), "webhook": webhook,
        })
    }

    fn verdict(&self) -> Result<()> {
        let outcomes = self.profile.iter().map(|row| &row.outcome).chain([&self.webhook]);
        match outcomes.filter(|outcome| matches!(outcome, Outcome::Failed(_))).count() {
            0 => Ok(()),
            1 => bail!("one thing was not taken by telegram; the line says why"),
            count => bail!("{count} things were not taken by telegram; the lines say why"),
        }
    }
}
