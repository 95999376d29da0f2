//! Why an account is not called for a while, and until when: what an operator reads who asks meanwhile.

use ids::Timestamp;
use jiff_sqlx::Timestamp as At;
use pg::{PgConnection, PgError};

/// A pause of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rest {
    pub(crate) until: Timestamp,
    /// The call that began it, where a delivery made it.
    pub(crate) after: Option<Call>,
}

/// A call that made everything wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) at: Timestamp,
    pub(crate) why: Why,
    pub(crate) status: Option<i32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The token was not taken, or may do nothing.
    Denied,
    /// The CRM has shut us out.
    Blocked,
    /// It asked for patience.
    Busy,
}

/// The pause that these limits of an account are in now.
pub(crate) async fn of(
    connection: &mut PgConnection,
    account: &str,
    limits: &[String],
) -> Result<Option<Rest>, PgError> {
    let until: Option<At> = sqlx::query_scalar(
        "select max(paused_until) from rate_limit where key = any($1) and paused_until > now()",
    )
    .bind(limits)
    .fetch_one(&mut *connection)
    .await?;
    let Some(until) = until else { return Ok(None) };
    let last: Option<(At, String, Option<i32>)> = sqlx::query_as(
        "select a.started_at, a.outcome, a.status from attempt a join delivery d on d.id = a.delivery_id
         where d.endpoint = $1 and d.state = 'waiting' and a.outcome in ('denied', 'blocked', 'busy')
         order by a.started_at desc limit 1",
    )
    .bind(account)
    .fetch_optional(connection)
    .await?;
    let call = |(at, outcome, status): (At, String, Option<i32>)| {
        let why = match outcome.as_str() {
            "denied" => Why::Denied,
            "blocked" => Why::Blocked,
            _ => Why::Busy,
        };
        Call { at: at.to_jiff(), why, status }
    };
    Ok(Some(Rest { until: until.to_jiff(), after: last.map(call) }))
}
