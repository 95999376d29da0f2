//! PagerDuty, and what takes its Events API v2. An incident is known by its key, so telling it twice makes no second one.

use ids::Secret;
use outbound::AddressGuard;
use serde_json::{Value, json};
use url::Url;

use super::receiver::{NotTold, address, judge, needed};
use super::words::Words;
use crate::adapters::{Caller, Effect};
use crate::config::{AlertConfig, AlertEvent};
use crate::store::trouble::News;

const USUAL: &str = "https://events.pagerduty.com";
/// Characters of a summary.
const LONGEST_SUMMARY: usize = 1024;

pub(super) struct PagerDuty {
    caller: Caller,
    url: Url,
    routing_key: Secret,
}

impl PagerDuty {
    pub(super) fn new(config: &AlertConfig, guard: &AddressGuard, caller: Caller) -> Result<Self, String> {
        let routing_key = needed(&config.routing_key, "routing_key")?;
        let mut url = address(&config.url, USUAL, guard)?;
        if url.path() == "/" {
            url.set_path("/v2/enqueue");
        }
        Ok(Self { caller, url, routing_key })
    }

    pub(super) async fn tell(&self, news: &News, words: &Words) -> Result<(), NotTold> {
        let body = event(news, words, self.routing_key.expose());
        let request = self.caller.client().post(self.url.clone()).json(&body);
        judge(self.caller.send(request, Effect::Write).await, &self.routing_key)
    }
}

fn event(news: &News, words: &Words, routing_key: &str) -> Value {
    let wrong = &news.wrong;
    // What comes back after it was over is another incident.
    let dedup_key = format!("dragoman/crm/{}/{}/{}", wrong.what.as_str(), wrong.target, news.trouble);
    if news.over {
        return json!({ "routing_key": routing_key, "event_action": "resolve", "dedup_key": dedup_key });
    }
    json!({
        "routing_key": routing_key,
        "event_action": "trigger",
        "dedup_key": dedup_key,
        "client": "dragoman",
        "payload": {
            "summary": words.what.chars().take(LONGEST_SUMMARY).collect::<String>(),
            "severity": severity(wrong.what),
            "source": format!("dragoman/{}", wrong.target),
            "component": wrong.target,
            "group": "crm",
            "class": wrong.what.as_str(),
            "timestamp": wrong.since,
            "custom_details": { "count": wrong.count, "do": words.todo },
        },
    })
}

const fn severity(what: AlertEvent) -> &'static str {
    match what {
        AlertEvent::ShutOut | AlertEvent::TokenRefused => "critical",
        AlertEvent::DeadLetter | AlertEvent::Failing => "error",
        AlertEvent::TokenEnds | AlertEvent::Missing => "warning",
    }
}
