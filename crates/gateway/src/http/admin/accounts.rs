use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use ids::TraceParent;

use super::language::Language;
use super::pages::{self, Frame};
use super::session::Signed;
use super::{Admin, refusal};

/// `/admin`: the accounts, and how they fare.
pub(super) async fn show(
    State(admin): State<Arc<Admin>>,
    Extension(trace): Extension<TraceParent>,
    language: Language,
    signed: Signed,
) -> Response {
    match admin.mappings.accounts(trace).await {
        Ok(accounts) => {
            let title = language.of("Accounts", "Аккаунты");
            let frame = Frame::of(language, title, &signed, Some("/admin".to_owned()));
            pages::accounts(&frame, &accounts).into_response()
        }
        Err(status) => refusal::of_status(language, &status),
    }
}
