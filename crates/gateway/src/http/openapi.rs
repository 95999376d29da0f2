//! `GET /openapi.json`: the description of the REST API, made from the endpoints themselves.

use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{costs, kpi, telegram};

#[derive(OpenApi)]
#[openapi(
    info(title = "Dragoman", description = "The REST API of a Dragoman installation."),
    paths(kpi::kpi, costs::costs, telegram::receive),
    modifiers(&Token),
    tags(
        (name = "numbers", description = "What the installation did and what it cost"),
        (name = "telegram", description = "For Telegram's servers")
    )
)]
struct Api;

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("The admin token, printed at the first start."))
            .build();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// The description of the API.
#[must_use]
pub fn document() -> Document {
    Api::openapi()
}

pub(crate) fn routes() -> Router {
    Router::new().route("/openapi.json", get(async || Json(document())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_of_the_api_is_described_and_guarded() {
        let json = serde_json::to_value(document()).unwrap();
        let kpi = &json["paths"]["/v1/kpi"]["get"];
        assert!(kpi["summary"].as_str().unwrap().contains("Leads"), "{json:#}");
        assert_eq!(kpi["security"][0]["token"], serde_json::json!([]));
        assert!(kpi["responses"].get("401").is_some());
        assert!(json["paths"]["/telegram/{bot}"]["post"]["responses"].get("413").is_some());
    }
}
