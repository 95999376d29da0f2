//! Who has signed in: an id in a cookie that no script reads and no other site's page sends; of it only a hash is kept, for
//! twelve hours. Whatever changes something carries, in its form, a word that only a page of this session knows.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::COOKIE as COOKIES;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use ids::SignedDuration;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::Admin;
use super::form::Form;
use super::language::Language;
use super::refusal;
use crate::store::admin_session;

pub(super) const COOKIE: &str = "dragoman_admin";
pub(super) const LASTS: SignedDuration = SignedDuration::from_hours(12);
/// Random bytes of an id.
const BYTES: usize = 32;

/// Somebody who has signed in.
#[derive(Clone, Debug)]
pub(super) struct Signed {
    pub(super) name: String,
    /// What a form of theirs carries.
    pub(super) word: String,
    /// Of their session, as it is kept.
    pub(super) hash: [u8; 32],
}

/// A form that somebody who has signed in has sent from one of their pages.
#[derive(Debug)]
pub(super) struct Posted {
    pub(super) signed: Signed,
    pub(super) form: Form,
}

/// A value that nobody guesses, for a cookie.
pub(super) fn new_id(admin: &Admin) -> String {
    hex::encode(admin.ids.secret_bytes::<BYTES>())
}

/// What is kept of a session's id.
pub(super) fn hash(admin: &Admin, id: &str) -> [u8; 32] {
    Sha256::new().chain_update(b"session\0").chain_update(admin.key).chain_update(id).finalize().into()
}

/// What the forms of whoever has this cookie carry.
pub(super) fn word(id: &str) -> String {
    hex::encode(Sha256::new().chain_update(b"form\0").chain_update(id).finalize())
}

/// Whether a form carries that word, and was not sent by another site's page.
pub(super) fn is_ours(headers: &HeaderMap, form: &Form, word: &str) -> bool {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let from_here = matches!(site, None | Some(b"same-origin" | b"none"));
    from_here && bool::from(form.one("word").as_bytes().ct_eq(word.as_bytes()))
}

/// A cookie of this name.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIES).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then_some(value)
    })
}

/// A cookie for the pages alone. `Secure` where the way here was https: what stands before us says so.
pub(super) fn set_cookie(headers: &HeaderMap, name: &str, value: &str, seconds: i64) -> Option<HeaderValue> {
    let is_https =
        headers.get("x-forwarded-proto").is_some_and(|proto| proto.as_bytes().starts_with(b"https"));
    let secure = if is_https { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path=/admin; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::from_str(&cookie).ok()
}

impl FromRequestParts<Arc<Admin>> for Signed {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, admin: &Arc<Admin>) -> Result<Self, Response> {
        let to_sign_in = || Redirect::to("/admin/sign-in").into_response();
        if !admin.token.is_configured() {
            return Err(to_sign_in());
        }
        let id = cookie(&parts.headers, COOKIE).filter(|id| id.len() == 2 * BYTES).map(str::to_owned);
        let id = id.ok_or_else(to_sign_in)?;
        let hash = hash(admin, &id);
        let found = admin_session::of(&admin.pool, &hash, admin.clock.now()).await;
        let Ok(language) = Language::from_request_parts(parts, &()).await;
        let name = found.map_err(|error| refusal::ours(language, &error))?.ok_or_else(to_sign_in)?;
        Ok(Self { name, word: word(&id), hash })
    }
}

impl FromRequest<Arc<Admin>> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, admin: &Arc<Admin>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let signed = Signed::from_request_parts(&mut parts, admin).await?;
        let Ok(language) = Language::from_request_parts(&mut parts, &()).await;
        let headers = parts.headers.clone();
        let body = Bytes::from_request(Request::from_parts(parts, body), &());
        let body = body.await.map_err(IntoResponse::into_response)?;
        let form = Form::read(&body);
        if !is_ours(&headers, &form, &signed.word) {
            return Err(refusal::stale(language));
        }
        Ok(Self { signed, form })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_form_is_ours_by_its_word_and_where_it_comes_from() {
        let form = Form::read(format!("word={}", word("an id")).as_bytes());
        for (sent_from, ours) in
            [("same-origin", true), ("none", true), ("cross-site", false), ("same-site", false)]
        {
            assert_eq!(is_ours(&headers(&[("sec-fetch-site", sent_from)]), &form, &word("an id")), ours);
        }
        assert!(is_ours(&HeaderMap::new(), &form, &word("an id")));
        assert!(!is_ours(&HeaderMap::new(), &form, &word("another")));
        assert!(!is_ours(&HeaderMap::new(), &Form::read(b""), &word("an id")));
    }

    #[test]
    fn a_cookie_is_found_among_others_and_kept_from_scripts_and_other_sites() {
        let sent = headers(&[("cookie", "a=1; dragoman_admin=xyz;b"), ("x-forwarded-proto", "https")]);
        assert_eq!(cookie(&sent, COOKIE), Some("xyz"));
        assert_eq!(cookie(&sent, "dragoman"), None);
        let set = set_cookie(&sent, COOKIE, "v", 5).unwrap();
        assert_eq!(set, "dragoman_admin=v; Path=/admin; Max-Age=5; HttpOnly; SameSite=Strict; Secure");
        assert!(!set_cookie(&HeaderMap::new(), COOKIE, "v", 5).unwrap().to_str().unwrap().contains("Secure"));
    }
}
