//! What the jobs that call Telegram carry.

use std::time::Duration;

use classify::Failure;
use events::Trail;
use ids::{ConversationId, Pii, RequestId};
use jobs::NewJob;
use serde::{Deserialize, Serialize};
use telegram::client::InlineArticle;

use crate::domain::{Button, Given, Outgoing, Place, Source};
use crate::store::conversation::ChatKey;

/// The queue of [`Send`].
pub(crate) const SEND: &str = "bot.send";
/// The queue of [`Notice`].
pub(crate) const NOTICE: &str = "bot.notice";

/// UTF-16 units of one message.
const MOST: usize = 4096;

/// One message to one chat. Keyed by chat: a chat's messages go out one after the other.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Send {
    pub(crate) bot: String,
    pub(crate) chat_id: i64,
    pub(crate) is_group: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) topic: Option<i64>,
    pub(crate) conversation_id: ConversationId,
    /// At most 4,096 UTF-16 units.
    pub(crate) text: Pii<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) buttons: Vec<Vec<Button>>,
    pub(crate) source: Source,
    /// Which answer of the FAQ it is, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) given: Option<Given>,
    /// The person's message that it answers; 0 where there is none.
    #[serde(default)]
    pub(crate) answers: i64,
    #[serde(default, skip_serializing_if = "Place::is_below")]
    pub(crate) place: Place,
    /// The question whose answer it is, parts of which may have been shown: it takes their place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) draft: Option<RequestId>,
    /// Those parts are the message, and what stands in `text` only where there are none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) keeps_draft: bool,
    /// When the update that this answers had reached the gateway. Unix milliseconds.
    pub(crate) received_at_ms: i64,
}

/// What is worth doing only now and only once: an answer to a button or an inline query, "typing…". Never a dead letter.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Notice {
    Callback {
        bot: String,
        callback_id: String,
        text: Option<String>,
        /// When it was wanted, by the clock that later tells whether it is too late. Unix milliseconds; 0 where
        /// an older program wrote it.
        #[serde(default)]
        at_ms: i64,
    },
    Typing {
        bot: String,
        chat_id: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        topic: Option<i64>,
        #[serde(default)]
        at_ms: i64,
    },
    /// What a person is offered who types the bot's name in another chat.
    Inline { bot: String, query_id: String, articles: Vec<InlineArticle>, at_ms: i64 },
    /// The message in a group with parts of an answer that is not wanted any more goes.
    Withdraw { bot: String, chat_id: i64, request_id: RequestId, at_ms: i64 },
}

/// What a message has to do with an answer that was looked on at while it was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Drafted {
    #[default]
    No,
    /// It is that answer.
    Answer(RequestId),
    /// It is what was shown of it.
    Kept(RequestId),
}

/// Where in a chat something is said.
#[derive(Clone, Copy)]
pub(crate) struct Where {
    pub(crate) is_group: bool,
    pub(crate) topic: Option<i64>,
    pub(crate) drafted: Drafted,
}

impl Where {
    /// The chat of a person and the bot.
    pub(crate) const PRIVATE: Self = Self { is_group: false, topic: None, drafted: Drafted::No };
}

impl Notice {
    /// How long ago it was wanted; nothing where that is not known.
    pub(crate) fn age(&self, now_ms: i64) -> Duration {
        let (Self::Callback { at_ms, .. }
        | Self::Typing { at_ms, .. }
        | Self::Inline { at_ms, .. }
        | Self::Withdraw { at_ms, .. }) = self;
        let age_ms = if *at_ms == 0 { 0 } else { now_ms.saturating_sub(*at_ms) };
        Duration::from_millis(u64::try_from(age_ms).unwrap_or(0))
    }
}

/// The jobs of one message; several where it is longer than Telegram takes, the buttons below the last.
pub(crate) fn sends(
    key: &ChatKey,
    conversation_id: ConversationId,
    at: Where,
    outgoing: Outgoing,
    received_at_ms: i64,
    trail: &Trail,
) -> Result<Vec<NewJob>, Failure> {
    let mut parts = telegram::text::split(outgoing.text.expose(), MOST);
    let last = parts.pop().unwrap_or_default();
    let queue_key = events::Key::chat(&key.bot, key.chat_id);
    // What does not fit into the place of one message goes on below it.
    let mut place = outgoing.place;
    let mut drafted = at.drafted;
    let mut job = |text: String, buttons| {
        let drafted = std::mem::take(&mut drafted);
        let send = Send {
            bot: key.bot.clone(),
            chat_id: key.chat_id,
            is_group: at.is_group,
            topic: at.topic,
            conversation_id,
            text: Pii::new(text),
            buttons,
            source: outgoing.source,
            given: outgoing.given.clone(),
            answers: outgoing.to,
            place: std::mem::take(&mut place),
            draft: match drafted {
                Drafted::No => None,
                Drafted::Answer(request) | Drafted::Kept(request) => Some(request),
            },
            keeps_draft: matches!(drafted, Drafted::Kept(_)),
            received_at_ms,
        };
        NewJob::json(SEND, queue_key.as_str(), &send, trail.clone())
    };
    let mut jobs = Vec::with_capacity(parts.len() + 1);
    for part in parts {
        jobs.push(job(part.into(), Vec::new())?);
    }
    jobs.push(job(last.into(), outgoing.buttons)?);
    Ok(jobs)
}

/// The job of a notice. Each has a key of its own: none waits for another.
pub(crate) fn notice(key: String, notice: &Notice, trail: &Trail) -> Result<NewJob, Failure> {
    NewJob::json(NOTICE, key, notice, trail.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_age_of_a_notice_is_told_by_one_clock() {
        let wanted = |at_ms| Notice::Typing { bot: "b".to_owned(), chat_id: 7, topic: None, at_ms };
        assert_eq!(wanted(1_000).age(21_000), Duration::from_secs(20));
        // Another process' clock is a little ahead.
        assert_eq!(wanted(21_000).age(1_000), Duration::ZERO);
        let older: Notice = serde_json::from_str(r#"{"typing":{"bot":"b","chat_id":7}}"#).unwrap();
        assert_eq!(older.age(21_000), Duration::ZERO);
    }
}
