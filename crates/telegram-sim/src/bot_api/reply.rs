//! The JSON that every method answers with.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use serde::Serialize;

/// What a method says: its result as JSON text, or why not.
pub(crate) type Answer = Result<Success, ApiError>;

#[derive(Debug)]
pub(crate) struct Success {
    /// `{"ok":true,"result":…}`
    pub(crate) body: Bytes,
    /// The message that was made or changed, for the log.
    pub(crate) message_id: Option<i64>,
}

pub(crate) fn ok<T: Serialize + ?Sized>(result: &T) -> Answer {
    let mut body = Vec::with_capacity(256);
    body.extend_from_slice(b"{\"ok\":true,\"result\":");
    serde_json::to_writer(&mut body, result).map_err(|_| ApiError::internal())?;
    body.push(b'}');
    Ok(Success { body: body.into(), message_id: None })
}

/// The answer `true`.
pub(crate) fn done() -> Answer {
    Ok(Success { body: Bytes::from_static(b"{\"ok\":true,\"result\":true}"), message_id: None })
}

/// A message as the result.
pub(crate) fn message(message: &crate::model::Message) -> Answer {
    ok(message).map(|success| Success { message_id: Some(message.message_id), ..success })
}

/// A refusal, in Telegram's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) code: u16,
    pub(crate) description: Cow<'static, str>,
    /// Whole seconds.
    pub(crate) retry_after: Option<u64>,
}

impl ApiError {
    fn new(code: u16, description: impl Into<Cow<'static, str>>) -> Self {
        Self { code, description: description.into(), retry_after: None }
    }

    /// 400. The first letter becomes small, unless it begins a constant such as `BUTTON_DATA_INVALID`.
    pub(crate) fn bad(text: &str) -> Self {
        Self::new(400, with_prefix("Bad Request", text))
    }

    pub(crate) fn forbidden(text: &str) -> Self {
        Self::new(403, with_prefix("Forbidden", text))
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(401, "Unauthorized")
    }

    pub(crate) fn not_found(description: &'static str) -> Self {
        Self::new(404, description)
    }

    pub(crate) fn conflict(description: &'static str) -> Self {
        Self::new(409, description)
    }

    pub(crate) fn too_large() -> Self {
        Self::new(413, "Request Entity Too Large")
    }

    pub(crate) fn internal() -> Self {
        Self::new(500, "Internal Server Error")
    }

    pub(crate) fn too_many(retry_after: u64) -> Self {
        let description = format!("Too Many Requests: retry after {retry_after}");
        Self { code: 429, description: description.into(), retry_after: Some(retry_after) }
    }

    /// A failure that somebody ordered.
    pub(crate) fn ordered(code: u16, description: Option<String>, retry_after: Option<u64>) -> Self {
        let retry_after = if code == 429 { Some(retry_after.unwrap_or(1)) } else { retry_after };
        let description = description.unwrap_or_else(|| match (code, retry_after) {
            (429, Some(seconds)) => format!("Too Many Requests: retry after {seconds}"),
            _ => StatusCode::from_u16(code)
                .ok()
                .and_then(|s| s.canonical_reason())
                .unwrap_or("Error")
                .to_owned(),
        });
        Self { code, description: description.into(), retry_after }
    }

    pub(crate) fn body(&self) -> Bytes {
        #[derive(Serialize)]
        struct Wire<'a> {
            ok: bool,
            error_code: u16,
            description: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            parameters: Option<Parameters>,
        }
        #[derive(Serialize)]
        struct Parameters {
            retry_after: u64,
        }
        let parameters = self.retry_after.map(|retry_after| Parameters { retry_after });
        let wire = Wire { ok: false, error_code: self.code, description: &self.description, parameters };
        serde_json::to_vec(&wire).unwrap_or_default().into()
    }
}

fn with_prefix(prefix: &str, text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next();
    let constant = letters.clone().next().is_some_and(|c| c == '_' || c.is_ascii_uppercase());
    match first {
        Some(first) if !constant => format!("{prefix}: {}{}", first.to_ascii_lowercase(), letters.as_str()),
        _ => format!("{prefix}: {text}"),
    }
}

pub(crate) fn http(answer: &Answer) -> Response<Body> {
    let (status, body, retry_after) = match answer {
        Ok(success) => (StatusCode::OK, success.body.clone(), None),
        Err(error) => {
            let status = StatusCode::from_u16(error.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, error.body(), error.retry_after)
        }
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(seconds) = retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_begin_as_telegrams_do() {
        let said = |text| ApiError::bad(text).description.into_owned();
        assert_eq!(said("Message text is empty"), "Bad Request: message text is empty");
        assert_eq!(said("BUTTON_DATA_INVALID"), "Bad Request: BUTTON_DATA_INVALID");
        assert_eq!(said("STICKER"), "Bad Request: STICKER");
    }

    #[test]
    fn a_limit_says_when_to_come_back() {
        let body = ApiError::too_many(7).body();
        let expected = concat!(
            r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","#,
            r#""parameters":{"retry_after":7}}"#
        );
        assert_eq!(body, expected);
    }
}
