//! A call as it came in.

use axum::extract::Query;
use axum::http::header::{AUTHORIZATION, USER_AGENT};
use axum::http::request::Parts;
use serde_json::Value;

pub(super) struct Call {
    pub(super) method: String,
    path: String,
    query: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) user_agent: String,
    pub(super) token: String,
}

impl Call {
    pub(super) fn new(parts: &Parts, body: Vec<u8>) -> Self {
        let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
        let query = Query::try_from_uri(&parts.uri).map(|Query(query)| query).unwrap_or_default();
        Self {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query,
            body,
            user_agent: header(USER_AGENT).to_owned(),
            token: header(AUTHORIZATION).strip_prefix("Bearer ").unwrap_or("").to_owned(),
        }
    }

    /// `POST /api/v4/leads`
    pub(super) fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(super) fn segments(&self) -> Vec<&str> {
        self.path.trim_matches('/').split('/').collect()
    }

    pub(super) fn gives_tokens(&self) -> bool {
        self.segments() == ["oauth2", "access_token"]
    }

    pub(super) fn writes(&self) -> bool {
        self.method != "GET"
    }

    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The numbers of `filter[id]`, which is written in several ways.
    pub(super) fn filtered_ids(&self) -> Option<Vec<i64>> {
        let ids: Vec<i64> = self
            .query
            .iter()
            .filter(|(key, _)| key.starts_with("filter[id]"))
            .filter_map(|(_, value)| value.parse().ok())
            .collect();
        (!ids.is_empty()).then_some(ids)
    }

    /// Whether it asks for `what` to come along.
    pub(super) fn with(&self, what: &str) -> bool {
        self.param("with").is_some_and(|with| with.split(',').any(|one| one.trim() == what))
    }

    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}
