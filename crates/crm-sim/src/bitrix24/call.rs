//! A call as it came in.

use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde_json::{Map, Value};

use super::params::nested;
use super::problem::Problem;
use super::state::{State, param};

/// By what a caller is let in.
pub(super) enum Way {
    Webhook { user: String, secret: String },
    Token(String),
}

impl Way {
    pub(super) fn check(&self, state: &State) -> Result<(), Problem> {
        match self {
            Self::Webhook { user, secret } => {
                let right = *user == state.options.user.to_string() && *secret == state.options.secret;
                let wrong = || Problem::new(401, "NO_AUTH_FOUND", "Wrong authorization data");
                if right { Ok(()) } else { Err(wrong()) }
            }
            Self::Token(token) => state.tokens.check(token, state.now()),
        }
    }
}

pub(super) enum Call {
    Method {
        name: String,
        way: Way,
        params: Value,
    },
    /// To the server that gives out tokens.
    Token(Value),
    Unknown,
}

impl Call {
    pub(super) fn new(parts: &Parts, body: &[u8]) -> Self {
        let params = params(parts, body);
        let path = parts.uri.path().trim_matches('/');
        match path.split('/').collect::<Vec<_>>().as_slice() {
            ["oauth", "token"] => Self::Token(params),
            ["rest", name] => {
                let token = param(&params, "auth").as_str().unwrap_or("").to_owned();
                Self::Method { name: method(name), way: Way::Token(token), params }
            }
            ["rest", user, secret, name] => {
                let way = Way::Webhook { user: (*user).to_owned(), secret: (*secret).to_owned() };
                Self::Method { name: method(name), way, params }
            }
            _ => Self::Unknown,
        }
    }
}

fn method(name: &str) -> String {
    name.strip_suffix(".json").unwrap_or(name).to_lowercase()
}

/// Of the address and of the body, which is JSON or a form.
fn params(parts: &Parts, body: &[u8]) -> Value {
    let Value::Object(mut all) = nested(parts.uri.query().unwrap_or("")) else {
        return Value::Object(Map::new());
    };
    if parts.method == Method::POST {
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
        let body = match kind.starts_with("application/json") {
            true => serde_json::from_slice(body).unwrap_or(Value::Null),
            false => nested(&String::from_utf8_lossy(body)),
        };
        if let Value::Object(body) = body {
            all.extend(body);
        }
    }
    Value::Object(all)
}
