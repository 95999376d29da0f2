//! `GET /v1/kpi`: the numbers of a period, asked of the analytics service.

use axum::extract::{Extension, State};
use axum::routing::get;
use axum::{Json, Router};
use classify::{Class, Failure};
use ids::{Clock, SignedDuration, Timestamp, TraceParent};
use rpc::analytics::kpi_client::KpiClient;
use rpc::analytics::{ReportRequest, ReportResponse};
use rpc::{Bearer, Channel, Code, InterceptedService, Status, traced};
use serde::{Deserialize, Serialize};
use service_kit::http::{ApiToken, Query, require_token};
use service_kit::{Problem, class_of_code};
use utoipa::{IntoParams, ToSchema};

/// The client of analytics; connects when first used and again when it must.
pub(crate) type Analytics = KpiClient<InterceptedService<Channel, Bearer>>;

/// What the endpoint is given.
#[derive(Clone)]
pub(crate) struct Desk {
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
    /// Updates that reached us, counted by whole minutes.
    updates: i64,
    /// Conversations that began.
    conversations: i64,
    leads: Leads,
    /// Of the conversations that began, the share that has left a lead, 0 to 1.
    conversion: f64,
    /// Conversations that asked for a human.
    handoffs: i64,
    /// Handoffs per conversation that was active, 0 to 1.
    handoff_rate: f64,
    latency: Latency,
    model: Model,
    deliveries: Deliveries,
    deals: Deals,
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

/// Deals of leads, as the CRMs tell it: those that were won or lost in the period and still are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Deals {
    won: i64,
    lost: i64,
    /// What the deals won are worth, by currency.
    revenue: Vec<Revenue>,
}

/// A sum.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Revenue {
    /// ISO 4217; empty where the CRM does not tell it.
    currency: String,
    /// In the smallest unit of the currency: cents, kopecks, yen.
    amount_minor: i64,
}

/// Leads, conversion, handoffs, answer latency, model cost, deals and revenue of a period.
#[utoipa::path(
    get, path = "/v1/kpi", tag = "numbers", params(Period), security(("token" = [])),
    responses(
        (status = 200, description = "The numbers", body = Kpi),
        (status = 400, description = "The period can not be read or ends before it begins"),
        (status = 401, description = "The token is missing or wrong"),
        (status = 503, description = "The analytics service does not answer; try again"),
    )
)]
pub(crate) async fn kpi(
    State(desk): State<Desk>,
    Extension(trace): Extension<TraceParent>,
    Query(period): Query<Period>,
) -> Result<Json<Kpi>, Problem> {
    let (from, to) = period.bounds(desk.clock.now()).map_err(|why| Problem::new(Class::Invalid, why))?;
    let (from_ms, to_ms) = (from.as_millisecond(), to.as_millisecond());
    let request = traced(ReportRequest { from_ms, to_ms, bot: period.bot.unwrap_or_default() }, trace);
    let report = desk.analytics.clone().report(request).await.map_err(|status| not_answered(&status))?;
    Ok(Json(Kpi::new(from, to, report.into_inner())))
}

impl Period {
    /// Its begin and end, or why it has none.
    fn bounds(&self, now: Timestamp) -> Result<(Timestamp, Timestamp), &'static str> {
        let to = self.to.unwrap_or(now);
        let week = SignedDuration::from_hours(7 * 24);
        let from = self.from.or_else(|| to.checked_sub(week).ok()).unwrap_or(Timestamp::UNIX_EPOCH);
        if from >= to {
            return Err("from must be before to");
        }
        if from < Timestamp::UNIX_EPOCH {
            return Err("the period must lie between 1970 and 9999");
        }
        Ok((from, to))
    }
}

/// What another role's answer means to the caller of the API.
fn not_answered(status: &Status) -> Problem {
    let class = match class_of_code(status.code()) {
        Class::Invalid => return Problem::new(Class::Invalid, status.message()),
        Class::Transient => Class::Transient,
        // The connection broke while it was asked.
        _ if status.code() == Code::Unknown => Class::Transient,
        // A token that the roles do not share, a fault over there: nothing that the caller can do.
        _ => Class::Permanent,
    };
    let text = format!("the analytics service did not answer: {:?}: {}", status.code(), status.message());
    Problem::of(&Failure::new(class, text))
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
            deals: Deals::from(report.deals.unwrap_or_default()),
        }
    }
}

impl From<rpc::analytics::Deals> for Deals {
    fn from(deals: rpc::analytics::Deals) -> Self {
        let sum =
            |sum: rpc::analytics::Revenue| Revenue { currency: sum.currency, amount_minor: sum.amount_minor };
        Self { won: deals.won, lost: deals.lost, revenue: deals.revenue.into_iter().map(sum).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(from: Option<&str>, to: Option<&str>) -> Result<(String, String), &'static str> {
        let read = |text: &str| text.parse().unwrap();
        let period = Period { from: from.map(read), to: to.map(read), bot: None };
        let bounds = period.bounds("2026-11-08T00:00:00Z".parse().unwrap());
        bounds.map(|(from, to)| (from.to_string(), to.to_string()))
    }

    #[test]
    fn a_period_left_out_is_the_last_seven_days() {
        let week = ("2026-11-01T00:00:00Z".to_owned(), "2026-11-08T00:00:00Z".to_owned());
        assert_eq!(bounds(None, None), Ok(week.clone()));
        assert_eq!(bounds(Some("2026-11-01T00:00:00Z"), None), Ok(week));
    }

    #[test]
    fn the_ends_of_time_are_refused_without_panic() {
        assert!(bounds(None, Some("-009999-01-02T01:59:59Z")).is_err());
        assert!(bounds(Some("1969-12-31T23:59:59Z"), None).is_err());
        assert!(bounds(Some("2026-11-09T00:00:00Z"), None).is_err());
        assert!(bounds(None, Some("9999-12-30T22:00:00Z")).is_ok());
    }

    #[test]
    fn only_what_the_caller_did_wrong_is_the_callers_fault() {
        let answer = |code| not_answered(&Status::new(code, "inside")).status().as_u16();
        assert_eq!(answer(Code::InvalidArgument), 400);
        assert_eq!(
            [answer(Code::Unavailable), answer(Code::Unknown), answer(Code::Cancelled)],
            [503, 503, 503]
        );
        assert_eq!([answer(Code::Unauthenticated), answer(Code::Internal)], [500, 500]);
    }
}
