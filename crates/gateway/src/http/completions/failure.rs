//! What goes wrong, in the shape and with the words that OpenAI's clients know.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rpc::llm::CallFailure;
use rpc::llm::call_failure::Reason;
use serde::Serialize;
use utoipa::ToSchema;

/// A request that is refused or failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failed {
    pub(super) status: StatusCode,
    pub(super) error: Box<ErrorObject>,
    retry_after: Option<u64>,
    /// Trying again does not help, whatever a client thinks of the status.
    is_final: bool,
}

/// What an error is, in OpenAI's shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ErrorObject {
    /// For people.
    pub(super) message: String,
    /// `invalid_request_error`, `insufficient_quota`, `rate_limit_error` or `server_error`.
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    /// Which field of the request is wrong.
    pub(super) param: Option<String>,
    /// For programs.
    pub(super) code: &'static str,
    /// When the budget that is used up begins anew, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resets_at: Option<String>,
}

/// The body of a refusal.
#[derive(Serialize, ToSchema)]
pub(crate) struct ErrorBody<'a> {
    #[schema(inline)]
    error: &'a ErrorObject,
}

const INVALID: &str = "invalid_request_error";
const SERVER: &str = "server_error";

impl Failed {
    fn new(status: StatusCode, kind: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        let error = ErrorObject { message: message.into(), kind, param: None, code, resets_at: None };
        Self { status, error: Box::new(error), retry_after: None, is_final: false }
    }

    /// 400: this field is wrong.
    pub(super) fn field(param: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        let param = Some(param.into()).filter(|param| !param.is_empty());
        let mut failed = Self::new(StatusCode::BAD_REQUEST, INVALID, code, message);
        failed.error.param = param;
        failed
    }

    /// 401: nobody we know.
    pub(super) fn unknown_key() -> Self {
        let message =
            "the API key is missing, wrong, expired or revoked; send it as Authorization: Bearer drg_…";
        Self::new(StatusCode::UNAUTHORIZED, INVALID, "invalid_api_key", message)
    }

    /// 403: not with this key.
    pub(super) fn not_allowed(model: &str) -> Self {
        let message = format!("this API key may not use the model {}", brief(model));
        let mut failed = Self::new(StatusCode::FORBIDDEN, INVALID, "model_not_allowed", message);
        failed.error.param = Some("model".to_owned());
        failed
    }

    /// 404: no such model.
    pub(crate) fn unknown_model(model: &str) -> Self {
        let message = format!("there is no model {}; GET /v1/models lists them", brief(model));
        let mut failed = Self::new(StatusCode::NOT_FOUND, INVALID, "model_not_found", message);
        failed.error.param = Some("model".to_owned());
        failed
    }

    /// 408: the body did not come.
    pub(super) fn body_too_slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, INVALID, "request_timeout", "the body did not arrive in time")
    }

    /// 413.
    pub(super) fn body_too_large(most: usize) -> Self {
        let message = format!("the request is longer than {} MiB", most / 1024 / 1024);
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, INVALID, "request_too_large", message)
    }

    /// 503: more at once than are let in.
    pub(super) fn overloaded() -> Self {
        let message = "too many requests are under way; try again in a moment";
        Self::unavailable("overloaded", message)
    }

    /// 503: something of ours does not answer.
    pub(super) fn unavailable(code: &'static str, message: &str) -> Self {
        let failed = Self::new(StatusCode::SERVICE_UNAVAILABLE, SERVER, code, message);
        Self { retry_after: Some(1), ..failed }
    }

    /// What the model worker says of a call.
    pub(crate) fn of_call(failure: &CallFailure, model: &str, now_ms: i64) -> Self {
        let message = failure.message.as_str();
        let asked = u64::try_from(failure.retry_after_ms).unwrap_or(0).div_ceil(1000);
        match failure.reason() {
            Reason::UnknownModel => Self::unknown_model(model),
            Reason::Invalid => Self::field(failure.field.as_str(), "invalid_value", message),
            Reason::TooLong => Self::field("messages", "context_length_exceeded", message),
            Reason::Budget => Self::budget(failure, now_ms),
            Reason::RateLimited => {
                let status = StatusCode::TOO_MANY_REQUESTS;
                let failed = Self::new(status, "rate_limit_error", "rate_limit_exceeded", message);
                Self { retry_after: Some(asked.max(1)), ..failed }
            }
            Reason::Busy => {
                let failed = Self::unavailable("unavailable", message);
                Self { retry_after: Some(asked.max(1)), ..failed }
            }
            Reason::TimedOut => Self::new(StatusCode::GATEWAY_TIMEOUT, SERVER, "timeout", message),
            Reason::Provider => Self::new(StatusCode::BAD_GATEWAY, SERVER, "provider_error", message),
            Reason::Unspecified => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, SERVER, "internal_error", message)
            }
        }
    }

    fn budget(failure: &CallFailure, now_ms: i64) -> Self {
        let code = "insufficient_quota";
        let mut failed = Self::new(StatusCode::TOO_MANY_REQUESTS, code, code, failure.message.as_str());
        failed.is_final = true;
        let left = u64::try_from(failure.resets_at_ms.saturating_sub(now_ms)).unwrap_or(0);
        if failure.resets_at_ms > 0 {
            failed.retry_after = Some(left.div_ceil(1000).max(1));
            let at = ids::Timestamp::from_millisecond(failure.resets_at_ms).ok();
            failed.error.resets_at = at.map(|at| at.to_string());
        }
        failed
    }

    /// Whether trying again does not help, or would be paid for once more: what failed at the provider was repeated
    /// already where that is of use.
    fn is_final(&self) -> bool {
        self.is_final || matches!(self.status, StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT)
    }

    /// `{"error": …}`
    pub(super) fn json(&self) -> Vec<u8> {
        serde_json::to_vec(&ErrorBody { error: &self.error }).unwrap_or_default()
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let (status, code) = (self.status.as_u16(), self.error.code);
        // Not the text: it may repeat what the caller wrote.
        if self.status.is_server_error() {
            tracing::warn!(status, code, "a completion failed");
        } else {
            tracing::debug!(status, code, "a completion was refused");
        }
        let is_final = self.is_final();
        let mut response = (self.status, self.json()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let realm = HeaderValue::from_static("Bearer realm=\"dragoman\"");
            headers.insert(header::WWW_AUTHENTICATE, realm);
        }
        if is_final {
            // OpenAI's clients try a 429 and every 5xx again by themselves unless they are told this.
            headers.insert("x-should-retry", HeaderValue::from_static("false"));
        }
        response
    }
}

/// A name that somebody sent, fit to be repeated.
fn brief(name: &str) -> String {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
    format!("\"{shown}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_status_and_code() {
        let told = |reason: Reason| {
            let failure = CallFailure {
                reason: reason.into(),
                message: "why".to_owned(),
                field: "top_p".to_owned(),
                retry_after_ms: 1_200,
                resets_at_ms: 90_000,
            };
            let failed = Failed::of_call(&failure, "a/b", 30_500);
            let (status, kind, code, after) =
                (failed.status.as_u16(), failed.error.kind, failed.error.code, failed.retry_after);
            // What may have been paid for is not to be repeated by a client on its own.
            let again = failed.into_response().headers().get("x-should-retry").is_none();
            assert_eq!(
                again,
                !matches!(reason, Reason::Budget | Reason::TimedOut | Reason::Provider),
                "{code}"
            );
            (status, kind, code, after)
        };
        assert_eq!(told(Reason::UnknownModel), (404, INVALID, "model_not_found", None));
        assert_eq!(told(Reason::Invalid), (400, INVALID, "invalid_value", None));
        assert_eq!(told(Reason::TooLong), (400, INVALID, "context_length_exceeded", None));
        let quota = "insufficient_quota";
        assert_eq!(told(Reason::Budget), (429, quota, quota, Some(60)));
        assert_eq!(told(Reason::RateLimited), (429, "rate_limit_error", "rate_limit_exceeded", Some(2)));
        assert_eq!(told(Reason::Busy), (503, SERVER, "unavailable", Some(2)));
        assert_eq!(told(Reason::TimedOut), (504, SERVER, "timeout", None));
        assert_eq!(told(Reason::Provider), (502, SERVER, "provider_error", None));
        assert_eq!(told(Reason::Unspecified), (500, SERVER, "internal_error", None));
    }

    #[test]
    fn the_body_is_what_clients_of_openai_read() {
        let failed = Failed::field("messages[0].role", "invalid_value", "no such role");
        let body: serde_json::Value = serde_json::from_slice(&failed.json()).unwrap();
        let expected = serde_json::json!({"error": {
            "message": "no such role", "type": INVALID, "param": "messages[0].role", "code": "invalid_value"
        }});
        assert_eq!(body, expected);
        assert!(Failed::unknown_model("a\nb").error.message.contains("\"ab\""));
    }
}
