//! When an account's token ends, as far as that can be known beforehand: what the settings say of it, what the token says
//! itself (those of amoCRM are JWTs), or how long a grant lives that is not renewed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ids::{Secret, SignedDuration, Timestamp};
use serde::Deserialize;

use crate::config::{AccountConfig, AccountKind};

/// Warnings come so many days before the end.
const WARNED: [i64; 3] = [30, 7, 1];
/// A token is no longer than this.
const LONGEST: usize = 16 << 10;

/// How an account's end is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenEnd {
    /// The token says nothing, and nor do the settings.
    NotKnown,
    At(Timestamp),
    /// So many days after the grant was renewed last.
    AfterRenewal(i64),
}

impl TokenEnd {
    pub(crate) fn of(config: &AccountConfig) -> Result<Self, String> {
        let is_amocrm = matches!(config.kind, AccountKind::Amocrm | AccountKind::Kommo);
        if !config.token_ends.is_empty() {
            let date = format!("{}T00:00:00Z", config.token_ends);
            let at = config.token_ends.parse().or_else(|_| date.parse());
            return at.map(Self::At).map_err(|_| "token_ends must be a date: 2027-01-31".to_owned());
        }
        Ok(match &config.oauth {
            // amoCRM forgets a refresh token after three months, Bitrix24 after 180 days.
            Some(_) if is_amocrm => Self::AfterRenewal(90),
            Some(_) => Self::AfterRenewal(180),
            None if is_amocrm => said_by(&config.token).map_or(Self::NotKnown, Self::At),
            None => Self::NotKnown,
        })
    }

    pub(crate) fn at(self, renewed: Option<Timestamp>) -> Option<Timestamp> {
        match self {
            Self::NotKnown => None,
            Self::At(at) => Some(at),
            Self::AfterRenewal(days) => renewed?.checked_add(SignedDuration::from_hours(24 * days)).ok(),
        }
    }
}

/// Which warning an end is worth: 1 within thirty days, 2 within seven, 3 within one, 4 when it is over.
pub(crate) fn warning(end: Timestamp, now: Timestamp) -> Option<i64> {
    let left = end.duration_since(now);
    if left <= SignedDuration::ZERO {
        return Some(4);
    }
    let due = WARNED.iter().filter(|days| left <= SignedDuration::from_hours(24 * **days)).count();
    i64::try_from(due).ok().filter(|due| *due > 0)
}

/// What a JWT says of its own end. Nobody verifies it here: whoever forged it would only be warned wrongly.
fn said_by(token: &Secret) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct Claims {
        exp: serde_json::Number,
    }
    let token = token.expose().trim();
    let mut parts = token.split('.');
    let (Some(_), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    if token.len() > LONGEST {
        return None;
    }
    let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    let exp = serde_json::from_slice::<Claims>(&claims).ok()?.exp;
    // Some write it with a fraction.
    let seconds = exp.as_i64().or_else(|| exp.as_f64().map(|seconds| seconds as i64))?;
    Timestamp::from_second(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn jwt(claims: &str) -> Secret {
        Secret::new(format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims)))
    }

    #[test]
    fn a_token_of_amocrm_says_itself_when_it_ends() {
        let at = |claims: &str| said_by(&jwt(claims)).map(|at| at.to_string());
        assert_eq!(at(r#"{"aud":"x","exp":1801353600,"scopes":[]}"#).unwrap(), "2027-01-31T00:00:00Z");
        assert_eq!(at(r#"{"exp":1801353600.5}"#).unwrap(), "2027-01-31T00:00:00Z");
        for none in [r#"{"exp":"soon"}"#, r#"{"exp":1e300}"#, "{}", "[]", ""] {
            assert_eq!(at(none), None, "{none}");
        }
        for token in ["", "pat-eu1-x", "a.b.c", "1/hunter2", "a..b.c"] {
            assert_eq!(said_by(&Secret::new(token)), None, "{token}");
        }
    }

    #[test]
    fn warnings_come_thirty_days_seven_and_one_before() {
        let end: Timestamp = "2027-01-31T00:00:00Z".parse().unwrap();
        for (now, wanted) in [
            ("2026-12-31T00:00:00Z", None),
            ("2027-01-01T00:00:00Z", Some(1)),
            ("2027-01-23T23:59:59Z", Some(1)),
            ("2027-01-24T00:00:00Z", Some(2)),
            ("2027-01-30T00:00:00Z", Some(3)),
            ("2027-01-31T00:00:00Z", Some(4)),
        ] {
            assert_eq!(warning(end, now.parse().unwrap()), wanted, "{now}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_token_is_it_is_read_or_not(token in ".{0,200}", claims in ".{0,200}") {
            said_by(&Secret::new(token));
            said_by(&jwt(&claims));
        }
    }
}
