//! What an answer means. The word in `error` decides, whatever its case: the same status is given for very different things.

use std::time::Duration;

use ids::Pii;
use serde_json::Value;

use super::super::call::{Effect, Reply};
use super::super::{Fault, Trouble};

/// A bucket that is full has room for a few calls after this.
const DRAINED: Duration = Duration::from_secs(2);
/// Where a limit says nothing of its end: a basket of operating time is a minute.
const BASKET: Duration = Duration::from_secs(60);
/// Operating time is forgotten after ten minutes, and nothing asks for a longer wait in earnest.
const LONGEST: Duration = Duration::from_secs(660);

const MAY_NOT: &str = "the user of the webhook or the token may not do this in the CRM";
const NO_PLAN: &str =
    "the plan of the portal has no REST API, or the user of the webhook or the token may not do this";
const NOT_TAKEN: &str = "the webhook or the token is not taken";

/// How a call was not answered.
#[derive(Debug)]
pub(super) enum Refused {
    /// The token is over, which a fresh one may mend.
    Expired,
    /// The method has worked too long; the wait, where the answer tells it.
    Worked {
        status: u16,
        after: Option<Duration>,
    },
    Trouble(Trouble),
}

impl Refused {
    /// What it is where nothing more can be done about it.
    pub(super) fn trouble(self) -> Trouble {
        match self {
            Self::Expired => denied(401, "not even a fresh token is taken", Pii::new(String::new())),
            Self::Worked { status, after } => {
                let after = after.unwrap_or(BASKET);
                Trouble::Busy { status: Some(status), after, only_this: true }
            }
            Self::Trouble(trouble) => trouble,
        }
    }
}

/// The body of an answer that is one.
pub(super) fn judge(reply: &Reply) -> Result<Value, Refused> {
    if reply.is_html() {
        return Err(Refused::Trouble(reply.failed()));
    }
    // Without a body that can be read there is only the status.
    let body: Option<Value> = serde_json::from_slice(&reply.body).ok();
    let problem = body.as_ref().filter(|body| body.get("error").is_some_and(|error| !error.is_null()));
    if problem.is_none() && reply.is_success() {
        return body.map_or_else(|| reply.json(), Ok).map_err(Refused::Trouble);
    }
    let problem = problem.unwrap_or(&Value::Null);
    let failed = || reply.failed();
    Err(refused(reply.status, problem, reply.retry_after(), reply.said(), failed))
}

/// The error of one call in a batch; the batch itself is a 200. Only calls that read are put into one.
pub(super) fn judge_nested(problem: &Value) -> Refused {
    let status = match word(problem).as_str() {
        "query_limit_exceeded" | "overload_limit" => 503,
        "operation_time_limit" => 429,
        "internal_server_error" | "error_unexpected_answer" => 500,
        _ => 400,
    };
    let said = Pii::new(text(problem, "error_description"));
    let failed = || Trouble::Failed { status, said: said.clone() };
    refused(status, problem, None, said.clone(), failed)
}

fn refused(
    status: u16,
    problem: &Value,
    retry_after: Option<Duration>,
    said: Pii<String>,
    failed: impl FnOnce() -> Trouble,
) -> Refused {
    let blocked = |why, said| Trouble::Blocked { status, why, said };
    let forbidden = |why, said| Trouble::Forbidden { status, why, said };
    let code = word(problem);
    Refused::Trouble(match code.as_str() {
        "expired_token" => return Refused::Expired,
        "operation_time_limit" => return Refused::Worked { status, after: reset(problem.get("time")) },
        "query_limit_exceeded" => busy(status, retry_after.unwrap_or(DRAINED)),
        "overload_limit" => {
            blocked("Bitrix24 has shut out this server for overload; only its support lets it in again", said)
        }
        "portal_deleted" => blocked("the portal is deleted, or closed to everybody", said),
        "payment_required" => blocked("the plan of the portal, or of the application, has ended", said),
        // Some methods write the sentence where the word belongs.
        _ if says_access_denied(problem) => forbidden(MAY_NOT, said),
        "access_denied" if status == 403 => forbidden(NO_PLAN, said),
        "no_auth_found" => denied(status, "the webhook or the token is unknown there", said),
        "invalid_credentials" => {
            forbidden("the user of the webhook or the token has no right to do this", said)
        }
        "insufficient_scope" | "invalid_scope" => denied(
            status,
            "the webhook or the application lacks a right: it needs crm, and user to name people",
            said,
        ),
        "user_access_error" | "allowed_only_intranet_user" => {
            denied(status, "the user of the webhook or the token may not use it", said)
        }
        "access_denied" => forbidden(MAY_NOT, said),
        "internal_server_error" | "error_unexpected_answer" => failed(),
        _ => match status {
            401 => denied(status, NOT_TAKEN, said),
            403 => forbidden(NOT_TAKEN, said),
            402 => blocked("the plan of the portal has ended", said),
            429 => busy(status, retry_after.unwrap_or(DRAINED)),
            200..=299 | 400..=499 => Trouble::Rejected { status, faults: faults(problem), said },
            _ => failed(),
        },
    })
}

fn faults(problem: &Value) -> Vec<Fault> {
    let (code, detail) = (text(problem, "error"), text(problem, "error_description"));
    if code.is_empty() && detail.is_empty() {
        return Vec::new();
    }
    vec![Fault::new(None, &code, detail)]
}

const fn denied(status: u16, why: &'static str, said: Pii<String>) -> Trouble {
    Trouble::Denied { status, why, said }
}

fn busy(status: u16, after: Duration) -> Trouble {
    Trouble::Busy { status: Some(status), after: after.min(LONGEST), only_this: false }
}

/// How long until some of a method's operating time is forgotten: `time` has that moment and its own, both by the portal's
/// clock, which is not ours.
pub(super) fn reset(time: Option<&Value>) -> Option<Duration> {
    let seconds = |name: &str| time?.get(name)?.as_f64();
    let now = seconds("finish").or_else(|| seconds("start"))?;
    let wait = Duration::try_from_secs_f64(seconds("operating_reset_at")? - now).unwrap_or_default();
    Some(wait.clamp(Duration::from_secs(1), LONGEST))
}

fn word(problem: &Value) -> String {
    text(problem, "error").to_lowercase()
}

fn says_access_denied(problem: &Value) -> bool {
    let says = |name| text(problem, name).trim_end_matches('.').eq_ignore_ascii_case("access denied");
    says("error") || says("error_description")
}

/// A text, or a number, which some methods give for a code.
fn text(problem: &Value, name: &str) -> String {
    match problem.get(name) {
        Some(Value::String(text)) => text.chars().take(500).filter(|c| *c != '\0').collect(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// An answer of the right form without what it has to hold.
pub(super) fn misses(effect: Effect, what: &str) -> Trouble {
    match effect {
        Effect::Write => Trouble::Unknown(format!("answered 200 without {what}")),
        Effect::Read => {
            Trouble::Failed { status: 200, said: Pii::new(format!("the answer is without {what}")) }
        }
    }
}
