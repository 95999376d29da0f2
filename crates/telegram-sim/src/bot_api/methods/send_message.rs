//! `sendMessage`.

use super::{Cx, outgoing};
use crate::bot_api::params::Params;
use crate::bot_api::reply::Answer;

pub(super) fn send_message(cx: &Cx<'_>, params: &Params) -> Answer {
    let text = Cx::message_text(params)?;
    outgoing::send(cx, params, |message| {
        message.text = Some(text.text);
        message.entities = text.entities;
        Ok(())
    })
}
