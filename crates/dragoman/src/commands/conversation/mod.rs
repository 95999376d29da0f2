//! `dragoman conversation`: what was said, and what would have been said, one file each.

mod html;
mod list;
mod name;
mod rehearse;
mod replay;
mod what_if;
mod wording;

use anyhow::{Context, Result};
use bot::transcript::{self, Talk};
use ids::{ConversationId, Uuid};
use pg::Pool;
use service_kit::Settings;

use crate::cli::Conversation;
use crate::{environment, roles};

pub(super) async fn conversation(command: &Conversation) -> Result<()> {
    match command {
        Conversation::List { bot, chat, most, json, source } => {
            let settings = environment::settings(source.config.as_deref())?;
            list::list(&pool("bot", &settings).await?, bot.as_deref(), *chat, *most, *json).await
        }
        Conversation::Replay { id, step, format, source } => {
            let settings = environment::settings(source.config.as_deref())?;
            replay::replay(&settings, *id, *step, *format).await
        }
        Conversation::WhatIf { id, folder, version, model, prompt, format, source } => {
            let settings = environment::settings(source.config.as_deref())?;
            let other = what_if::Other {
                folder: folder.as_deref(),
                version: *version,
                model: model.as_deref(),
                prompt: prompt.as_deref(),
            };
            what_if::what_if(&settings, *id, &other, *format).await
        }
    }
}

/// The tables of a role.
async fn pool(role: &str, settings: &Settings) -> Result<Pool> {
    Ok(service_kit::pool(roles::one(role)?, settings).await?)
}

async fn found(bots: &Pool, id: Uuid) -> Result<Talk> {
    let talk = transcript::find(bots, ConversationId(id)).await?;
    talk.with_context(|| format!("there is no conversation {id}; see dragoman conversation list"))
}

/// `2026-11-27 19:00:01Z`
fn moment(at: ids::Timestamp) -> String {
    format!("{at:.0}").replacen('T', " ", 1)
}

/// Millionths of a US dollar, as people read them.
fn dollars(micros: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let dollars = micros as f64 / 1e6;
    format!("${dollars:.4}")
}
