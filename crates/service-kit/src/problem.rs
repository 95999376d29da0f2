//! Answers that say what went wrong (RFC 9457), made from the class of an error. The table below is the one
//! place that turns a class into an HTTP status, a gRPC code and a log level.

use axum::response::{IntoResponse, Response};
use classify::{Class, Classify, Failure};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use serde_json::{Map, Value, json};
use tonic::{Code, Status};
use tracing::Level;

/// How the edge answers a class of failure.
struct Row {
    class: Class,
    status: StatusCode,
    code: Code,
    level: Level,
    title: &'static str,
    /// Seconds after which a retry has a chance.
    retry_after: Option<u32>,
    /// Whether the caller is told the error's own text. Not where it would speak of our inside.
    tells: bool,
}

#[rustfmt::skip]
const TABLE: [Row; 6] = [
    Row { class: Class::Transient, status: StatusCode::SERVICE_UNAVAILABLE,   code: Code::Unavailable,      level: Level::WARN,  title: "not available now",     retry_after: Some(1), tells: false },
    Row { class: Class::Conflict,  status: StatusCode::CONFLICT,              code: Code::Aborted,          level: Level::INFO,  title: "conflict",              retry_after: None,    tells: true },
    Row { class: Class::NotFound,  status: StatusCode::NOT_FOUND,             code: Code::NotFound,         level: Level::DEBUG, title: "not found",             retry_after: None,    tells: true },
    Row { class: Class::Invalid,   status: StatusCode::BAD_REQUEST,           code: Code::InvalidArgument,  level: Level::INFO,  title: "invalid request",       retry_after: None,    tells: true },
    Row { class: Class::Denied,    status: StatusCode::FORBIDDEN,             code: Code::PermissionDenied, level: Level::WARN,  title: "not allowed",           retry_after: None,    tells: true },
    Row { class: Class::Permanent, status: StatusCode::INTERNAL_SERVER_ERROR, code: Code::Internal,         level: Level::ERROR, title: "internal error",        retry_after: None,    tells: false },
];

fn row(class: Class) -> &'static Row {
    // Every class has a row (a test says so); the last is what an unknown failure would be.
    TABLE.iter().find(|row| row.class == class).unwrap_or(&TABLE[5])
}

/// What a gRPC answer of another role means here.
#[must_use]
pub fn class_of_code(code: Code) -> Class {
    match code {
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::ResourceExhausted => {
            Class::Transient
        }
        Code::Aborted | Code::AlreadyExists => Class::Conflict,
        Code::NotFound => Class::NotFound,
        Code::InvalidArgument | Code::OutOfRange | Code::FailedPrecondition => Class::Invalid,
        Code::PermissionDenied | Code::Unauthenticated => Class::Denied,
        _ => Class::Permanent,
    }
}

/// An answer to a request that failed: `Result<T, Problem>` is what an endpoint returns, and `?` makes one
/// from any error that knows its class. It is logged once, when it becomes a response, with every cause.
#[derive(Debug)]
pub struct Problem {
    class: Class,
    status: StatusCode,
    code: Code,
    title: &'static str,
    detail: Option<String>,
    retry_after: Option<u32>,
    header: Option<(HeaderName, HeaderValue)>,
    extra: Map<String, Value>,
    /// For the log alone.
    cause: Option<String>,
}

impl Problem {
    fn of_class(class: Class) -> Self {
        let row = row(class);
        Self {
            class,
            status: row.status,
            code: row.code,
            title: row.title,
            detail: None,
            retry_after: row.retry_after,
            header: None,
            extra: Map::new(),
            cause: None,
        }
    }

    /// A problem with a text for the caller, which is shown whatever the class.
    pub fn new(class: Class, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::of_class(class) }
    }

    fn caused(class: Class, text: String, chain: String) -> Self {
        let detail = row(class).tells.then_some(text);
        Self { detail, cause: Some(chain), ..Self::of_class(class) }
    }

    /// From an error whose type is forgotten.
    #[must_use]
    pub fn of(failure: &Failure) -> Self {
        let chain = failure.chain();
        Self::caused(failure.class(), chain.clone(), chain)
    }

    /// 401: who is asking is not known.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            code: Code::Unauthenticated,
            title: "who are you?",
            header: Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"dragoman\""))),
            ..Self::new(Class::Denied, detail)
        }
    }

    /// 422: it is well-formed, and wrong.
    pub fn unprocessable(detail: impl Into<String>) -> Self {
        Self::new(Class::Invalid, detail).with_status(StatusCode::UNPROCESSABLE_ENTITY, "not acceptable")
    }

    /// 413: the body is longer than this endpoint takes.
    #[must_use]
    pub fn too_large() -> Self {
        Self::new(Class::Invalid, "the body is too long")
            .with_status(StatusCode::PAYLOAD_TOO_LARGE, "body too long")
    }

    /// Another status of the same class (405, 413, 415).
    #[must_use]
    pub fn with_status(mut self, status: StatusCode, title: &'static str) -> Self {
        self.status = status;
        self.title = title;
        self
    }

    /// Seconds until a retry has a chance.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// A member of the answer beside the standard ones.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(name.to_owned(), value.into());
        self
    }

    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    #[must_use]
    pub const fn class(&self) -> Class {
        self.class
    }

    fn level(&self) -> Level {
        // Anybody on the internet can have as many of these as they like.
        if self.status == StatusCode::UNAUTHORIZED { Level::DEBUG } else { row(self.class).level }
    }

    fn log(&self) {
        let (status, class) = (self.status.as_u16(), self.class.as_str());
        let error = self.cause.as_deref().or(self.detail.as_deref()).unwrap_or_default();
        let level = self.level();
        if level == Level::ERROR {
            tracing::error!(status, class, error, "request failed");
        } else if level == Level::WARN {
            tracing::warn!(status, class, error, "request failed");
        } else if level == Level::INFO {
            tracing::info!(status, class, error, "request refused");
        } else {
            tracing::debug!(status, class, error, "request refused");
        }
    }

    fn body(&self) -> Value {
        let mut body = json!({
            "type": format!("urn:dragoman:problem:{}", self.class),
            "title": self.title,
            "status": self.status.as_u16(),
        });
        if let Some(object) = body.as_object_mut() {
            object.extend(self.detail.clone().map(|detail| ("detail".to_owned(), Value::from(detail))));
            object.extend(self.extra.clone());
        }
        body
    }
}

impl<E: Classify> From<E> for Problem {
    fn from(error: E) -> Self {
        Self::caused(error.class(), error.to_string(), classify::chain(&error))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.log();
        let body = self.body().to_string();
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        if let Some((name, value)) = self.header {
            headers.insert(name, value);
        }
        response
    }
}

impl From<Problem> for Status {
    fn from(problem: Problem) -> Self {
        problem.log();
        Self::new(problem.code, problem.detail.as_deref().unwrap_or(problem.title))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    #[derive(Debug, thiserror::Error)]
    #[error("the outer text")]
    struct Sample(Class, #[source] std::io::Error);

    impl Classify for Sample {
        fn class(&self) -> Class {
            self.0
        }
    }

    fn sample(class: Class) -> Sample {
        Sample(class, std::io::Error::other("the inner cause"))
    }

    #[test]
    fn every_row_of_the_table() {
        let mut text = String::new();
        for expected in &TABLE {
            let problem = Problem::from(sample(expected.class));
            let body = problem.body();
            let retry = problem.retry_after.map_or("-".to_owned(), |s| format!("{s} s"));
            let _ = writeln!(
                text,
                "{:9} | {} | {:16} | {:5} | retry {:3} | {body}",
                expected.class.as_str(),
                problem.status.as_u16(),
                format!("{:?}", problem.code),
                row(problem.class).level.as_str(),
                retry,
            );
            assert_eq!(row(expected.class).class, expected.class);
        }
        insta::assert_snapshot!(text);
    }

    #[test]
    fn our_own_failures_do_not_tell_what_is_inside() {
        for class in [Class::Transient, Class::Permanent] {
            let status = Status::from(Problem::from(sample(class)));
            assert!(!status.message().contains("text"), "{status:?}");
        }
        assert_eq!(Status::from(Problem::from(sample(Class::NotFound))).message(), "the outer text");
    }

    #[test]
    fn a_problem_is_answered_with_its_media_type_and_headers() {
        let response = Problem::unauthorized("no token").into_response();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        assert_eq!(response.headers()[WWW_AUTHENTICATE], "Bearer realm=\"dragoman\"");
        let response = Problem::from(sample(Class::Transient)).into_response();
        assert_eq!(response.headers()[RETRY_AFTER], "1");
        assert_eq!(Problem::unprocessable("x").status(), StatusCode::UNPROCESSABLE_ENTITY);
    }

    #[test]
    fn a_stranger_does_not_fill_the_log() {
        assert_eq!(Problem::unauthorized("no token").level(), Level::DEBUG);
        assert_eq!(Problem::new(Class::Denied, "not yours").level(), Level::WARN);
    }

    #[test]
    fn a_code_comes_back_as_the_class_it_was_made_from() {
        for row in &TABLE {
            assert_eq!(class_of_code(row.code), row.class);
        }
        assert_eq!(class_of_code(Code::Unauthenticated), Class::Denied);
    }
}
