//! `GET /v1/kpi`: the numbers of a period, asked of the analytics service.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use classify::{Class, Failure};
use ids::{Clock, SignedDuration, Timestamp};
use rpc::analytics::kpi_client::KpiClient;
use rpc::analytics::{ReportRequest, ReportResponse};
use rpc::{Bearer, Channel, InterceptedService};
use serde::{Deserialize, Serialize};
use service_kit::http::{ApiToken, Query, require_token};
use service_kit::{Problem, class_of_code};
use utoipa::{IntoParams, ToSchema};

/// The client of analytics; connects when first used and again when it must.
pub(crate) type Analytics = KpiClient<InterceptedService<Channel, Bearer>>;

#[derive(Clone)]
struct Desk {
    analytics: Analytics,
    clock: Clock,
}

pub(crate) fn routes(analytics: Analytics, clock: Clock, token: ApiToken) -> Router {
    let routes = Router::new().route("/v1/kpi", get(kpi)).with_state(Desk { analytics, clock });
    require_token(routes, token)
}

/// Which numbers.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Period {
    /// The begin, RFC 3339, in the period. Left out: seven days before the end.
    #[param(value_type = Option<String>, example = "2026-11-01T00:00:00Z")]
    from: Option<Timestamp>,
    /// The end, RFC 3339, not in the period. Left out: now.
    #[param(value_type = Option<String>, example = "2026-11-08T00:00:00Z")]
    to: Option<Timestamp>,
    /// Only this bot.
    bot: Option<String>,
}

/// The numbers of a period.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Kpi {
    /// RFC 3339.
    #[schema(value_type = String)]
    from: Timestamp,
    /// RFC 3339.
    #[schema(value_type = String)]
    to: Timestamp,
    /// Updates that reached us.
    updates: i64,
    /// Conversations that began.
    conversations: i64,
    leads: Leads,
    /// Leads per conversation that began, 0 to 1.
    conversion: f64,
    /// Conversations that asked for a human.
    handoffs: i64,
    /// Handoffs per conversation that was active, 0 to 1.
    handoff_rate: f64,
    latency: Latency,
    model: Model,
    deliveries: Deliveries,
}

/// Leads by temperature.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Leads {
    total: i64,
    hot: i64,
    warm: i64,
    cold: i64,
}

/// From the update at the gateway to Telegram's acceptance of the answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Latency {
    /// Answers that were measured.
    answers: i64,
    p50_ms: f64,
    p95_ms: f64,
}

/// What models were asked, and what that cost.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Model {
    requests: i64,
    answered: i64,
    unknown: i64,
    failed: i64,
    prompt_tokens: i64,
    completion_tokens: i64,
    cost_usd: f64,
}

/// Leads that reached an endpoint, or never will.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Deliveries {
    delivered: i64,
    failed: i64,
}

/// Leads, conversion, handoffs, answer latency and model cost of a period.
#[utoipa::path(
    get, path = "/v1/kpi", tag = "numbers", params(Period), security(("token" = [])),
    responses(
        (status = 200, description = "The numbers", body = Kpi),
        (status = 400, description = "The period can not be read or ends before it begins"),
        (status = 401, description = "The token is missing or wrong"),
        (status = 503, description = "The analytics service does not answer; try again"),
    )
)]
pub(crate) async fn kpi(State(desk): State<Desk>, Query(period): Query<Period>) -> Result<Json<Kpi>, Problem> {
    let to = period.to.unwrap_or_else(|| desk.clock.now());
    let from = period.from.unwrap_or(to - SignedDuration::from_hours(7 * 24));
    if from >= to {
        return Err(Problem::new(Class::Invalid, "from must be before to"));
    }
    let request = ReportRequest {
        from_ms: from.as_millisecond(),
        to_ms: to.as_millisecond(),
        bot: period.bot.unwrap_or_default(),
    };
    let report = desk.analytics.clone().report(request).await.map_err(|status| {
        tracing::warn!(code = ?status.code(), message = status.message(), "analytics did not answer");
        Problem::of(&Failure::new(class_of_code(status.code()), "the analytics service did not answer"))
    })?;
    Ok(Json(Kpi::new(from, to, report.into_inner())))
}

impl Kpi {
    fn new(from: Timestamp, to: Timestamp, report: ReportResponse) -> Self {
        let (leads, latency) = (report.leads.unwrap_or_default(), report.latency.unwrap_or_default());
        let (model, deliveries) = (report.model.unwrap_or_default(), report.deliveries.unwrap_or_default());
        Self {
            from,
            to,
            updates: report.updates,
            conversations: report.conversations,
            leads: Leads { total: leads.total, hot: leads.hot, warm: leads.warm, cold: leads.cold },
            conversion: report.conversion,
            handoffs: report.handoffs,
            handoff_rate: report.handoff_rate,
            latency: Latency { answers: latency.answers, p50_ms: latency.p50_ms, p95_ms: latency.p95_ms },
            model: Model {
                requests: model.requests,
                answered: model.answered,
                unknown: model.unknown,
                failed: model.failed,
                prompt_tokens: model.prompt_tokens,
                completion_tokens: model.completion_tokens,
                cost_usd: model.cost_micros as f64 / 1e6,
            },
            deliveries: Deliveries { delivered: deliveries.delivered, failed: deliveries.failed },
        }
    }
}
