//! Alerts: what is wrong with deliveries is looked for again and again, and whoever the settings name is told, once when it
//! begins and once when it is over. Nothing of a lead is in them but the name that the mapping has for a field.

mod pagerduty;
mod receiver;
mod slack;
mod telegram;
mod tell;
mod watch;
mod words;

use std::collections::BTreeMap;

use outbound::AddressGuard;
use pg::Pool;
use reqwest::Client;

use crate::adapters::AccountError;
use crate::config::{AlertConfig, AlertEvent};
pub(crate) use receiver::NotTold;
use receiver::Receiver;
pub(crate) use tell::{Tell, TellJob};
pub(crate) use watch::Watch;

/// The receivers of the settings, by name.
#[derive(Default)]
pub(crate) struct Alerts(BTreeMap<String, Receiver>);

impl Alerts {
    /// `client` has the guard of addresses, and follows no redirect.
    pub(crate) fn new(
        configs: &[AlertConfig],
        guard: &AddressGuard,
        client: &Client,
        pool: &Pool,
    ) -> Result<Self, AccountError> {
        let mut alerts = BTreeMap::new();
        for config in configs {
            let refuse = |why: String| AccountError(format!("[[crm.alerts]] {}: {why}", config.name));
            let receiver = Receiver::new(config, guard, client, pool).map_err(refuse)?;
            if alerts.insert(config.name.clone(), receiver).is_some() {
                return Err(refuse("there are two of this name".to_owned()));
            }
        }
        Ok(Self(alerts))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Receiver> {
        self.0.get(name)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Receiver> {
        self.0.values()
    }

    /// Each receiver with each event that it wants, none twice.
    pub(crate) fn wants(&self) -> Vec<(&str, AlertEvent)> {
        let of = |receiver: &'_ Receiver| -> Vec<AlertEvent> {
            AlertEvent::ALL.into_iter().filter(|event| receiver.wants(*event)).collect()
        };
        self.0
            .iter()
            .flat_map(|(name, one)| of(one).into_iter().map(move |event| (name.as_str(), event)))
            .collect()
    }
}
