//! What methods refuse, in the words of the API.

use serde_json::{Value, json};

#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) status: u16,
    code: String,
    said: String,
    /// Of a method that took too long: when it may be called again, in Unix seconds.
    pub(super) reset_at: Option<i64>,
}

impl Problem {
    pub(super) fn new(status: u16, code: &str, said: &str) -> Self {
        Self { status, code: code.to_owned(), said: said.to_owned(), reset_at: None }
    }

    pub(super) fn value(title: &str) -> Self {
        let said = format!("Invalid value for field \"{title}\"");
        Self::new(400, "CRM_FIELD_ERROR_VALUE_NOT_VALID", &said)
    }

    pub(super) fn argument(said: &str) -> Self {
        Self::new(400, "INVALID_ARG_VALUE", said)
    }

    pub(super) fn not_found(said: &str) -> Self {
        Self::new(400, "NOT_FOUND", said)
    }

    pub(super) fn expired() -> Self {
        Self::new(401, "expired_token", "The access token provided has expired.")
    }

    pub(super) fn took_too_long(reset_at: i64) -> Self {
        let said = "Method is blocked due to operation time limit.";
        Self { reset_at: Some(reset_at), ..Self::new(429, "OPERATION_TIME_LIMIT", said) }
    }

    pub(super) fn too_many() -> Self {
        Self::new(503, "QUERY_LIMIT_EXCEEDED", "Too many requests")
    }

    /// What is said where `status` is asked for by a test.
    pub(super) fn of_status(status: u16, now: i64) -> Self {
        match status {
            401 => Self::expired(),
            402 => Self::new(402, "PAYMENT_REQUIRED", "Payment required"),
            403 => Self::new(403, "INVALID_CREDENTIALS", "Invalid request credentials"),
            404 => Self::new(404, "ERROR_METHOD_NOT_FOUND", "Method not found!"),
            405 => Self::new(405, "ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage"),
            429 => Self::took_too_long(now + 300),
            503 => Self::too_many(),
            400..=499 => {
                Self::new(status, "CRM_FIELD_ERROR_VALUE_NOT_VALID", "Invalid value for field \"Name\"")
            }
            _ => Self::new(status, "INTERNAL_SERVER_ERROR", "Internal server error"),
        }
    }

    pub(super) fn json(&self) -> Value {
        json!({ "error": self.code, "error_description": self.said })
    }
}
