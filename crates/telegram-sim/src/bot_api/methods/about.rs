//! Who the bot is, and what it says about itself.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use serde_json::json;

use super::Cx;
use crate::bot_api::params::Params;
use crate::bot_api::reply::{Answer, ApiError, done, ok};
use crate::state::Profile;
use crate::sync::lock;
use crate::text::utf16_len;

pub(super) fn get_me(cx: &Cx<'_>, _: &Params) -> Answer {
    let user = cx.bot.user();
    ok(&json!({
        "id": user.id,
        "is_bot": true,
        "first_name": user.first_name,
        "username": user.username,
        "can_join_groups": true,
        "can_read_all_group_messages": !cx.bot.privacy.load(Ordering::Relaxed),
        "supports_inline_queries": true,
        "can_connect_to_business": false,
        "has_main_web_app": false,
        "has_topics_enabled": cx.bot.private_topics.load(Ordering::Relaxed),
    }))
}

type Texts = BTreeMap<String, String>;

fn set(cx: &Cx<'_>, params: &Params, field: &str, most: usize, of: fn(&mut Profile) -> &mut Texts) -> Answer {
    let language = language(params)?;
    let text = params.text(field);
    if utf16_len(&text) > most {
        return Err(ApiError::bad(&format!("{} is too long", field.replace('_', " "))));
    }
    // An empty text takes back what was said to this language.
    if text.is_empty() {
        of(&mut lock(&cx.bot.profile)).remove(&language);
    } else {
        of(&mut lock(&cx.bot.profile)).insert(language, text.into_owned());
    }
    cx.sim.live.profile(cx.bot.id);
    done()
}

/// The text for the language, or the one for everyone.
fn get(cx: &Cx<'_>, params: &Params, of: fn(&mut Profile) -> &mut Texts) -> Result<String, ApiError> {
    let language = language(params)?;
    let mut profile = lock(&cx.bot.profile);
    let texts = of(&mut profile);
    let found = texts.get(&language).or_else(|| texts.get(""));
    Ok(found.cloned().unwrap_or_default())
}

/// Two letters, or none for everybody.
pub(super) fn language(params: &Params) -> Result<String, ApiError> {
    let language = params.text("language_code").into_owned();
    if language.is_empty() || language.len() == 2 && language.bytes().all(|b| b.is_ascii_lowercase()) {
        Ok(language)
    } else {
        Err(ApiError::bad("Invalid language code specified"))
    }
}

pub(super) fn set_name(cx: &Cx<'_>, params: &Params) -> Answer {
    set(cx, params, "name", 64, |p| &mut p.name)
}

pub(super) fn get_name(cx: &Cx<'_>, params: &Params) -> Answer {
    let name = get(cx, params, |p| &mut p.name)?;
    let name = if name.is_empty() { cx.bot.user().first_name } else { name };
    ok(&json!({ "name": name }))
}

pub(super) fn set_description(cx: &Cx<'_>, params: &Params) -> Answer {
    set(cx, params, "description", 512, |p| &mut p.description)
}

pub(super) fn get_description(cx: &Cx<'_>, params: &Params) -> Answer {
    ok(&json!({ "description": get(cx, params, |p| &mut p.description)? }))
}

pub(super) fn set_short_description(cx: &Cx<'_>, params: &Params) -> Answer {
    set(cx, params, "short_description", 120, |p| &mut p.short_description)
}

pub(super) fn get_short_description(cx: &Cx<'_>, params: &Params) -> Answer {
    ok(&json!({ "short_description": get(cx, params, |p| &mut p.short_description)? }))
}

/// Accepted and forgotten: the chat page has its own menu.
pub(super) fn set_menu_button(_: &Cx<'_>, _: &Params) -> Answer {
    done()
}

pub(super) fn log_out(_: &Cx<'_>, _: &Params) -> Answer {
    done()
}

pub(super) fn close(_: &Cx<'_>, _: &Params) -> Answer {
    done()
}
