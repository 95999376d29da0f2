//! The CRMs, alike to the tests.

use crm::{CrmConfig, Desk};
use testkit::crms::amocrm::{self, Amocrm};
use testkit::crms::bitrix24::{self, Bitrix24};
use testkit::crms::hubspot::{self, Hubspot};
use testkit::crms::{Deal, Faults, Person};

use crate::support::config;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Amocrm,
    Bitrix24,
    Hubspot,
}

pub(super) const KINDS: [Kind; 3] = [Kind::Amocrm, Kind::Bitrix24, Kind::Hubspot];

pub(super) enum Fake {
    Amocrm(Amocrm),
    Bitrix24(Bitrix24),
    Hubspot(Hubspot),
}

impl Fake {
    pub(super) async fn start(kind: Kind) -> Self {
        match kind {
            Kind::Amocrm => {
                let options = amocrm::Options { per_second: 1_000, ..amocrm::Options::default() };
                Self::Amocrm(Amocrm::start(options).await)
            }
            Kind::Bitrix24 => {
                let options =
                    bitrix24::Options { bucket: 5_000.0, drained: 1_000.0, ..bitrix24::Options::default() };
                Self::Bitrix24(Bitrix24::start(options).await)
            }
            Kind::Hubspot => {
                let options = hubspot::Options {
                    per_ten_seconds: 100_000,
                    searches_per_second: 1_000,
                    search_lag: std::time::Duration::ZERO,
                    ..hubspot::Options::default()
                };
                Self::Hubspot(Hubspot::start(options).await)
            }
        }
    }

    /// The service's settings with this account, called as often as it may be.
    pub(super) fn config(&self, more: &str) -> String {
        let (kind, url, token) = match self {
            Self::Amocrm(fake) => ("amocrm", fake.url(), fake.token()),
            Self::Bitrix24(fake) => ("bitrix24", fake.url(), fake.token()),
            Self::Hubspot(fake) => ("hubspot", fake.url(), fake.token()),
        };
        config(&format!(
            "[[crm.accounts]]\nname = \"sales\"\nkind = \"{kind}\"\nurl = \"{url}\"\ntoken = \"{token}\"\n\
             per_second = 1000\n{more}"
        ))
    }

    pub(super) fn desk(&self, stage: &testkit::Stage, more: &str) -> Desk {
        let config: CrmConfig = stage.settings(&self.config(more)).section("crm").unwrap();
        Desk::new(&config, stage.pool("crm").clone()).unwrap()
    }

    pub(super) fn faults(&self) -> &Faults {
        match self {
            Self::Amocrm(fake) => fake.faults(),
            Self::Bitrix24(fake) => fake.faults(),
            Self::Hubspot(fake) => fake.faults(),
        }
    }

    pub(super) fn deals(&self) -> Vec<Deal> {
        match self {
            Self::Amocrm(fake) => fake.deals(),
            Self::Bitrix24(fake) => fake.deals(),
            Self::Hubspot(fake) => fake.deals(),
        }
    }

    pub(super) fn people(&self) -> Vec<Person> {
        match self {
            Self::Amocrm(fake) => fake.people(),
            Self::Bitrix24(fake) => fake.people(),
            Self::Hubspot(fake) => fake.people(),
        }
    }

    /// How often its API was called.
    pub(super) fn calls(&self) -> usize {
        match self {
            Self::Amocrm(fake) => fake.calls().lines.len(),
            Self::Bitrix24(fake) => fake.calls().requests.len(),
            Self::Hubspot(fake) => fake.calls().lines.len(),
        }
    }

    /// Whether the CRM has had enough of us.
    pub(super) fn has_shut_us_out(&self) -> bool {
        match self {
            Self::Amocrm(fake) => fake.calls().shut_out,
            Self::Bitrix24(fake) => fake.calls().overload,
            Self::Hubspot(fake) => fake.calls().too_many > 0,
        }
    }
}
