//! `getChat`, `getChatMember`, `getChatMemberCount`.

use serde_json::json;

use super::Cx;
use crate::bot_api::params::Params;
use crate::bot_api::reply::{Answer, ApiError, ok};
use crate::state::Status;
use crate::sync::lock;

pub(super) fn get_chat(cx: &Cx<'_>, params: &Params) -> Answer {
    let chat = cx.kept_target(params)?;
    let mut view = serde_json::to_value(&lock(&chat.state).view).map_err(|_| ApiError::internal())?;
    view["accent_color_id"] = json!(0);
    view["max_reaction_count"] = json!(11);
    ok(&view)
}

pub(super) fn get_chat_member(cx: &Cx<'_>, params: &Params) -> Answer {
    let chat = cx.kept_target(params)?;
    let id = params.integer("user_id").ok_or_else(|| ApiError::bad("invalid user_id specified"))?;
    let bot = cx.sim.bots().into_iter().find(|bot| bot.id == id).map(|bot| bot.user());
    let user = bot.or_else(|| cx.sim.person(id)).ok_or_else(|| ApiError::bad("user not found"))?;
    let known = lock(&chat.state).members.get(&id).copied();
    let private = chat.key.bot != 0 && (id == chat.key.chat || id == chat.key.bot);
    let status = known.or(private.then_some(Status::Member)).unwrap_or(Status::Left);
    ok(&json!({ "user": user, "status": status }))
}

pub(super) fn get_chat_member_count(cx: &Cx<'_>, params: &Params) -> Answer {
    let chat = cx.kept_target(params)?;
    let members = lock(&chat.state).members.values().filter(|status| status.is_in()).count();
    ok(&if chat.key.bot == 0 { members } else { 2 })
}
