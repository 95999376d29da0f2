//! What became of a call that did not succeed.

use std::time::Duration;

use classify::{Class, Classify};

use super::lost::{Lost, NotSent};

/// Why a chat does not accept the bot's messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// The person blocked the bot.
    ByUser,
    /// The bot was removed from the group or channel, or is not a member of it.
    Kicked,
    /// The account is deleted.
    Deactivated,
    /// The person never wrote to the bot, or is a bot.
    NeverStarted,
    /// Another 403.
    Other,
}

/// What became of a call that did not succeed. [`certainly_not_done`](Self::certainly_not_done) decides
/// whether repeating it can do something twice.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// 429. Nothing was done; nothing is to be sent (to this chat, or at all) before this time has passed.
    #[error("telegram asks to wait {} s", .0.as_secs())]
    RetryAfter(Duration),
    /// 403. This chat gets no message from this bot until its people change that.
    #[error("the chat does not accept messages of this bot ({0:?})")]
    Blocked(Block),
    #[error("telegram knows no such chat")]
    ChatNotFound,
    /// The group became a supergroup; it goes on under this id.
    #[error("the group has become the supergroup {0}")]
    ChatMigrated(i64),
    /// 400, 413 and their like: the request as it is will never be accepted. The text is Telegram's.
    #[error("telegram refused the call: {0}")]
    Refused(String),
    /// 401 or 404: no bot has this token.
    #[error("telegram does not accept the token of the bot")]
    Unauthorized,
    /// 409: another program fetches this bot's updates, or a webhook is set.
    #[error("another program uses this bot: {0}")]
    Conflict(String),
    /// The server, or a proxy before it, failed with this status. Rarely, it has done the work nevertheless.
    #[error("the bot api server failed with status {0}")]
    Server(u16),
    /// No connection: safe to repeat.
    #[error("the call was not sent")]
    NotSent(#[source] NotSent),
    /// The call may or may not have taken effect. Telegram takes no idempotency key, so repeating it may
    /// show a person the same message twice.
    #[error("it is unknown whether the call took effect")]
    Unknown(#[source] Lost),
    /// The request can not be written as JSON, or the file as multipart.
    #[error("the request can not be encoded")]
    Encode(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl SendError {
    /// Whether the call certainly had no effect, so that repeating it can not do anything twice.
    #[must_use]
    pub const fn certainly_not_done(&self) -> bool {
        !matches!(self, Self::Unknown(_) | Self::Server(_))
    }

    /// Whether nobody knows what became of the call: no answer came, or something before Telegram answered in
    /// its place that none came (502, 504, 520, 524, …). 503 is a refusal, 500 and 501 are Telegram's own word
    /// that it failed: to repeat those is no more dangerous than the first time.
    #[must_use]
    pub const fn outcome_is_unknown(&self) -> bool {
        match self {
            Self::Unknown(_) => true,
            Self::Server(status) => *status >= 502 && *status != 503,
            _ => false,
        }
    }

    /// How long Telegram asks us to wait.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RetryAfter(wait) => Some(*wait),
            _ => None,
        }
    }

    /// An edit changed nothing: what was wanted is already there.
    #[must_use]
    pub fn is_not_modified(&self) -> bool {
        self.refused_with("message is not modified")
    }

    /// The message to edit, delete or react to is gone, or too old to be changed.
    #[must_use]
    pub fn is_message_gone(&self) -> bool {
        [
            "message to edit not found",
            "message to delete not found",
            "message to react not found",
            "message_id_invalid",
        ]
        .iter()
        .chain(&["message can't be edited", "message can't be deleted"])
        .any(|text| self.refused_with(text))
    }

    /// A button press was answered too late (or twice): there is nothing left to answer.
    #[must_use]
    pub fn is_query_expired(&self) -> bool {
        self.refused_with("query is too old")
    }

    /// The mark-up or the entities of a text are broken; the same text without them may pass.
    #[must_use]
    pub fn is_bad_markup(&self) -> bool {
        self.refused_with("can't parse entities")
    }

    /// The topic named does not exist or is closed; the same message without it may pass.
    #[must_use]
    pub fn is_topic_gone(&self) -> bool {
        self.refused_with("message thread not found") || self.refused_with("topic_closed")
    }

    fn refused_with(&self, text: &str) -> bool {
        matches!(self, Self::Refused(said) if said.to_ascii_lowercase().contains(text))
    }

    /// One word for metrics.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::RetryAfter(_) => "retry_after",
            Self::Blocked(_) => "blocked",
            Self::ChatNotFound => "chat_not_found",
            Self::ChatMigrated(_) => "chat_migrated",
            Self::Refused(_) => "refused",
            Self::Unauthorized => "unauthorized",
            Self::Conflict(_) => "conflict",
            Self::Server(_) => "server",
            Self::NotSent(_) => "not_sent",
            Self::Unknown(_) => "unknown",
            Self::Encode(_) => "encode",
        }
    }
}

impl From<reqwest::Error> for SendError {
    fn from(error: reqwest::Error) -> Self {
        match super::lost::sort(error) {
            Ok(not_sent) => Self::NotSent(not_sent),
            Err(lost) => Self::Unknown(lost),
        }
    }
}

impl Classify for SendError {
    /// `Unknown` counts as transient: losing an answer is worse than, rarely, saying it twice. Who thinks
    /// otherwise of one method looks at the variant.
    fn class(&self) -> Class {
        match self {
            Self::RetryAfter(_) | Self::Server(_) | Self::NotSent(_) | Self::Unknown(_) => Class::Transient,
            Self::Conflict(_) => Class::Conflict,
            Self::ChatNotFound | Self::ChatMigrated(_) => Class::NotFound,
            Self::Refused(_) => Class::Invalid,
            Self::Blocked(_) | Self::Unauthorized => Class::Denied,
            Self::Encode(_) => Class::Permanent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_refusals_are_recognised() {
        let refused = |text: &str| SendError::Refused(text.to_owned());
        assert!(refused("Bad Request: message is not modified: specified new").is_not_modified());
        assert!(refused("Bad Request: message to edit not found").is_message_gone());
        assert!(refused("Bad Request: MESSAGE_ID_INVALID").is_message_gone());
        assert!(refused("Bad Request: query is too old and response timeout expired").is_query_expired());
        assert!(refused("Bad Request: can't parse entities: Unsupported start tag").is_bad_markup());
        assert!(refused("Bad Request: message thread not found").is_topic_gone());
        assert!(!refused("Bad Request: message text is empty").is_not_modified());
    }

    #[test]
    fn only_what_may_have_happened_is_uncertain() {
        assert!(!SendError::Unknown(Lost::Timeout).certainly_not_done());
        assert!(!SendError::Server(502).certainly_not_done());
        assert!(SendError::RetryAfter(Duration::from_secs(1)).certainly_not_done());
        assert!(SendError::ChatNotFound.certainly_not_done());
    }

    #[test]
    fn what_a_proxy_says_in_telegrams_place_leaves_the_outcome_unknown() {
        for status in [502, 504, 520, 522, 524, 599] {
            let error = SendError::Server(status);
            assert!(error.outcome_is_unknown() && !error.certainly_not_done(), "{status}");
        }
        for status in [500, 501, 503] {
            assert!(!SendError::Server(status).outcome_is_unknown(), "{status}");
        }
        assert!(SendError::Unknown(Lost::Timeout).outcome_is_unknown());
        assert!(!SendError::ChatNotFound.outcome_is_unknown());
    }

    #[test]
    fn classes_follow_what_a_retry_can_change() {
        assert_eq!(SendError::RetryAfter(Duration::from_secs(1)).class(), Class::Transient);
        assert_eq!(SendError::Blocked(Block::ByUser).class(), Class::Denied);
        assert_eq!(SendError::ChatMigrated(-100).class(), Class::NotFound);
        assert_eq!(SendError::Refused(String::new()).class(), Class::Invalid);
        assert_eq!(SendError::Conflict(String::new()).class(), Class::Conflict);
    }
}
