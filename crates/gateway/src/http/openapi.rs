//! `GET /openapi.json`: the description of the REST API, made from the endpoints themselves.

use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{completions, costs, kpi, models, telegram};

#[derive(OpenApi)]
#[openapi(
    info(title = "Dragoman", description = "The REST API of a Dragoman installation."),
    paths(kpi::kpi, costs::costs, completions::complete, models::list, models::one, telegram::receive),
    modifiers(&Token),
    tags(
        (name = "numbers", description = "What the installation did and what it cost"),
        (name = "models", description = "Language models for the organisation's own programs, as OpenAI's clients ask for them"),
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
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An API key, made by `dragoman keys create`."))
            .build();
        components.add_security_scheme("api_key", SecurityScheme::Http(scheme));
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
        for (path, method) in
            [("/v1/chat/completions", "post"), ("/v1/models", "get"), ("/v1/models/{model}", "get")]
        {
            let endpoint = &json["paths"][path][method];
            assert_eq!(endpoint["security"][0]["api_key"], serde_json::json!([]), "{path}");
            assert!(endpoint["responses"].get("401").is_some(), "{path}");
        }
        assert!(json["paths"]["/telegram/{bot}"]["post"]["responses"].get("413").is_some());
    }
}
