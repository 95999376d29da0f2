//! Answers in HubSpot's words.

use axum::body::Body;
use axum::http::Response;
use ids::Ids;
use serde_json::{Value, json};

/// What one call is answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
    pub(super) headers: Vec<(&'static str, String)>,
}

/// How a call ends.
pub(super) type Outcome = Result<Answer, Answer>;

/// Why a property's value is refused.
pub(super) struct Invalid {
    pub(super) property: String,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Answer {
    pub(super) fn of(status: u16, body: Value) -> Self {
        Self { status, body, headers: Vec::new() }
    }

    pub(super) fn ok(body: Value) -> Self {
        Self::of(200, body)
    }

    fn error(status: u16, category: &str, message: &str, more: Value) -> Self {
        let mut body = json!({
            "status": "error", "message": message, "category": category,
            "correlationId": Ids::system().uuid().to_string(),
        });
        if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
            body.extend(more);
        }
        Self::of(status, body)
    }

    /// A request that is wrong as a whole.
    pub(super) fn wrong(message: &str) -> Self {
        Self::error(400, "VALIDATION_ERROR", message, json!({}))
    }

    /// Values that are refused: once as JSON within the message, once as `errors`.
    pub(super) fn invalid(all: &[Invalid]) -> Self {
        let results: Vec<Value> = all
            .iter()
            .map(|one| {
                json!({ "isValid": false, "message": one.message, "error": one.code, "name": one.property,
                        "localizedErrorMessage": one.message })
            })
            .collect();
        let errors: Vec<Value> = all
            .iter()
            .map(|one| {
                json!({ "message": one.message, "code": one.code,
                        "context": { "propertyName": [one.property] } })
            })
            .collect();
        let message = format!("Property values were not valid: {}", Value::from(results));
        Self::error(400, "VALIDATION_ERROR", &message, json!({ "errors": errors }))
    }

    pub(super) fn not_found() -> Self {
        Self::error(404, "OBJECT_NOT_FOUND", "resource not found", json!({}))
    }

    pub(super) fn contact_exists(id: u64) -> Self {
        Self::error(409, "CONFLICT", &format!("Contact already exists. Existing ID: {id}"), json!({}))
    }

    pub(super) fn unauthorised(is_expired: bool) -> Self {
        let (category, message) = if is_expired {
            ("EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired 7 second(s) ago.")
        } else {
            (
                "INVALID_AUTHENTICATION",
                "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find \
                 more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
            )
        };
        Self::error(401, category, message, json!({}))
    }

    pub(super) fn missing_scope(scope: &str) -> Self {
        let message = "This app hasn't been granted all required scopes to make this call. Read more about required \
                       scopes here: https://developers.hubspot.com/scopes.";
        let errors = json!([{ "message": "One or more of the following scopes are required.",
                              "context": { "requiredGranularScopes": [scope] } }]);
        Self::error(403, "MISSING_SCOPES", message, json!({ "errors": errors }))
    }

    /// Of one object, where every right that an app can have is there.
    pub(super) fn forbidden() -> Self {
        Self::error(403, "FORBIDDEN", "The app does not have permissions to edit this object", json!({}))
    }

    /// Without `Retry-After`: HubSpot sends none with it.
    pub(super) fn too_many(policy: &str) -> Self {
        let message = format!("You have reached your {} limit.", policy.to_lowercase());
        let (correlation, request) = (Ids::system().uuid().to_string(), Ids::system().uuid().to_string());
        Self::of(
            429,
            json!({ "status": "error", "message": message, "errorType": "RATE_LIMIT", "policyName": policy,
                    "correlationId": correlation, "requestId": request }),
        )
    }

    /// What HubSpot says with this status, where nothing is wrong with the call.
    pub(super) fn of_status(status: u16) -> Self {
        match status {
            400 => Self::wrong("Invalid input JSON on line 1, column 1"),
            401 => Self::unauthorised(false),
            403 => Self::missing_scope("crm.objects.deals.write"),
            404 => Self::not_found(),
            409 => Self::contact_exists(1),
            423 => Self::error(423, "RESOURCE_LOCKED", "Large volumes of data are being synced", json!({})),
            429 => Self::too_many("SECONDLY"),
            477 => Self {
                headers: vec![("retry-after", "120".to_owned())],
                ..Self::error(477, "MIGRATION_IN_PROGRESS", "This account is being migrated", json!({}))
            },
            _ => Self::error(status, "INTERNAL_ERROR", "internal error", json!({})),
        }
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let correlation = self.body.get("correlationId").and_then(Value::as_str).map(str::to_owned);
        let body = self.body.to_string();
        let mut response = crate::served::answer(self.status, "application/json;charset=utf-8", body);
        let correlation = correlation.unwrap_or_else(|| Ids::system().uuid().to_string());
        let correlation = ("x-hubspot-correlation-id", correlation);
        for (name, value) in self.headers.into_iter().chain([correlation]) {
            if let Ok(value) = value.parse() {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// A page for people, as the proxies in front of HubSpot show it.
pub(super) fn page(status: u16) -> Response<Body> {
    let text =
        format!("<!DOCTYPE html>\n<html><head><title>{status}</title></head><body>Sorry</body></html>\n");
    crate::served::answer(status, "text/html", text)
}
