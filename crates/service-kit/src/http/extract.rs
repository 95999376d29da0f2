//! Extractors whose refusals are problem answers. Used in place of axum's of the same names.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use classify::Class;
use http::StatusCode;
use http::request::Parts;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Problem;

/// A JSON body, in or out.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

/// The query of the address.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

/// The variable pieces of the path.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let read = axum::Json::from_request(request, state).await;
        read.map(|axum::Json(value)| Self(value)).map_err(|rejection| of_json(&rejection))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = axum::extract::Query::from_request_parts(parts, state).await;
        let refuse = |rejection: QueryRejection| Problem::new(Class::Invalid, rejection.body_text());
        read.map(|axum::extract::Query(value)| Self(value)).map_err(refuse)
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = axum::extract::Path::from_request_parts(parts, state).await;
        let refuse = |rejection: PathRejection| match rejection.status() {
            status if status.is_server_error() => Problem::new(Class::Permanent, "the path can not be read"),
            // An id that is none names nothing.
            _ => Problem::new(Class::NotFound, rejection.body_text()),
        };
        read.map(|axum::extract::Path(value)| Self(value)).map_err(refuse)
    }
}

fn of_json(rejection: &JsonRejection) -> Problem {
    let (status, text) = (rejection.status(), rejection.body_text());
    match status {
        StatusCode::UNPROCESSABLE_ENTITY => Problem::unprocessable(text),
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Problem::new(Class::Invalid, text).with_status(status, "wrong media type")
        }
        _ => Problem::new(Class::Invalid, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::Body;
    use axum::extract::DefaultBodyLimit;
    use axum::routing::post;
    use tower::ServiceExt;

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Pair {
        a: u32,
    }

    async fn ask(path: &str, media: &str, body: &str) -> u16 {
        async fn echo(Path(_): Path<u32>, Query(q): Query<Pair>, Json(b): Json<Pair>) -> Json<Pair> {
            Json(Pair { a: q.a + b.a })
        }
        let app: Router = Router::new().route("/{n}", post(echo)).layer(DefaultBodyLimit::max(20));
        let request =
            Request::post(path).header("content-type", media).body(Body::from(body.to_owned())).unwrap();
        let response = app.oneshot(request).await.unwrap();
        if !response.status().is_success() {
            assert_eq!(response.headers()["content-type"], "application/problem+json");
        }
        response.status().as_u16()
    }

    #[tokio::test]
    async fn every_refusal_is_a_problem_with_its_own_status() {
        let json = "application/json";
        assert_eq!(ask("/1?a=1", json, r#"{"a":2}"#).await, 200);
        assert_eq!(ask("/x?a=1", json, r#"{"a":2}"#).await, 404);
        assert_eq!(ask("/1?a=x", json, r#"{"a":2}"#).await, 400);
        assert_eq!(ask("/1?a=1", json, r#"{"a":"#).await, 400);
        assert_eq!(ask("/1?a=1", json, r#"{"a":"two"}"#).await, 422);
        assert_eq!(ask("/1?a=1", "text/plain", r#"{"a":2}"#).await, 415);
        assert_eq!(ask("/1?a=1", json, r#"{"a":2,              }"#).await, 413);
    }
}
