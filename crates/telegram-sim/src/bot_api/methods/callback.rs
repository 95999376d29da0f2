//! `answerCallbackQuery`.

use super::Cx;
use crate::bot_api::params::Params;
use crate::bot_api::reply::{Answer, ApiError, done};
use crate::state::{self, ChatKey};
use crate::sync::lock;
use crate::text::{checked_url, utf16_len};

pub(super) const TOO_OLD: &str = "query is too old and response timeout expired or query ID is invalid";

pub(super) fn answer_callback_query(cx: &Cx<'_>, params: &Params) -> Answer {
    let id = params.text("callback_query_id");
    let text = params.text("text");
    if utf16_len(&text) > 200 {
        return Err(ApiError::bad("MESSAGE_TOO_LONG"));
    }
    let url = params.text("url");
    if !url.is_empty() && checked_url(&url).is_none() {
        return Err(ApiError::bad("URL_INVALID"));
    }
    let answer = state::Answer {
        text: text.into_owned(),
        show_alert: params.flag("show_alert"),
        url: url.into_owned(),
    };
    let oldest = cx.sim.options.clock.now_ms()
        - i64::try_from(cx.sim.options.callback_timeout.as_millis()).unwrap_or(i64::MAX / 2);
    let person = {
        let mut callbacks = lock(&cx.bot.callbacks);
        match callbacks.get_mut(&id) {
            Some(callback) if callback.at_ms >= oldest => {
                callback.answer = Some(answer.clone());
                callback.person
            }
            None if cx.sim.options.lean => return done(),
            _ => return Err(ApiError::bad(TOO_OLD)),
        }
    };
    let told = serde_json::json!({ "id": id, "text": answer.text, "show_alert": answer.show_alert, "url": answer.url });
    cx.sim.live.whisper(ChatKey::of(cx.bot.id, person), person, "callback_answer", "answer", told);
    done()
}
