//! Slack, and what takes the same message at an address of its own (Mattermost, Rocket.Chat, Discord's `/slack`).

use ids::Secret;
use outbound::AddressGuard;
use serde_json::json;
use url::Url;

use super::receiver::{NotTold, address, judge, needed};
use crate::adapters::{Caller, Effect};
use crate::config::AlertConfig;

pub(super) struct Slack {
    caller: Caller,
    url: Url,
    /// The same, to keep it out of errors.
    secret: Secret,
}

impl Slack {
    pub(super) fn new(config: &AlertConfig, guard: &AddressGuard, caller: Caller) -> Result<Self, String> {
        let secret = needed(&config.url, "url")?;
        let url = address(&secret, "", guard)?;
        Ok(Self { caller, url, secret })
    }

    pub(super) async fn tell(&self, text: &str) -> Result<(), NotTold> {
        let body = json!({ "text": escaped(text) });
        let request = self.caller.client().post(self.url.clone()).json(&body);
        judge(self.caller.send(request, Effect::Write).await, &self.secret)
    }
}

/// The three characters that Slack reads as mark-up: a reason of somebody else's must not call everybody in the channel.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_reason_calls_nobody() {
        assert_eq!(escaped("<!channel> a & b"), "&lt;!channel&gt; a &amp; b");
    }
}
