//! The section `[llm-worker.money]`.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::ConfigError;

/// What answers may cost. In every limit, 0 is no limit. Answers from a bot's own words cost nothing and are not
/// counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MoneyConfig {
    /// Days and months are of this time zone, such as `Europe/Moscow`.
    pub time_zone: String,
    /// Calls of a model in one session: a conversation without a longer break than `session_break_minutes`.
    pub session_calls: u32,
    /// A session ends when no model was asked for so long.
    pub session_break_minutes: u32,
    /// Calls of a model a day for one person; a group counts as one.
    pub person_day_calls: u32,
    /// US dollars a day for everything together.
    pub day_dollars: f64,
    /// Limits of people who are put into a tier (`dragoman costs tier`), by its name: `[llm-worker.money.tiers.premium]`.
    pub tiers: BTreeMap<String, TierLimits>,
    /// Limits of API keys, by the key's id: `[llm-worker.money.keys.shop]`.
    pub keys: BTreeMap<String, KeyLimits>,
    /// For how long a worker's reservations hold when nothing is heard of it any more. Then they count as spent. Seconds.
    pub lease_seconds: u32,
    /// An answer that took longer is published as an anomaly. Seconds.
    pub anomaly_seconds: u32,
    /// An answer that took more tokens, the prompt's included, is published as an anomaly.
    pub anomaly_tokens: u32,
    /// An answer less sure is published as an anomaly, 0 to 1.
    pub anomaly_confidence: f64,
    /// Percent of the questions whose words are kept with their answer's, masked. 0: no words are kept.
    pub sample_text_percent: f64,
    /// Days after which such words are deleted.
    pub sample_text_days: u32,
}

/// What a person of a tier may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TierLimits {
    /// Calls in one session.
    pub session_calls: u32,
    /// Calls a day.
    pub day_calls: u32,
    /// US dollars a day.
    pub day_dollars: f64,
}

/// What an API key may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KeyLimits {
    /// Calls a day.
    pub day_calls: u32,
    /// US dollars a day.
    pub day_dollars: f64,
    /// Calls a month.
    pub month_calls: u32,
    /// US dollars a month.
    pub month_dollars: f64,
}

impl Default for MoneyConfig {
    fn default() -> Self {
        Self {
            time_zone: "UTC".to_owned(),
            session_calls: 10,
            session_break_minutes: 30,
            person_day_calls: 50,
            day_dollars: 100.0,
            tiers: BTreeMap::new(),
            keys: BTreeMap::new(),
            lease_seconds: 30,
            anomaly_seconds: 10,
            anomaly_tokens: 2_000,
            anomaly_confidence: 0.5,
            sample_text_percent: 0.0,
            sample_text_days: 7,
        }
    }
}

impl MoneyConfig {
    pub(crate) fn zone(&self) -> Result<TimeZone, ConfigError> {
        TimeZone::get(&self.time_zone).map_err(|_| ConfigError::TimeZone)
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        self.zone()?;
        let tiers = self.tiers.values().map(|tier| tier.day_dollars);
        let keys = self.keys.values().flat_map(|key| [key.day_dollars, key.month_dollars]);
        let mut dollars = tiers.chain(keys).chain([self.day_dollars]);
        if !dollars.all(|dollars| (0.0..=1e9).contains(&dollars)) {
            return Err(ConfigError::Dollars);
        }
        if !(3..=3_600).contains(&self.lease_seconds) || self.session_break_minutes == 0 {
            return Err(ConfigError::Lease);
        }
        if !(0.0..=100.0).contains(&self.sample_text_percent) {
            return Err(ConfigError::Sample);
        }
        Ok(())
    }
}

/// Millionths of a US dollar.
pub(crate) fn micros(dollars: f64) -> i64 {
    (dollars * 1e6).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> Option<ConfigError> {
        toml::from_str::<MoneyConfig>(text).unwrap().check().err()
    }

    #[test]
    fn what_can_not_be_worked_with_is_told_at_the_start() {
        assert_eq!(wrong(""), None);
        assert_eq!(wrong("time_zone = \"Mars\""), Some(ConfigError::TimeZone));
        assert_eq!(wrong("day_dollars = -1.0"), Some(ConfigError::Dollars));
        assert_eq!(wrong("[keys.shop]\nmonth_dollars = inf"), Some(ConfigError::Dollars));
        assert_eq!(wrong("lease_seconds = 0"), Some(ConfigError::Lease));
        assert_eq!(wrong("sample_text_percent = 101.0"), Some(ConfigError::Sample));
        assert!(toml::from_str::<MoneyConfig>("[tiers.premium]\ncalls = 1").is_err());
    }

    #[test]
    fn dollars_are_whole_millionths() {
        assert_eq!((micros(100.0), micros(0.000_001), micros(0.29)), (100_000_000, 1, 290_000));
    }
}
