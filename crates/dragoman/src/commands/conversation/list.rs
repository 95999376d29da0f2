use anyhow::Result;
use bot::transcript::{self, Talk};
use pg::Pool;
use serde_json::json;

use super::moment;
use crate::commands::print;

/// The conversations that were spoken in last.
pub(super) async fn list(
    bots: &Pool,
    bot: Option<&str>,
    chat: Option<i64>,
    most: i64,
    as_json: bool,
) -> Result<()> {
    let all = transcript::newest(bots, bot, chat, most).await?;
    for talk in &all {
        print(&if as_json { json(talk) } else { text(talk) })?;
    }
    if all.is_empty() && !as_json {
        print("there are no such conversations")?;
    }
    Ok(())
}

fn text(talk: &Talk) -> String {
    let Talk { id, bot, chat_id, chat_kind, language, messages, .. } = talk;
    let (since, last) = (moment(talk.started_at), moment(talk.updated_at));
    format!("{id}  {bot}  {chat_kind} {chat_id}  {language:2}  {messages:4} messages  {since} – {last}")
}

/// One conversation for programs.
pub(super) fn json(talk: &Talk) -> String {
    json!({
        "id": talk.id.to_string(),
        "bot": talk.bot,
        "chat_id": talk.chat_id,
        "chat_kind": talk.chat_kind,
        "language": talk.language,
        "started_at": talk.started_at,
        "updated_at": talk.updated_at,
        "closed_why": talk.closed_why,
        "messages": talk.messages,
    })
    .to_string()
}
