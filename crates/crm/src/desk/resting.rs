//! What an operator is told of an account that could not be asked.

use ids::Timestamp;
use pg::Pool;

use crate::accounts::Account;
use crate::adapters::Trouble;
use crate::delivering::said;
use crate::store::rest::{self, Rest, Why};

/// What a person is told of a call that failed: in our words, and behind them in those of the CRM that add to them.
pub(crate) fn told(account: &Account, trouble: &Trouble) -> String {
    let (ours, theirs) = (said(&account.name, trouble), trouble.their_words());
    let theirs = theirs.expose().trim();
    if theirs.is_empty() { ours } else { format!("{ours} ({theirs})") }
}

/// The same; of an account that rests it is why, and until when. Where our own database does not say, the call's trouble is
/// told as it is.
pub(super) async fn explained(pool: &Pool, account: &Account, trouble: &Trouble) -> String {
    if !matches!(trouble, Trouble::Busy { status: None, .. }) {
        return told(account, trouble);
    }
    let found = async {
        let mut connection = pool.acquire().await.map_err(pg::PgError::from)?;
        rest::of(&mut connection, &account.name, &account.keys()).await
    };
    match found.await {
        Ok(Some(rest)) => words(&account.name, account.token.is_renewed(), &rest),
        _ => told(account, trouble),
    }
}

fn words(account: &str, is_renewed: bool, rest: &Rest) -> String {
    let until = second(rest.until);
    let Some(call) = &rest.after else {
        return format!(
            "{account} rests: nothing is called until {until}, or until dragoman crm redrive {account} --since 1h"
        );
    };
    let at = second(call.at);
    let status = call.status.map(|status| format!(" (it answered {status})")).unwrap_or_default();
    let redrive = format!("dragoman crm redrive {account} --since {at}");
    match call.why {
        Why::Denied => {
            let mend = if is_renewed {
                format!("consent anew (dragoman crm connect {account}) and it goes on at once; or")
            } else {
                "give the account a token that may do it, then".to_owned()
            };
            format!(
                "{account} did not take the token at {at}{status}; nothing is called until {until}. To go on before: {mend} {redrive}"
            )
        }
        Why::Blocked => format!(
            "{account} shut us out at {at}{status}; nothing is called until {until}. Once its support lets us in again: {redrive}"
        ),
        Why::Busy => format!("{account} asked for patience at {at}{status}; nothing is called until {until}"),
    }
}

/// To the second, as `--since` takes it; earlier rather than later.
fn second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::rest::Call;

    fn rest(why: Why, status: i32) -> Rest {
        let at = |text: &str| text.parse().unwrap();
        let call = Call { at: at("2026-11-28T14:17:03.25Z"), why, status: Some(status) };
        Rest { until: at("2026-11-28T14:32:03.25Z"), after: Some(call) }
    }

    #[test]
    fn why_an_account_rests_until_when_and_how_to_end_it() {
        assert_eq!(
            words("sales", false, &rest(Why::Denied, 401)),
            "sales did not take the token at 2026-11-28T14:17:03Z (it answered 401); nothing is called until 2026-11-28T14:32:03Z. \
             To go on before: give the account a token that may do it, then dragoman crm redrive sales --since 2026-11-28T14:17:03Z"
        );
        assert!(words("sales", true, &rest(Why::Denied, 401)).contains("dragoman crm connect sales"));
        assert!(words("sales", false, &rest(Why::Blocked, 403)).contains("shut us out at"));
        assert!(
            words("sales", false, &rest(Why::Busy, 429))
                .ends_with("nothing is called until 2026-11-28T14:32:03Z")
        );
    }
}
