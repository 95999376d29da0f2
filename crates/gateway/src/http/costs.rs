//! `GET /v1/costs`: what answers have cost, asked of the model worker.

use axum::extract::{Extension, State};
use axum::routing::get;
use axum::{Json, Router};
use classify::{Class, Failure};
use ids::{Timestamp, TraceParent};
use rpc::llm::costs_client::CostsClient;
use rpc::llm::{CostLine, CostsRequest, CostsResponse};
use rpc::{Bearer, Channel, Code, InterceptedService, Status, traced};
use serde::{Deserialize, Serialize};
use service_kit::http::{ApiToken, Query, require_token};
use service_kit::{Problem, class_of_code};
use utoipa::{IntoParams, ToSchema};

/// The client of the model worker; connects when first used and again when it must.
pub(crate) type Ledger = CostsClient<InterceptedService<Channel, Bearer>>;

pub(crate) fn routes(ledger: Ledger, token: ApiToken) -> Router {
    require_token(Router::new().route("/v1/costs", get(costs)).with_state(ledger), token)
}

/// Which costs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// The begin, RFC 3339, in the period. Left out with `to`: this month.
    #[param(value_type = Option<String>, example = "2026-11-01T00:00:00Z")]
    from: Option<Timestamp>,
    /// The end, RFC 3339, not in the period.
    #[param(value_type = Option<String>, example = "2026-12-01T00:00:00Z")]
    to: Option<Timestamp>,
    /// What they are told apart by: `model`, `provider`, `bot`, `person` (a pseudonym), `key` (an API key's id),
    /// `mode`, `prompt`, `conversation`, `lead` or `day`. Left out: all together.
    #[param(example = "model")]
    by: Option<String>,
}

/// What answers have cost.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Costs {
    /// The dearest first, a thousand at most.
    lines: Vec<Line>,
    total: Line,
    /// Today, by the model worker's time zone, whatever period was asked for.
    today: Line,
    /// This month, likewise.
    month: Line,
    /// What may be spent a day; absent: no limit.
    day_limit_usd: Option<f64>,
    /// Held for calls under way.
    held_usd: f64,
    /// When the day ends. RFC 3339.
    #[schema(value_type = String)]
    resets_at: Timestamp,
}

/// What some questions came to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Line {
    /// A model, a bot, a pseudonym, …; empty where it is not known, and in sums.
    name: String,
    questions: i64,
    /// Calls that ended no question: their worker died, or nobody waited any more.
    unended: i64,
    prompt_tokens: i64,
    completion_tokens: i64,
    cost_usd: f64,
    /// Of that, what is an estimate: the provider did not say.
    estimated_usd: f64,
}

/// What answers of a period have cost, by model, bot, person, key or day, and how things stand today.
#[utoipa::path(
    get, path = "/v1/costs", tag = "numbers", params(Which), security(("token" = [])),
    responses(
        (status = 200, description = "The costs", body = Costs),
        (status = 400, description = "The period can not be read or ends before it begins, or `by` is none of its words"),
        (status = 401, description = "The token is missing or wrong"),
        (status = 503, description = "The model worker does not answer; try again"),
    )
)]
pub(crate) async fn costs(
    State(ledger): State<Ledger>,
    Extension(trace): Extension<TraceParent>,
    Query(which): Query<Which>,
) -> Result<Json<Costs>, Problem> {
    let (from, to) = match (which.from, which.to) {
        (None, None) => (0, 0),
        (Some(from), Some(to)) => (from.as_millisecond(), to.as_millisecond()),
        _ => return Err(Problem::new(Class::Invalid, "give from and to, or neither")),
    };
    let by = which.by.unwrap_or_default();
    let request = traced(CostsRequest { from_ms: from, to_ms: to, by }, trace);
    let told = ledger.clone().costs(request).await.map_err(|status| not_answered(&status))?;
    Ok(Json(Costs::new(told.into_inner())))
}

/// What the worker's answer means to the caller of the API.
fn not_answered(status: &Status) -> Problem {
    let class = match class_of_code(status.code()) {
        Class::Invalid => return Problem::new(Class::Invalid, status.message()),
        Class::Transient => Class::Transient,
        _ if status.code() == Code::Unknown => Class::Transient,
        _ => Class::Permanent,
    };
    let text = format!("the model worker did not answer: {:?}: {}", status.code(), status.message());
    Problem::of(&Failure::new(class, text))
}

fn dollars(micros: i64) -> f64 {
    micros as f64 / 1e6
}

impl Costs {
    fn new(told: CostsResponse) -> Self {
        let limit = Some(told.day_limit_micros).filter(|limit| *limit > 0);
        Self {
            lines: told.lines.into_iter().map(Line::new).collect(),
            total: Line::new(told.total.unwrap_or_default()),
            today: Line::new(told.today.unwrap_or_default()),
            month: Line::new(told.month.unwrap_or_default()),
            day_limit_usd: limit.map(dollars),
            held_usd: dollars(told.held_micros),
            resets_at: Timestamp::from_millisecond(told.resets_at_ms).unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }
}

impl Line {
    fn new(line: CostLine) -> Self {
        Self {
            name: line.name,
            questions: line.questions,
            unended: line.unended,
            prompt_tokens: line.prompt_tokens,
            completion_tokens: line.completion_tokens,
            cost_usd: dollars(line.cost_micros),
            estimated_usd: dollars(line.estimated_micros),
        }
    }
}
