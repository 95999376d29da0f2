//! What goes wrong on purpose: calls that fail, connections that drop, replies that are late, updates
//! that come twice, acknowledgements that get lost.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use crate::sync::lock;

/// A rule about calls of the Bot API. As JSON, for example:
/// `{"method":"sendMessage","times":2,"fail":{"status":429,"retry_after":1}}`,
/// `{"probability":0.1,"when":"after","fail":"drop"}`, `{"method":"getFile","delay_ms":300}`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// Given when it is added.
    #[serde(default)]
    pub(crate) id: u64,
    /// Name of the bot it is for; every bot when absent.
    #[serde(default)]
    pub(crate) bot: Option<String>,
    /// Method it is for, any case; every method when absent. `file` stands for downloads.
    #[serde(default)]
    pub(crate) method: Option<String>,
    #[serde(default)]
    pub(crate) chat: Option<i64>,
    /// How many calls it is for; without end when absent.
    #[serde(default)]
    pub(crate) times: Option<u64>,
    /// Which share of the calls, from 0 to 1.
    #[serde(default = "always")]
    pub(crate) probability: f64,
    /// Whether the call takes effect before it fails.
    #[serde(default)]
    pub(crate) when: When,
    #[serde(default)]
    pub(crate) fail: Option<Failure>,
    /// Milliseconds by which the reply is late.
    #[serde(default)]
    pub(crate) delay_ms: u64,
}

fn always() -> f64 {
    1.0
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum When {
    /// The call does nothing.
    #[default]
    Before,
    /// The call does what it should; only its answer is lost.
    After,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "lowercase", untagged)]
pub(crate) enum Failure {
    Drop(DropWord),
    Status {
        status: u16,
        #[serde(default)]
        description: Option<String>,
        #[serde(default)]
        retry_after: Option<u64>,
    },
}

/// The word `"drop"`: the connection is closed without an answer.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DropWord {
    Drop,
}

/// What happens to one call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) fail: Option<(When, Failure)>,
    pub(crate) delay_ms: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Mutex<Vec<Rule>>,
    any: AtomicBool,
    next_id: AtomicU64,
    /// Milliseconds by which every reply is late.
    pub(crate) delay_ms: AtomicU64,
    /// Every new update is delivered twice.
    pub(crate) duplicate_updates: AtomicBool,
    /// So many successful webhook deliveries will be taken for failed ones.
    pub(crate) lose_acks: AtomicU64,
}

impl Faults {
    pub(crate) fn add(&self, mut rule: Rule) -> Rule {
        rule.id = self.next_id.fetch_add(1, Ordering::Relaxed) + 1;
        lock(&self.rules).push(rule.clone());
        self.any.store(true, Ordering::Release);
        rule
    }

    pub(crate) fn list(&self) -> Vec<Rule> {
        lock(&self.rules).clone()
    }

    pub(crate) fn remove(&self, id: u64) -> bool {
        let mut rules = lock(&self.rules);
        let before = rules.len();
        rules.retain(|rule| rule.id != id);
        self.any.store(!rules.is_empty(), Ordering::Release);
        rules.len() < before
    }

    /// Everything works again.
    pub(crate) fn clear(&self) {
        lock(&self.rules).clear();
        self.any.store(false, Ordering::Release);
        self.delay_ms.store(0, Ordering::Relaxed);
        self.duplicate_updates.store(false, Ordering::Relaxed);
        self.lose_acks.store(0, Ordering::Relaxed);
    }

    pub(crate) fn copies(&self) -> u32 {
        if self.duplicate_updates.load(Ordering::Relaxed) { 2 } else { 1 }
    }

    /// Whether this successful delivery must count as failed.
    pub(crate) fn loses_ack(&self) -> bool {
        let take = |left: u64| left.checked_sub(1);
        self.lose_acks.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    /// Decides about a call; the first rule that says how to fail wins, delays add up. `chance` draws
    /// from [0, 1).
    pub(crate) fn judge(
        &self,
        bot: &str,
        method: &str,
        chat: Option<i64>,
        chance: impl Fn() -> f64,
    ) -> Verdict {
        let mut verdict = Verdict { fail: None, delay_ms: self.delay_ms.load(Ordering::Relaxed) };
        if !self.any.load(Ordering::Acquire) {
            return verdict;
        }
        let mut rules = lock(&self.rules);
        for rule in rules.iter_mut() {
            let meant = rule.bot.as_deref().is_none_or(|b| b == bot)
                && rule.method.as_deref().is_none_or(|m| m.eq_ignore_ascii_case(method))
                && rule.chat.is_none_or(|c| Some(c) == chat)
                && rule.times != Some(0);
            let taken = rule.fail.is_some() && verdict.fail.is_some();
            if !meant || taken || (rule.probability < 1.0 && chance() >= rule.probability) {
                continue;
            }
            rule.times = rule.times.map(|left| left - 1);
            verdict.delay_ms += rule.delay_ms;
            if let Some(fail) = &rule.fail {
                verdict.fail = Some((rule.when, fail.clone()));
            }
        }
        rules.retain(|rule| rule.times != Some(0));
        self.any.store(!rules.is_empty(), Ordering::Release);
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(json: &str) -> Rule {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_rule_counts_down_and_disappears() {
        let faults = Faults::default();
        faults.add(rule(r#"{"method":"sendMessage","times":1,"fail":{"status":500}}"#));
        let judge = |method| faults.judge("b", method, Some(1), || 0.5).fail.is_some();
        assert_eq!([judge("getMe"), judge("sendMessage"), judge("sendMessage")], [false, true, false]);
        assert!(faults.list().is_empty());
    }

    #[test]
    fn drops_delays_and_chances_are_read() {
        let faults = Faults::default();
        faults.add(rule(r#"{"probability":0.4,"when":"after","fail":"drop"}"#));
        faults.add(rule(r#"{"delay_ms":30}"#));
        assert!(faults.judge("b", "x", None, || 0.5).fail.is_none());
        let verdict = faults.judge("b", "x", None, || 0.3);
        assert!(matches!(verdict.fail, Some((When::After, Failure::Drop(_)))));
        assert_eq!(verdict.delay_ms, 30);
        assert!(serde_json::from_str::<Rule>(r#"{"tmies":1}"#).is_err(), "a misspelt rule is refused");
    }
}
