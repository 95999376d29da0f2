//! Pages that say why there is no page.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use pg::PgError;
use rpc::{Code, Status};

use super::language::Language;
use super::pages::{self, Frame};

/// Our own database does not answer.
pub(super) fn ours(language: Language, error: &PgError) -> Response {
    tracing::warn!(error = %classify::chain(error), "an admin page was not shown");
    page(
        language,
        StatusCode::SERVICE_UNAVAILABLE,
        language.of(
            "This does not work right now. Try again in a moment.",
            "Сейчас не получается. Попробуйте ещё раз чуть позже.",
        ),
    )
}

/// A form that is none of this session's.
pub(super) fn stale(language: Language) -> Response {
    page(
        language,
        StatusCode::FORBIDDEN,
        language.of(
            "This form is not from your session, so nothing was done. Go back to the page, load it anew and send it again.",
            "Форма не из вашего сеанса, поэтому ничего не сделано. Вернитесь на страницу, обновите её и отправьте снова.",
        ),
    )
}

/// The CRM service has refused, or does not answer. Its own words are shown where they are for whoever asked.
pub(super) fn of_status(language: Language, status: &Status) -> Response {
    match status.code() {
        Code::NotFound => page(language, StatusCode::NOT_FOUND, status.message()),
        Code::InvalidArgument | Code::Aborted => page(language, StatusCode::CONFLICT, status.message()),
        code => {
            tracing::warn!(?code, why = status.message(), "the CRM service has not answered an admin page");
            page(
                language,
                StatusCode::SERVICE_UNAVAILABLE,
                language.of(
                    "The CRM service does not answer right now. Leads are kept meanwhile. Try again in a moment.",
                    "Служба CRM сейчас не отвечает. Заявки тем временем не теряются. Попробуйте ещё раз чуть позже.",
                ),
            )
        }
    }
}

fn page(language: Language, status: StatusCode, why: &str) -> Response {
    let frame =
        Frame {
            language, title: language.of("Not now", "Не получилось"), name: None, word: "", path: None
        };
    (status, pages::sorry(&frame, why)).into_response()
}
