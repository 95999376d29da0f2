//! Signing in, with the token that opens the API, and out again.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use ids::SignedDuration;
use sha2::{Digest, Sha256};

use super::form::Form;
use super::language::Language;
use super::pages::{self, Frame};
use super::session::{COOKIE, LASTS, Posted, cookie, hash, is_ours, new_id, set_cookie, word};
use super::{Admin, refusal};
use crate::store::admin_session;
use crate::store::sign_in_rate::{self, Rate};

/// Ties the form to the browser that has loaded it.
const FORM: &str = "dragoman_sign_in";
const FORM_LASTS: i64 = 3600;
/// Characters of a name.
const LONGEST_NAME: usize = 60;
/// Tries of one address, as whatever stands before us tells it.
const OF_ONE: Rate = Rate { per: SignedDuration::from_secs(6), burst: 10 };
/// Tries of all together: an address can be made up where nothing stands before us.
const OF_ALL: Rate = Rate { per: SignedDuration::from_secs(1), burst: 60 };

pub(super) async fn show(
    State(admin): State<Arc<Admin>>,
    headers: HeaderMap,
    language: Language,
) -> Response {
    form(&admin, &headers, language, StatusCode::OK, None, "")
}

pub(super) async fn sign_in(
    State(admin): State<Arc<Admin>>,
    headers: HeaderMap,
    language: Language,
    body: Bytes,
) -> Response {
    let sent = Form::read(&body);
    let again = |status, why| form(&admin, &headers, language, status, Some(why), sent.one("name"));
    if !cookie(&headers, FORM).is_some_and(|id| is_ours(&headers, &sent, &word(id))) {
        let why = language.of("The form had grown old. Try again.", "Форма устарела. Попробуйте ещё раз.");
        return again(StatusCode::FORBIDDEN, why);
    }
    let name: String =
        sent.one("name").trim().chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    if name.is_empty() {
        return again(StatusCode::BAD_REQUEST, language.of("Write your name.", "Напишите своё имя."));
    }
    match may_try(&admin, &headers).await {
        Ok(true) => {}
        Ok(false) => {
            count("limited");
            let why = language.of(
                "Too many tries. Wait a minute, then try again.",
                "Слишком много попыток. Подождите минуту и попробуйте снова.",
            );
            let mut response = again(StatusCode::TOO_MANY_REQUESTS, why);
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("60"));
            return response;
        }
        Err(error) => return refusal::ours(language, &error),
    }
    if !admin.token.admits(sent.one("token").trim()) {
        count("refused");
        tracing::warn!("somebody tried to sign in to the admin pages with a wrong token");
        return again(StatusCode::UNAUTHORIZED, language.of("This is not the token.", "Это не тот токен."));
    }
    let (id, now) = (new_id(&admin), admin.clock.now());
    let until = now.saturating_add(LASTS).unwrap_or(now);
    if let Err(error) = admin_session::open(&admin.pool, &hash(&admin, &id), &name, now, until).await {
        return refusal::ours(language, &error);
    }
    count("signed_in");
    tracing::info!("somebody has signed in to the admin pages");
    let mut response = Redirect::to("/admin").into_response();
    let cookies = [set_cookie(&headers, COOKIE, &id, LASTS.as_secs()), set_cookie(&headers, FORM, "", 0)];
    for one in cookies.into_iter().flatten() {
        response.headers_mut().append(SET_COOKIE, one);
    }
    response
}

pub(super) async fn sign_out(
    State(admin): State<Arc<Admin>>,
    headers: HeaderMap,
    language: Language,
    posted: Posted,
) -> Response {
    if let Err(error) = admin_session::close(&admin.pool, &posted.signed.hash).await {
        return refusal::ours(language, &error);
    }
    let mut response = Redirect::to("/admin/sign-in").into_response();
    response.headers_mut().extend(set_cookie(&headers, COOKIE, "", 0).map(|one| (SET_COOKIE, one)));
    response
}

fn form(
    admin: &Admin,
    headers: &HeaderMap,
    language: Language,
    status: StatusCode,
    why: Option<&str>,
    name: &str,
) -> Response {
    let id = new_id(admin);
    let title = language.of("Sign in", "Вход");
    let frame =
        Frame { language, title, name: None, word: &word(&id), path: Some("/admin/sign-in".to_owned()) };
    let page = pages::sign_in(&frame, why, name, admin.token.is_configured());
    let mut response = (status, page).into_response();
    response.headers_mut().extend(set_cookie(headers, FORM, &id, FORM_LASTS).map(|one| (SET_COOKIE, one)));
    response
}

async fn may_try(admin: &Admin, headers: &HeaderMap) -> Result<bool, pg::PgError> {
    let (pool, now) = (&admin.pool, admin.clock.now());
    sign_in_rate::forget(pool, now).await?;
    // What stands before us has written the last one, or a line of its own behind the others.
    let lines = headers.get_all("x-forwarded-for");
    let address = lines.iter().next_back().and_then(|list| list.as_bytes().rsplit(|b| *b == b',').next());
    let key = hex::encode(Sha256::digest(address.unwrap_or(b"direct").trim_ascii()));
    // First of all its own: one address must not take the places of everybody.
    Ok(sign_in_rate::take(pool, &key, OF_ONE, now).await?
        && sign_in_rate::take(pool, "all", OF_ALL, now).await?)
}

fn count(outcome: &'static str) {
    metrics::counter!("dragoman_admin_sign_ins_total", "outcome" => outcome).increment(1);
}
