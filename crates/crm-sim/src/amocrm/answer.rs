//! Answers as the API words them.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use serde_json::{Value, json};

#[derive(Debug)]
pub(super) struct Answer {
    status: u16,
    kind: &'static str,
    body: String,
}

impl Answer {
    pub(super) fn hal(body: &Value) -> Self {
        Self::made(200, body)
    }

    pub(super) fn made(status: u16, body: &Value) -> Self {
        Self { status, kind: "application/hal+json", body: body.to_string() }
    }

    /// An empty list.
    pub(super) fn empty() -> Self {
        Self { status: 204, kind: "text/plain", body: String::new() }
    }

    pub(super) fn problem(status: u16, detail: &str) -> Self {
        let kind = format!("https://httpstatus.es/{status}");
        let body = json!({ "title": title(status), "type": kind, "status": status, "detail": detail });
        Self { status, kind: "application/problem+json", body: body.to_string() }
    }

    /// What is said where `status` is asked for by a test.
    pub(super) fn of_status(status: u16) -> Self {
        match status {
            400 => Self::problem(
                400,
                "Код ошибки 244. В случае повторного возникновения ошибки обращайтесь в поддержку",
            ),
            401 => Self::unauthorized(),
            402 => Self::problem(402, "Payment required"),
            404 => Self::problem(404, "Pipeline not found"),
            429 => Self::too_many(),
            _ => Self::problem(status, title(status)),
        }
    }

    pub(super) fn unauthorized() -> Self {
        Self::problem(401, "Invalid user name or password")
    }

    pub(super) fn too_many() -> Self {
        Self { status: 429, kind: "text/plain", body: "Too many requests".to_owned() }
    }

    /// A page of the proxy before the API.
    pub(super) fn page(status: u16) -> Self {
        let title = title(status);
        let body = format!(
            "<html>\r\n<head><title>{status} {title}</title></head>\r\n<body>\r\n<center><h1>{status} {title}</h1></center>\r\n\
             <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
        );
        Self { status, kind: "text/html", body }
    }

    /// `errors` by what the caller named its parts of the request.
    pub(super) fn invalid(errors: &[(String, Vec<Value>)]) -> Self {
        let errors: Vec<Value> = errors
            .iter()
            .map(|(request, errors)| json!({ "request_id": request, "errors": errors }))
            .collect();
        let body = json!({
            "validation-errors": errors, "title": "Bad Request", "type": "https://httpstatus.es/400",
            "status": 400, "detail": "Request validation failed",
        });
        Self { status: 400, kind: "application/problem+json", body: body.to_string() }
    }

    pub(super) fn oauth_problem(hint: &str) -> Self {
        let body = json!({
            "hint": hint, "title": "Некорректный запрос",
            "type": "https://developers.amocrm.ru/v3/errors/OAuthProblemJson", "status": 401,
            "detail": "В запросе отсутствует ряд параметров или параметры невалидны",
        });
        Self { status: 401, kind: "application/problem+json", body: body.to_string() }
    }

    pub(super) fn into_response(self, request: u64) -> Response<Body> {
        let mut response = crate::served::answer(self.status, self.kind, self.body);
        if let Ok(request) = format!("{request:032x}").parse() {
            response.headers_mut().insert("x-request-id", request);
        }
        response
    }
}

fn title(status: u16) -> &'static str {
    StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Error")
}
