use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ids::Secret;
use jobs::Limit;
use outbound::{AddressGuard, Forbidden};
use reqwest::header::HeaderMap;
use sha2::{Digest, Sha256};
use url::Url;

use super::super::Slots;
use super::{LEAD_CREATED, NEWS, headers};
use crate::config::{EndpointConfig, Temperature};

/// Half of what the queue runs at once: an endpoint that hangs leaves the rest to the others.
const SLOTS: usize = 16;

/// An endpoint, checked. Not `Debug`: its address may hold a secret.
pub(crate) struct Endpoint {
    pub(crate) name: String,
    pub(crate) url: Url,
    /// Stands for the address where it is noted: the address itself may hold a secret.
    pub(crate) url_hash: String,
    /// The newest first; every one signs.
    pub(crate) keys: Vec<Secret>,
    /// Calls that this process makes to it at once.
    pub(crate) slots: Slots,
    /// The operator's own, which every call carries.
    pub(crate) headers: HeaderMap,
    /// Of calls, shared by all replicas.
    limit: Option<Limit>,
    bots: Vec<String>,
    events: Vec<String>,
    temperatures: Vec<Temperature>,
}

/// What is wrong with a configured endpoint; for the operator.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EndpointError {
    #[error("[[crm.endpoints]] name {0:?} must be 1 to 32 of a-z, 0-9, _ and -")]
    Name(String),
    #[error("[[crm.endpoints]] has two endpoints called {0}; give each its own name")]
    Twice(String),
    #[error("[[crm.endpoints]] {0}: url is not an address; write https://host/path")]
    Url(String),
    #[error("[[crm.endpoints]] {0}: the address can not be used")]
    Forbidden(String, #[source] Forbidden),
    #[error("[[crm.endpoints]] {0}: events names {1:?}; there are {LEAD_CREATED}, {news}", news = NEWS.join(", "))]
    Events(String, String),
    #[error("[[crm.endpoints]] {0}: {1} must be whsec_ and 24 to 64 bytes in base64")]
    Secret(String, &'static str),
    #[error("[[crm.endpoints]] {0}: {1}")]
    Headers(String, String),
    #[error("[[crm.endpoints]] {0}: most_per_second must be 0.01 to 1000")]
    Rate(String),
}

/// All endpoints by name.
pub(crate) struct Endpoints(BTreeMap<String, Endpoint>);

impl Endpoints {
    pub(crate) fn new(configured: &[EndpointConfig], guard: &AddressGuard) -> Result<Self, EndpointError> {
        let mut endpoints = BTreeMap::new();
        for config in configured {
            let endpoint = Endpoint::new(config, guard)?;
            if endpoints.insert(config.name.clone(), endpoint).is_some() {
                return Err(EndpointError::Twice(config.name.clone()));
            }
        }
        Ok(Self(endpoints))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Endpoint> {
        self.0.get(name)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Endpoint> {
        self.0.values()
    }

    /// What the calls of an endpoint count against.
    pub(crate) fn limits(&self, name: &str) -> Vec<Limit> {
        self.get(name).and_then(|endpoint| endpoint.limit.clone()).into_iter().collect()
    }

    pub(crate) fn is_any_limited(&self) -> bool {
        self.all().any(|endpoint| endpoint.limit.is_some())
    }

    /// Those that want this kind of event of this bot.
    pub(crate) fn that_want<'a>(
        &'a self,
        event: &'a str,
        bot: &'a str,
    ) -> impl Iterator<Item = &'a Endpoint> {
        let names = |all: &[String], one: &str| all.iter().any(|wanted| wanted == one);
        let of_bot = move |e: &&Endpoint| e.bots.is_empty() || names(&e.bots, bot);
        self.0.values().filter(of_bot).filter(move |e| names(&e.events, event))
    }
}

impl Endpoint {
    fn new(config: &EndpointConfig, guard: &AddressGuard) -> Result<Self, EndpointError> {
        let name = config.name.clone();
        let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        if !(1..=32).contains(&name.len()) || !name.bytes().all(is_word) {
            return Err(EndpointError::Name(name));
        }
        let url: Url = config.url.parse().map_err(|_| EndpointError::Url(name.clone()))?;
        guard.check(&url).map_err(|why| EndpointError::Forbidden(name.clone(), why))?;
        let known = |event: &str| event == LEAD_CREATED || NEWS.contains(&event);
        if let Some(unknown) = config.events.iter().find(|event| !known(event)) {
            return Err(EndpointError::Events(name, unknown.clone()));
        }
        let mut keys =
            vec![checked(&config.secret).ok_or_else(|| EndpointError::Secret(name.clone(), "secret"))?];
        if !config.previous_secret.is_empty() {
            let previous = checked(&config.previous_secret);
            keys.push(previous.ok_or_else(|| EndpointError::Secret(name.clone(), "previous_secret"))?);
        }
        let headers =
            headers::checked(&config.headers).map_err(|why| EndpointError::Headers(name.clone(), why))?;
        if config.most_per_second.is_some_and(|rate| !(0.01..=1000.0).contains(&rate)) {
            return Err(EndpointError::Rate(name));
        }
        let limit = config.most_per_second.map(|rate| Limit {
            key: format!("crm/{name}/posts"),
            per: Duration::from_secs_f64(1.0 / rate),
            burst: 1,
        });
        let url_hash = hex::encode(&Sha256::digest(url.as_str())[..8]);
        Ok(Self {
            name,
            url,
            url_hash,
            keys,
            slots: Slots::new(SLOTS),
            headers,
            limit,
            bots: config.bots.clone(),
            events: config.events.clone(),
            temperatures: config.temperatures.clone(),
        })
    }

    /// Whether it wants a lead that is so warm. A word that is not known here, of a bot that is newer, leaves nobody out.
    pub(crate) fn takes(&self, temperature: &str) -> bool {
        self.temperatures.is_empty()
            || Temperature::said(temperature).is_none_or(|one| self.temperatures.contains(&one))
    }
}

fn checked(secret: &Secret) -> Option<Secret> {
    let bytes = STANDARD.decode(secret.expose().strip_prefix("whsec_")?).ok()?;
    (24..=64).contains(&bytes.len()).then(|| secret.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::standard_webhook::HANDOFF_PREPARED;
    use proptest::prelude::*;

    fn config(name: &str, url: &str, secret: &str) -> EndpointConfig {
        EndpointConfig {
            name: name.to_owned(),
            url: url.to_owned(),
            secret: Secret::new(secret),
            previous_secret: Secret::default(),
            headers: BTreeMap::new(),
            most_per_second: None,
            bots: Vec::new(),
            events: vec![LEAD_CREATED.to_owned()],
            temperatures: Vec::new(),
        }
    }

    const GOOD: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn refused(config: &EndpointConfig) -> String {
        let error = Endpoints::new(std::slice::from_ref(config), &AddressGuard::default()).err().unwrap();
        classify::chain(&error)
    }

    #[test]
    fn each_mistake_is_named_and_no_secret_is_shown() {
        names(&config("CRM", "https://a.example/", GOOD), "name \"CRM\" must be");
        names(&config("a", "nonsense", GOOD), "url is not an address");
        names(&config("a", "https://127.0.0.1/", GOOD), "private network");
        names(&config("a", "https://a.example/", "whsec_c2hvcnQ="), "secret must be whsec_");
        names(&config("a", "https://a.example/", "hunter2"), "secret must be whsec_");
    }

    #[test]
    fn headers_and_rates_are_checked_at_the_start() {
        let mut endpoint = config("a", "https://a.example/", GOOD);
        endpoint.headers.insert("Host".to_owned(), Secret::new("hunter2"));
        names(&endpoint, "[[crm.endpoints]] a: the header \"Host\" is not yours to set");
        for rate in [0.0, -1.0, 1000.5, f64::NAN, f64::INFINITY] {
            let mut endpoint = config("a", "https://a.example/", GOOD);
            endpoint.most_per_second = Some(rate);
            names(&endpoint, "most_per_second must be 0.01 to 1000");
        }
    }

    #[test]
    fn an_endpoint_may_want_only_leads_that_are_warm_enough() {
        let mut picky = config("picky", "https://a.example/", GOOD);
        picky.temperatures = vec![Temperature::Hot, Temperature::Warm];
        let endpoints =
            Endpoints::new(&[picky, config("all", "https://b.example/", GOOD)], &AddressGuard::default());
        let endpoints = endpoints.unwrap();
        let takes = |name, word| endpoints.get(name).unwrap().takes(word);
        assert_eq!(["hot", "warm", "cold", ""].map(|word| takes("picky", word)), [true, true, false, true]);
        assert_eq!(["hot", "warm", "cold", ""].map(|word| takes("all", word)), [true; 4]);
    }

    fn names(config: &EndpointConfig, expected: &str) {
        let text = refused(config);
        assert!(text.contains(expected), "{text}");
        assert!(!text.contains("hunter2") && !text.contains("MfKQ9"));
    }

    #[test]
    fn each_endpoint_gets_what_it_asks_for() {
        let mut only_one = config("one", "https://one.example/", GOOD);
        only_one.bots = vec!["sales".to_owned()];
        only_one.events.push(HANDOFF_PREPARED.to_owned());
        let all = config("all", "https://all.example/", GOOD);
        let endpoints = Endpoints::new(&[only_one, all], &AddressGuard::default()).unwrap();
        let who = |event, bot| endpoints.that_want(event, bot).map(|e| e.name.as_str()).collect::<Vec<_>>();
        assert_eq!(who(LEAD_CREATED, "sales"), ["all", "one"]);
        assert_eq!(who(LEAD_CREATED, "other"), ["all"]);
        assert_eq!(who(HANDOFF_PREPARED, "sales"), ["one"]);
        let mut wrong = config("one", "https://one.example/", GOOD);
        wrong.events = vec!["lead.deleted".to_owned()];
        names(
            &wrong,
            "one: events names \"lead.deleted\"; there are lead.created, handoff.prepared, lead.files",
        );
    }

    #[test]
    fn two_endpoints_of_one_name_are_refused() {
        let twice = [config("a", "https://one.example/", GOOD), config("a", "https://two.example/", GOOD)];
        let error = Endpoints::new(&twice, &AddressGuard::default()).err().unwrap();
        assert!(error.to_string().contains("two endpoints called a"));
    }

    proptest! {
        /// Whatever is written there: it is taken or refused with a sentence, and no secret is in it.
        #[test]
        fn any_endpoint_is_taken_or_refused_in_a_sentence(
            name in ".{0,40}|[a-z]{1,32}",
            url in ".{0,60}|https?://[a-z0-9.:\\[\\]@/-]{0,40}",
            secret in ".{0,90}|whsec_[A-Za-z0-9+/=]{0,100}",
            previous in ".{0,20}|whsec_[A-Za-z0-9+/=]{0,100}",
        ) {
            let mut config = config(&name, &url, &secret);
            config.previous_secret = Secret::new(&previous);
            match Endpoints::new(std::slice::from_ref(&config), &AddressGuard::default()) {
                Ok(endpoints) => {
                    let endpoint = endpoints.get(&name).unwrap();
                    prop_assert_eq!(endpoint.url.scheme(), "https");
                    prop_assert!(!endpoint.keys.is_empty());
                }
                Err(error) => {
                    let text = classify::chain(&error);
                    prop_assert!(text.contains("[[crm.endpoints]]"));
                    prop_assert!(secret.len() < 12 || !text.contains(&secret));
                }
            }
        }
    }
}
