//! `GET /files/{id}?expires=…&signature=…`: the content of a file, for whoever has a link that is still good.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use classify::Class;
use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use ids::Uuid;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pg::PgError;
use service_kit::Problem;
use service_kit::http::{Path, Query};

use super::Shelf;
use crate::files::{Link, Refused};
use crate::store::file::{self, Kept};

pub(super) fn routes(shelf: Shelf) -> Router {
    Router::new().route("/files/{id}", get(download)).with_state(shelf)
}

async fn download(
    State(shelf): State<Shelf>,
    Path(id): Path<Uuid>,
    Query(link): Query<Link>,
) -> Result<Response, Problem> {
    // Before anything is looked up: who has no link learns nothing, not even whether the file is there.
    match shelf.links.check(id, &link, shelf.clock.now_ms() / 1_000) {
        Ok(()) => {}
        Err(Refused::Forged) => return Err(Problem::new(Class::Denied, "this is no link of ours")),
        Err(Refused::Expired) => {
            let problem = Problem::new(Class::NotFound, "the link is no longer good; ask for a new one");
            return Err(problem.with_status(StatusCode::GONE, "expired"));
        }
    }
    let mut connection = shelf.pool.acquire().await.map_err(PgError::from)?;
    let kept = file::kept(&mut connection, id, shelf.clock.now_ms()).await?;
    drop(connection);
    let Some(kept) = kept else { return Err(no_such_file()) };
    let content = shelf.vault.get(&kept.place).await?;
    let length = content.meta.size;
    let mut response = Body::from_stream(content.into_stream()).into_response();
    headers(response.headers_mut(), &kept, length);
    Ok(response)
}

pub(super) fn no_such_file() -> Problem {
    Problem::new(Class::NotFound, "the file is not here: it was not kept, or its time is over")
}

/// It is saved and not shown, and whatever it is, no browser runs it.
fn headers(headers: &mut HeaderMap, kept: &Kept, length: u64) {
    let media_type = HeaderValue::from_str(&kept.media_type);
    headers.insert(CONTENT_TYPE, media_type.unwrap_or(HeaderValue::from_static("application/octet-stream")));
    headers.insert(CONTENT_LENGTH, length.into());
    let disposition = HeaderValue::from_str(&disposition(&kept.name));
    headers.insert(CONTENT_DISPOSITION, disposition.unwrap_or(HeaderValue::from_static("attachment")));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

/// RFC 6266: the name in letters that every program reads, and as it is.
fn disposition(name: &str) -> String {
    const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_');
    if name.is_empty() {
        return "attachment".to_owned();
    }
    let ascii: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ' | '(' | ')') { c } else { '_' }
        })
        .collect();
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{}", utf8_percent_encode(name, PLAIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_not_leave_its_header() {
        assert_eq!(
            disposition("план (2).pdf"),
            "attachment; filename=\"____ (2).pdf\"; filename*=UTF-8''%D0%BF%D0%BB%D0%B0%D0%BD%20%282%29.pdf"
        );
        let hostile = disposition("a\"; filename=\"b.exe\r\nSet-Cookie: x\\.pdf");
        assert_eq!(hostile.matches('"').count(), 2, "{hostile}");
        assert!(!hostile.contains(['\r', '\n', '\\']), "{hostile}");
        assert_eq!(disposition(""), "attachment");
    }
}
