//! The envelope every answer of the Bot API comes in, and what an unsuccessful one means.

use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::{Block, SendError};
use super::lost::Lost;

/// When Telegram says "too many requests" without saying for how long.
const DEFAULT_WAIT: Duration = Duration::from_secs(1);

/// A successful answer, not yet read.
pub struct Answer(Bytes);

#[derive(Deserialize)]
struct Success<T> {
    result: T,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    ok: bool,
    error_code: Option<u16>,
    #[serde(borrow)]
    description: Option<std::borrow::Cow<'a, str>>,
    parameters: Option<Parameters>,
}

#[derive(Deserialize, Default)]
struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

impl Answer {
    /// Takes an answer apart as far as to know whether it is a success. `retry_after` is the HTTP header
    /// in seconds.
    pub(super) fn read(status: u16, retry_after: Option<u64>, body: Bytes) -> Result<Self, SendError> {
        let envelope = match serde_json::from_slice::<Envelope<'_>>(&body) {
            Ok(envelope) => envelope,
            Err(error) if (200..300).contains(&status) => {
                return Err(SendError::Unknown(Lost::Answer(error)));
            }
            Err(_) => return Err(without_envelope(status, retry_after)),
        };
        if envelope.ok {
            return Ok(Self(body));
        }
        let parameters = envelope.parameters.unwrap_or_default();
        let code = envelope.error_code.unwrap_or(status);
        let wait = parameters.retry_after.or(retry_after);
        Err(refusal(code, &envelope.description.unwrap_or_default(), wait, parameters.migrate_to_chat_id))
    }

    /// The `result`. The call has been done: what can not be read here is lost knowledge, not a failed call.
    pub fn result<T: DeserializeOwned>(&self) -> Result<T, SendError> {
        serde_json::from_slice::<Success<T>>(&self.0)
            .map(|success| success.result)
            .map_err(|error| SendError::Unknown(Lost::Answer(error)))
    }
}

/// Something between Telegram and us answered.
fn without_envelope(status: u16, retry_after: Option<u64>) -> SendError {
    match status {
        429 => SendError::RetryAfter(retry_after.map_or(DEFAULT_WAIT, Duration::from_secs)),
        500.. => SendError::Server(status),
        _ => SendError::Refused(format!("status {status} without an answer of the bot api")),
    }
}

fn refusal(code: u16, description: &str, wait: Option<u64>, migrated: Option<i64>) -> SendError {
    if let Some(to) = migrated {
        return SendError::ChatMigrated(to);
    }
    let is = |text: &str| description.to_ascii_lowercase().contains(text);
    match code {
        429 => SendError::RetryAfter(wait.map_or(DEFAULT_WAIT, Duration::from_secs)),
        403 => SendError::Blocked(block(description)),
        401 => SendError::Unauthorized,
        // A server that is older than a method says so with the status that a wrong token has.
        404 if !is("method not found") => SendError::Unauthorized,
        409 => SendError::Conflict(description.to_owned()),
        400 if is("chat not found") || is("peer_id_invalid") || is("chat_id_invalid") => {
            SendError::ChatNotFound
        }
        500.. => SendError::Server(code),
        _ => SendError::Refused(description.to_owned()),
    }
}

fn block(description: &str) -> Block {
    let text = description.to_ascii_lowercase();
    let is = |part: &str| text.contains(part);
    if is("blocked by the user") {
        Block::ByUser
    } else if is("deactivated") {
        Block::Deactivated
    } else if is("kicked") || is("not a member") || is("was deleted") {
        Block::Kicked
    } else if is("can't initiate") || is("can't send messages to bots") {
        Block::NeverStarted
    } else {
        Block::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &'static str) -> Result<Answer, SendError> {
        Answer::read(status, Some(7), Bytes::from_static(body.as_bytes()))
    }

    fn error(status: u16, body: &'static str) -> SendError {
        match read(status, body) {
            Ok(_) => panic!("taken as a success: {body}"),
            Err(error) => error,
        }
    }

    #[test]
    fn a_success_gives_its_result() {
        let answer = read(200, r#"{"ok":true,"result":{"a":1}}"#).unwrap();
        assert_eq!(answer.result::<serde_json::Value>().unwrap()["a"], 1);
        assert!(matches!(answer.result::<bool>(), Err(SendError::Unknown(Lost::Answer(_)))));
    }

    #[test]
    fn the_body_says_how_long_to_wait_and_the_header_only_where_it_does_not() {
        let body = r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 3","parameters":{"retry_after":3}}"#;
        assert_eq!(error(429, body).retry_after(), Some(Duration::from_secs(3)));
        assert_eq!(
            error(429, r#"{"ok":false,"error_code":429}"#).retry_after(),
            Some(Duration::from_secs(7))
        );
        assert_eq!(error(429, "<html>").retry_after(), Some(Duration::from_secs(7)));
    }

    #[test]
    fn each_kind_of_forbidden_is_told_apart() {
        for (text, expected) in [
            ("Forbidden: bot was blocked by the user", Block::ByUser),
            ("Forbidden: bot was kicked from the supergroup chat", Block::Kicked),
            ("Forbidden: the group chat was deleted", Block::Kicked),
            ("Forbidden: user is deactivated", Block::Deactivated),
            ("Forbidden: bot can't initiate conversation with a user", Block::NeverStarted),
            ("Forbidden: something new", Block::Other),
        ] {
            assert!(
                matches!(refusal(403, text, None, None), SendError::Blocked(kind) if kind == expected),
                "{text}"
            );
        }
    }

    #[test]
    fn codes_become_what_to_do() {
        let description = |text| refusal(400, text, None, None);
        assert!(matches!(description("Bad Request: chat not found"), SendError::ChatNotFound));
        assert!(matches!(description("Bad Request: message text is empty"), SendError::Refused(_)));
        assert!(matches!(refusal(401, "Unauthorized", None, None), SendError::Unauthorized));
        assert!(matches!(refusal(404, "Not Found", None, None), SendError::Unauthorized));
        assert!(matches!(refusal(404, "Not Found: method not found", None, None), SendError::Refused(_)));
        assert!(matches!(refusal(409, "Conflict: terminated", None, None), SendError::Conflict(_)));
        assert!(matches!(refusal(400, "x", None, Some(-1001)), SendError::ChatMigrated(-1001)));
        assert!(matches!(refusal(500, "Internal", None, None), SendError::Server(500)));
        assert!(matches!(error(502, "<html>bad gateway"), SendError::Server(502)));
        assert!(matches!(error(413, "too large"), SendError::Refused(_)));
        assert!(matches!(error(200, "<html>"), SendError::Unknown(Lost::Answer(_))));
    }
}
