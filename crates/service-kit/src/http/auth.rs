//! Who may call: tokens of the API in `Authorization: Bearer`, and the token between roles on gRPC.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use ids::Secret;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tonic::Status;

use crate::Problem;

/// Tokens that open something. Only their SHA-256 is kept. Cheap to clone.
#[derive(Clone)]
pub struct ApiToken(Arc<[[u8; 32]]>);

impl ApiToken {
    /// Any of these opens; an empty one opens nothing.
    pub fn any_of<'a>(tokens: impl IntoIterator<Item = &'a Secret>) -> Self {
        let digest = |token: &Secret| Sha256::digest(token.expose()).into();
        Self(tokens.into_iter().filter(|token| !token.is_empty()).map(digest).collect())
    }

    /// Whether there is any token at all.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        !self.0.is_empty()
    }

    /// Takes as long for a right token as for a wrong one of the same length.
    #[must_use]
    pub fn admits(&self, presented: &str) -> bool {
        let digest: [u8; 32] = Sha256::digest(presented).into();
        // Every one is compared, so that the time does not tell which of them was nearly right.
        self.0.iter().fold(0u8, |found, one| found | one.ct_eq(&digest).unwrap_u8()) == 1
    }

    fn admits_headers(&self, headers: &HeaderMap) -> Result<(), &'static str> {
        match bearer(headers) {
            None => Err("give a token: Authorization: Bearer <token>"),
            Some(token) if self.admits(token) => Ok(()),
            Some(_) => Err("the token is not known"),
        }
    }
}

impl std::fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ApiToken({} known)", self.0.len())
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Lets only callers with a token reach the routes that are there now; others get 401.
pub fn require_token<S: Clone + Send + Sync + 'static>(routes: Router<S>, token: ApiToken) -> Router<S> {
    routes.route_layer(middleware::from_fn(move |request: Request, next: Next| {
        let allowed = token.admits_headers(request.headers());
        async move {
            match allowed {
                Ok(()) => next.run(request).await,
                Err(why) => Problem::unauthorized(why).into_response(),
            }
        }
    }))
}

/// The token that a caller presented, for an endpoint that looks it up itself.
#[derive(Clone, Debug)]
pub struct Bearer(pub Secret);

impl<S: Sync> FromRequestParts<S> for Bearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        bearer(&parts.headers)
            .map(|token| Self(Secret::new(token)))
            .ok_or_else(|| Problem::unauthorized("give a token: Authorization: Bearer <token>"))
    }
}

/// The same for gRPC: a caller without the internal token gets `UNAUTHENTICATED`.
pub(crate) fn guard_grpc(routes: Router, token: &Secret) -> Router {
    let token = ApiToken::any_of([token]);
    routes.route_layer(middleware::from_fn(move |request: Request, next: Next| {
        let allowed = if token.is_configured() {
            token.admits_headers(request.headers())
        } else {
            Err("no [server] internal_token is configured here")
        };
        async move {
            match allowed {
                Ok(()) => next.run(request).await,
                Err(why) => refuse(why),
            }
        }
    }))
}

fn refuse(why: &'static str) -> Response {
    tracing::warn!(why, "gRPC call refused");
    Status::unauthenticated(why).into_http()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::routing::get;
    use http::StatusCode;
    use tower::ServiceExt;

    async fn ask(routes: Router, authorization: Option<&str>) -> (StatusCode, HeaderMap) {
        let mut request = Request::get("/").body(Body::empty()).unwrap();
        if let Some(value) = authorization {
            request.headers_mut().insert(AUTHORIZATION, value.parse().unwrap());
        }
        let response = routes.oneshot(request).await.unwrap();
        (response.status(), response.headers().clone())
    }

    fn routes() -> Router {
        Router::new().route("/", get(|| async { "in" }))
    }

    #[tokio::test]
    async fn only_a_known_token_opens_the_api() {
        let secrets = [Secret::new("one"), Secret::new("two"), Secret::default()];
        let guarded = require_token(routes(), ApiToken::any_of(&secrets));
        for right in ["Bearer one", "bearer two"] {
            assert_eq!(ask(guarded.clone(), Some(right)).await.0, StatusCode::OK);
        }
        for wrong in
            [None, Some("Bearer three"), Some("Bearer "), Some("Bearer"), Some("Basic one"), Some("one")]
        {
            let (status, headers) = ask(guarded.clone(), wrong).await;
            assert_eq!((status, headers.contains_key("www-authenticate")), (StatusCode::UNAUTHORIZED, true));
        }
    }

    #[tokio::test]
    async fn grpc_is_closed_without_the_internal_token() {
        let token = Secret::new("inner");
        let code = |headers: &HeaderMap| headers.get("grpc-status").map(|v| v.to_str().unwrap().to_owned());
        let guarded = guard_grpc(routes(), &token);
        assert_eq!(ask(guarded.clone(), Some("Bearer inner")).await.0, StatusCode::OK);
        assert_eq!(code(&ask(guarded, None).await.1).as_deref(), Some("16"));
        let closed = guard_grpc(routes(), &Secret::default());
        assert_eq!(code(&ask(closed, Some("Bearer ")).await.1).as_deref(), Some("16"));
    }
}
