//! `/admin/crm/{account}/history`: what was published, and to put an earlier one in force again.

use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use ids::TraceParent;
use rpc::crm::PublishRequest;
use service_kit::http::Path;

use super::language::Language;
use super::mapping::{Found, of_publishing};
use super::pages::{self, Frame, Refused};
use super::session::{Posted, Signed};
use super::{Admin, refusal};

pub(super) async fn show(
    State(admin): State<Arc<Admin>>,
    Extension(trace): Extension<TraceParent>,
    Path(account): Path<String>,
    language: Language,
    signed: Signed,
) -> Response {
    page(&admin, trace, language, &signed, &account, None).await
}

pub(super) async fn again(
    State(admin): State<Arc<Admin>>,
    Extension(trace): Extension<TraceParent>,
    Path(account): Path<String>,
    language: Language,
    Posted { signed, form }: Posted,
) -> Response {
    let version: i32 = form.one("version").parse().unwrap_or(-1);
    let request = PublishRequest {
        account: account.clone(),
        based_on: form.one("based_on").parse().unwrap_or(-1),
        mapping: None,
        again: Some(version),
        by: signed.name.clone(),
        unchecked: form.one("do") == "unchecked",
    };
    match admin.mappings.publish(trace, request).await.map(of_publishing) {
        Ok(Found::Published(version)) => {
            Redirect::to(&format!("/admin/crm/{account}?published={version}")).into_response()
        }
        Ok(found) => page(&admin, trace, language, &signed, &account, Some(Refused { version, found })).await,
        Err(status) => refusal::of_status(language, &status),
    }
}

async fn page(
    admin: &Admin,
    trace: TraceParent,
    language: Language,
    signed: &Signed,
    account: &str,
    refused: Option<Refused>,
) -> Response {
    let versions = match admin.mappings.history(trace, account).await {
        Ok(versions) => versions,
        Err(status) => return refusal::of_status(language, &status),
    };
    let is_conflict = matches!(&refused, Some(Refused { found: Found::Conflict(_), .. }));
    let status = if is_conflict { StatusCode::CONFLICT } else { StatusCode::OK };
    let path = format!("/admin/crm/{account}/history");
    let title = language.of("History", "История");
    let frame = Frame::of(language, title, signed, refused.is_none().then_some(path));
    (status, pages::history(&frame, account, &versions, refused.as_ref())).into_response()
}
