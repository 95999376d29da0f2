//! Access tokens, and pairs that are renewed: a refresh token is good for one use.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::answer::Answer;
use super::call::Call;
use super::state::State;

/// Seconds that an access token of a pair lives.
const LIVES: i64 = 86_400;

#[derive(Debug, Default)]
pub(super) struct Tokens {
    /// Access tokens of pairs.
    access: BTreeSet<String>,
    refresh: BTreeSet<String>,
    codes: BTreeSet<String>,
    /// The long-lived one too.
    expired: BTreeSet<String>,
    made: u32,
}

impl Tokens {
    pub(super) fn pair(&mut self) -> (String, String) {
        self.made += 1;
        let pair = (format!("access-{}", self.made), format!("refresh-{}", self.made));
        self.access.insert(pair.0.clone());
        self.refresh.insert(pair.1.clone());
        pair
    }

    pub(super) fn code(&mut self) -> String {
        self.made += 1;
        let code = format!("code-{}", self.made);
        self.codes.insert(code.clone());
        code
    }

    pub(super) fn expire(&mut self, token: &str) {
        self.expired.insert(token.to_owned());
    }

    /// All that were given out.
    pub(super) fn expire_all(&mut self, long_lived: &str) {
        self.expired.append(&mut self.access);
        self.expire(long_lived);
    }

    /// Somebody took the integration out of the account.
    pub(super) fn revoke(&mut self) {
        self.refresh.clear();
    }

    pub(super) fn is_good(&self, token: &str, long_lived: &str) -> bool {
        !self.expired.contains(token) && (token == long_lived || self.access.contains(token))
    }
}

/// `POST /oauth2/access_token`
pub(super) fn give(state: &mut State, call: &Call) -> Answer {
    let Some(body) = call.json() else { return Answer::problem(400, "The body is not JSON") };
    let given = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or("");
    let options = &state.options;
    if given("client_id") != options.client_id || given("client_secret") != options.client_secret {
        return Answer::oauth_problem("Client authentication failed");
    }
    if given("redirect_uri") != options.redirect_uri {
        return Answer::oauth_problem("Redirect URI does not match");
    }
    let known = match given("grant_type") {
        "authorization_code" => state.tokens.codes.remove(given("code")),
        "refresh_token" => state.tokens.refresh.remove(given("refresh_token")),
        _ => return Answer::problem(400, "The authorization grant type is not supported"),
    };
    if !known {
        return Answer::oauth_problem("Token has been revoked");
    }
    let (access, refresh) = state.tokens.pair();
    Answer::hal(&json!({
        "token_type": "Bearer", "expires_in": LIVES, "server_time": state.now(),
        "access_token": access, "refresh_token": refresh,
    }))
}
