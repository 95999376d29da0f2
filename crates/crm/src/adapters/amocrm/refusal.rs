//! What a status that is no success means, and which of our fields an error is about.

use std::time::Duration;

use ids::Pii;
use serde_json::Value;

use super::super::call::Reply;
use super::super::{Fault, Trouble};
use super::reading::{line, list};

/// Errors of one answer that are kept.
const MOST_FAULTS: usize = 50;

pub(super) const MOVED: &str = "no account answers at this address; it may have been renamed or moved: look at the url of \
                                [[crm.accounts]]";
const NOT_EVEN_FRESH: &str =
    "not even the newest token is taken; look whether the integration is still in the account";
const UNPAID: &str = "the account's subscription is over; calls are taken again once it is paid";
const SHUT_OUT: &str =
    "amoCRM shuts out every call of ours, as it does after too many of them; only its support lifts that";
const MAY_NOT: &str =
    "who gave the token may not do this, or this server's address is not on the account's list";
const NO_DEALS: &str =
    "error 244: who gave the token may not add deals, or the account's subscription is over";

/// `pause` where the answer says that we call too fast; `ours` what we call the part of the request that a path leads to.
pub(super) fn trouble(
    reply: &Reply,
    pause: Duration,
    ours: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Trouble {
    let status = reply.status;
    let denied = |why| Trouble::Denied { status, why, said: reply.said() };
    let forbidden = |why| Trouble::Forbidden { status, why, said: reply.said() };
    let problem: Option<Value> = serde_json::from_slice(&reply.body).ok().filter(Value::is_object);
    let detail = problem.as_ref().map(|problem| line(problem, "/detail"));
    match (status, detail) {
        (300..400, _) => denied(MOVED),
        (404, None) => forbidden(MOVED),
        (404, Some(detail)) if is_of_account(&detail) => denied(MOVED),
        (400, Some(detail)) if is_numbered(&detail, "244") => denied(NO_DEALS),
        (401, _) => denied(NOT_EVEN_FRESH),
        (402, _) => denied(UNPAID),
        (403, Some(_)) => forbidden(MAY_NOT),
        (403, None) => Trouble::Blocked { status, why: SHUT_OUT, said: reply.said() },
        (429, _) => Trouble::Busy { status: Some(status), after: pause, only_this: false },
        (408, _) => reply.failed(),
        (400..500, _) => {
            let faults = problem.map_or_else(Vec::new, |problem| faults(&problem, ours));
            Trouble::Rejected { status, faults, said: reply.said() }
        }
        _ => reply.failed(),
    }
}

fn is_of_account(detail: &str) -> bool {
    let detail = detail.to_lowercase();
    detail.contains("account") || detail.contains("аккаунт")
}

/// Whether the number of an error stands in its text, which is the only place it has.
fn is_numbered(detail: &str, number: &str) -> bool {
    detail.split(|c: char| !c.is_ascii_digit()).any(|digits| digits == number)
}

fn faults(problem: &Value, ours: &(dyn Fn(&str) -> Option<String> + Sync)) -> Vec<Fault> {
    let requests = list(problem, "/validation-errors").iter();
    let errors = requests.flat_map(|request| list(request, "/errors")).take(MOST_FAULTS);
    let faults: Vec<Fault> = errors
        .map(|error| {
            let (path, detail) = (line(error, "/path"), line(error, "/detail"));
            let field = ours(&path);
            // Where the path leads nowhere, it is all there is to look for.
            let detail =
                if field.is_some() || path.is_empty() { detail } else { format!("{path}: {detail}") };
            Fault::new(field, &line(error, "/code"), detail)
        })
        .collect();
    if !faults.is_empty() {
        return faults;
    }
    vec![Fault::new(None, &line(problem, "/title"), line(problem, "/detail"))]
}

/// What is wrong with a request before it is sent.
pub(super) fn before(faults: Vec<Fault>) -> Trouble {
    Trouble::Rejected { status: 0, faults, said: Pii::default() }
}

pub(super) fn fault(ours: &str, code: &str, detail: impl Into<String>) -> Fault {
    Fault::new(Some(ours.to_owned()), code, detail)
}

/// An id of amoCRM, which is a number.
pub(super) fn id(ours: &str, given: &str) -> Result<i64, Fault> {
    let number = given.trim().parse().ok().filter(|id| *id > 0);
    number.ok_or_else(|| fault(ours, "NotAnId", format!("amoCRM's ids are numbers; this is {given:?}")))
}
