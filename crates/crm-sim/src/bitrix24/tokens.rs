//! Tokens of an application, and the server that gives them out: `GET /oauth/token/`.

use std::collections::{BTreeMap, BTreeSet};

use ids::Timestamp;
use serde_json::{Value, json};

use super::problem::Problem;
use super::state::{State, param};

/// Seconds that an access token lives.
const LIVES: i64 = 3_600;
/// Seconds that a code lives.
const CODE_LIVES: i64 = 30;

#[derive(Default)]
pub(super) struct Tokens {
    /// With when they end, in Unix seconds.
    access: BTreeMap<String, i64>,
    refresh: BTreeSet<String>,
    codes: BTreeMap<String, i64>,
    made: u32,
}

impl Tokens {
    pub(super) fn pair(&mut self, now: Timestamp) -> (String, String) {
        self.made += 1;
        let (access, refresh) = (format!("access{}", self.made), format!("refresh{}", self.made));
        self.access.insert(access.clone(), now.as_second() + LIVES);
        self.refresh.insert(refresh.clone());
        (access, refresh)
    }

    pub(super) fn code(&mut self, now: Timestamp) -> String {
        self.made += 1;
        let code = format!("code{}", self.made);
        self.codes.insert(code.clone(), now.as_second() + CODE_LIVES);
        code
    }

    pub(super) fn check(&self, token: &str, now: Timestamp) -> Result<(), Problem> {
        match self.access.get(token) {
            None => Err(Problem::new(401, "NO_AUTH_FOUND", "Wrong authorization data")),
            Some(ends) if *ends <= now.as_second() => Err(Problem::expired()),
            Some(_) => Ok(()),
        }
    }

    /// Every access token is over, no refresh token is.
    pub(super) fn expire(&mut self) {
        self.access.values_mut().for_each(|ends| *ends = 0);
    }

    /// The application is taken out.
    pub(super) fn revoke(&mut self) {
        self.refresh.clear();
    }
}

/// A pair for a code or for a refresh token, each of which is good once.
pub(super) fn give(state: &mut State, params: &Value) -> Result<Value, Problem> {
    let given = |name: &str| param(params, name).as_str().unwrap_or("").to_owned();
    let now = state.now();
    let refused = |code: &str, said: &str| Err(Problem::new(400, code, said));
    if given("client_id") != state.options.client_id || given("client_secret") != state.options.client_secret
    {
        return refused("invalid_client", "Invalid client data");
    }
    let known = match given("grant_type").as_str() {
        "authorization_code" => {
            let ends = state.tokens.codes.remove(&given("code"));
            ends.is_some_and(|ends| ends > now.as_second())
        }
        "refresh_token" => state.tokens.refresh.remove(&given("refresh_token")),
        _ => return refused("invalid_request", "Invalid request"),
    };
    if !known {
        return refused("invalid_grant", "Invalid grant");
    }
    let (access, refresh) = state.tokens.pair(now);
    Ok(json!({
        "access_token": access, "refresh_token": refresh, "expires_in": LIVES, "expires": now.as_second() + LIVES,
        "scope": "crm,user", "status": "L", "member_id": "a223c6b3710f85df22e9377d6c4f7553", "user_id": 1,
        "domain": "oauth.bitrix.info", "server_endpoint": "https://oauth.bitrix.info/rest/",
        "client_endpoint": "https://acme.bitrix24.ru/rest/",
    }))
}
