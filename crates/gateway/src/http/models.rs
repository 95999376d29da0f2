//! `GET /v1/models`: which models a key may ask.

use std::sync::Arc;

use axum::extract::{Extension, Path, State};
use axum::routing::get;
use axum::{Json, Router};
use ids::TraceParent;
use rpc::llm::ModelCard;
use serde::Serialize;
use service_kit::Problem;
use service_kit::http::Bearer;
use utoipa::ToSchema;

use super::completions::{Counter, ErrorBody, Failed, admit};

/// Models, in OpenAI's shape.
#[derive(Serialize, ToSchema)]
pub(crate) struct ModelList {
    /// `list`
    object: &'static str,
    data: Vec<ModelObject>,
}

/// A model, in OpenAI's shape, with what else is known of it.
#[derive(Serialize, ToSchema)]
#[schema(as = Model)]
pub(crate) struct ModelObject {
    /// `provider/model`
    id: String,
    /// `model`
    object: &'static str,
    /// Not known; 0.
    created: i64,
    /// The provider, by its name in the settings.
    owned_by: String,
    /// Tokens that prompt and answer may take together.
    #[serde(skip_serializing_if = "Option::is_none")]
    context_window: Option<u32>,
    /// Tokens of an answer at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
}

pub(crate) fn routes(counter: Arc<Counter>) -> Router {
    Router::new().route("/v1/models", get(list)).route("/v1/models/{*model}", get(one)).with_state(counter)
}

/// The models that the key may ask.
#[utoipa::path(
    get, path = "/v1/models", tag = "models", operation_id = "list_models", security(("api_key" = [])),
    responses(
        (status = 200, description = "The models", body = ModelList),
        (status = 401, description = "The API key is missing, wrong, expired or revoked", body = ErrorBody),
        (status = 503, description = "The model worker does not answer; try again", body = ErrorBody),
    )
)]
pub(crate) async fn list(
    State(counter): State<Arc<Counter>>,
    Extension(trace): Extension<TraceParent>,
    bearer: Result<Bearer, Problem>,
) -> Result<Json<ModelList>, Failed> {
    let data = models(&counter, trace, bearer).await?.collect();
    Ok(Json(ModelList { object: "list", data }))
}

/// One of them.
#[utoipa::path(
    get, path = "/v1/models/{model}", tag = "models", operation_id = "get_model", security(("api_key" = [])),
    params(("model" = String, Path, description = "provider/model")),
    responses(
        (status = 200, description = "The model", body = ModelObject),
        (status = 401, description = "The API key is missing, wrong, expired or revoked", body = ErrorBody),
        (status = 404, description = "There is no such model, or not for this key", body = ErrorBody),
        (status = 503, description = "The model worker does not answer; try again", body = ErrorBody),
    )
)]
pub(crate) async fn one(
    State(counter): State<Arc<Counter>>,
    Extension(trace): Extension<TraceParent>,
    bearer: Result<Bearer, Problem>,
    Path(model): Path<String>,
) -> Result<Json<ModelObject>, Failed> {
    let found = models(&counter, trace, bearer).await?.find(|one| one.id == model);
    found.map(Json).ok_or_else(|| Failed::unknown_model(&model))
}

async fn models(
    counter: &Counter,
    trace: TraceParent,
    bearer: Result<Bearer, Problem>,
) -> Result<impl Iterator<Item = ModelObject>, Failed> {
    let key = admit(counter, bearer).await?;
    let cards = counter.models.list(trace).await;
    let cards =
        cards.map_err(|status| Failed::of_call(&rpc::failure(&status), "", counter.clock.now_ms()))?;
    Ok(cards.into_iter().filter(move |card| key.may_ask(&card.id)).map(ModelObject::from))
}

impl From<ModelCard> for ModelObject {
    fn from(card: ModelCard) -> Self {
        let known = |tokens: u32| Some(tokens).filter(|tokens| *tokens > 0);
        Self {
            context_window: known(card.context_tokens),
            max_output_tokens: known(card.max_output_tokens),
            id: card.id,
            object: "model",
            created: 0,
            owned_by: card.provider,
        }
    }
}
