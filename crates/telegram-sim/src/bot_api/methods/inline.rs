//! `answerInlineQuery`, as far as results are articles.

use std::collections::HashSet;

use serde_json::Value;

use super::Cx;
use super::callback::TOO_OLD;
use crate::bot_api::params::Params;
use crate::bot_api::reply::{Answer, ApiError, done};
use crate::sync::lock;
use crate::text::utf16_len;

const MOST: usize = 50;

pub(super) fn answer_inline_query(cx: &Cx<'_>, params: &Params) -> Answer {
    let results =
        params.json("results").map_err(|_| ApiError::bad("Can't parse inline query results JSON object"))?;
    let results =
        results.ok_or_else(|| ApiError::bad("Can't parse inline query results: Expected an Array"))?;
    let list =
        results.as_array().ok_or_else(|| ApiError::bad("Expected an Array of inline query results"))?;
    if list.len() > MOST {
        return Err(ApiError::bad("RESULTS_TOO_MUCH"));
    }
    let mut ids = HashSet::new();
    for result in list {
        check(result)?;
        if !ids.insert(result["id"].as_str()) {
            return Err(ApiError::bad("RESULT_ID_DUPLICATE"));
        }
    }
    let oldest = cx.sim.options.clock.now_ms()
        - i64::try_from(cx.sim.options.callback_timeout.as_millis()).unwrap_or(i64::MAX / 2);
    let mut inline = lock(&cx.bot.inline);
    match inline.get_mut(&params.text("inline_query_id")) {
        Some(query) if query.at_ms >= oldest => {
            query.results = Some(results.clone().into_owned());
            done()
        }
        _ => Err(ApiError::bad(TOO_OLD)),
    }
}

fn check(result: &Value) -> Result<(), ApiError> {
    let missing =
        |name: &str| ApiError::bad(&format!("Can't parse inline query result: Can't find field \"{name}\""));
    if result["type"] != "article" {
        return Err(ApiError::bad("Can't parse inline query result: the simulator takes articles only"));
    }
    let id = result["id"].as_str().ok_or_else(|| missing("id"))?;
    if !(1..=64).contains(&id.len()) {
        return Err(ApiError::bad("RESULT_ID_INVALID"));
    }
    result["title"].as_str().filter(|title| !title.is_empty()).ok_or_else(|| missing("title"))?;
    let text =
        result["input_message_content"]["message_text"].as_str().ok_or_else(|| missing("message_text"))?;
    match utf16_len(text) {
        0 => Err(ApiError::bad("message text is empty")),
        1..=4096 => Ok(()),
        _ => Err(ApiError::bad("message is too long")),
    }
}
