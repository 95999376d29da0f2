//! The list of commands that a client shows.

use serde_json::{Value, json};

use super::Cx;
use crate::bot_api::params::Params;
use crate::bot_api::reply::{Answer, ApiError, done, ok};
use crate::state::CommandScope;
use crate::sync::lock;
use crate::text::utf16_len;

const SCOPES: [&str; 7] = [
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
    "chat",
    "chat_administrators",
    "chat_member",
];

pub(super) fn set(cx: &Cx<'_>, params: &Params) -> Answer {
    let list = params.json("commands").map_err(|_| ApiError::bad("Can't parse commands JSON object"))?;
    let list = list.unwrap_or(std::borrow::Cow::Owned(json!([])));
    let list = list.as_array().ok_or_else(|| ApiError::bad("Expected an Array of BotCommand"))?;
    let commands = list.iter().map(command).collect::<Result<Vec<_>, _>>()?;
    if commands.len() > 100 {
        return Err(ApiError::bad("BOT_COMMANDS_TOO_MUCH"));
    }
    let scope = scope(params)?;
    lock(&cx.bot.profile).commands.insert(scope, commands);
    cx.sim.live.profile(cx.bot.id);
    done()
}

fn command(value: &Value) -> Result<Value, ApiError> {
    if !value.is_object() {
        return Err(ApiError::bad("Can't parse BotCommand: expected an Object"));
    }
    let field = |name: &str| {
        let text = value.get(name).and_then(Value::as_str).map(str::trim);
        text.ok_or_else(|| ApiError::bad(&format!("Can't parse BotCommand: Can't find field \"{name}\"")))
    };
    let (command, description) = (field("command")?, field("description")?);
    let command = command.strip_prefix('/').unwrap_or(command);
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if !(1..=32).contains(&command.len()) || !command.bytes().all(plain) {
        return Err(ApiError::bad("BOT_COMMAND_INVALID"));
    }
    if !(1..=256).contains(&utf16_len(description)) {
        return Err(ApiError::bad("BOT_COMMAND_DESCRIPTION_INVALID"));
    }
    Ok(json!({ "command": command, "description": description }))
}

pub(super) fn get(cx: &Cx<'_>, params: &Params) -> Answer {
    let scope = scope(params)?;
    ok(lock(&cx.bot.profile).commands.get(&scope).map_or(&[][..], Vec::as_slice))
}

pub(super) fn delete(cx: &Cx<'_>, params: &Params) -> Answer {
    let scope = scope(params)?;
    lock(&cx.bot.profile).commands.remove(&scope);
    cx.sim.live.profile(cx.bot.id);
    done()
}

fn scope(params: &Params) -> Result<CommandScope, ApiError> {
    let language = super::about::language(params)?;
    let scope = params.json("scope").map_err(|_| ApiError::bad("Can't parse BotCommandScope JSON object"))?;
    let Some(scope) = scope else { return Ok(("default".to_owned(), language)) };
    if !scope.is_object() {
        return Err(ApiError::bad("BotCommandScope must be an Object"));
    }
    let kind = scope.get("type").and_then(Value::as_str).unwrap_or("default");
    if !SCOPES.contains(&kind) {
        return Err(ApiError::bad("Can't parse BotCommandScope: Unsupported type specified"));
    }
    let part = |name: &str| scope.get(name).map(|v| format!(":{v}")).unwrap_or_default();
    Ok((format!("{kind}{}{}", part("chat_id"), part("user_id")), language))
}
