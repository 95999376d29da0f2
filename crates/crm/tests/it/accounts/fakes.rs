//! The CRMs, alike to the tests.

use crm::{CrmConfig, Desk};
use testkit::crms::amocrm::{self, Amocrm};
use testkit::crms::bitrix24::{self, Bitrix24};
use testkit::crms::hubspot::{self, Hubspot};
use testkit::crms::{Deal, Faults, Person};

use crate::support::config;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Amocrm,
    Bitrix24,
    Hubspot,
}

pub(crate) const KINDS: [Kind; 3] = [Kind::Amocrm, Kind::Bitrix24, Kind::Hubspot];

pub(crate) enum Fake {
    Amocrm(Amocrm),
    Bitrix24(Bitrix24),
    Hubspot(Hubspot),
}

impl Fake {
    pub(crate) async fn start(kind: Kind) -> Self {
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
    pub(crate) fn config(&self, more: &str) -> String {
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

    pub(crate) fn desk(&self, stage: &testkit::Stage, more: &str) -> Desk {
        let config: CrmConfig = stage.settings(&self.config(more)).section("crm").unwrap();
        Desk::new(&config, stage.pool("crm").clone()).unwrap()
    }

    pub(crate) fn faults(&self) -> &Faults {
        match self {
            Self::Amocrm(fake) => fake.faults(),
            Self::Bitrix24(fake) => fake.faults(),
            Self::Hubspot(fake) => fake.faults(),
        }
    }

    pub(crate) fn deals(&self) -> Vec<Deal> {
        match self {
            Self::Amocrm(fake) => fake.deals(),
            Self::Bitrix24(fake) => fake.deals(),
            Self::Hubspot(fake) => fake.deals(),
        }
    }

    pub(crate) fn people(&self) -> Vec<Person> {
        match self {
            Self::Amocrm(fake) => fake.people(),
            Self::Bitrix24(fake) => fake.people(),
            Self::Hubspot(fake) => fake.people(),
        }
    }

    /// A person at the CRM throws a deal away.
    pub(crate) fn remove(&self, deal: &str) {
        match self {
            Self::Amocrm(fake) => fake.remove_lead(deal),
            Self::Bitrix24(fake) => fake.remove(deal),
            Self::Hubspot(fake) => fake.remove_deal(deal),
        }
    }

    /// Another program puts a deal there with a mark as ours are.
    pub(crate) fn add_marked(&self, mark: &str) -> String {
        let mut deal = Deal { name: format!("Another's [{mark}]"), ..Deal::default() };
        match self {
            Self::Amocrm(fake) => fake.add_deal(&deal),
            Self::Bitrix24(fake) => {
                let fields = [("originatorId", "dragoman"), ("originId", mark)];
                deal.fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
                fake.add_lead(&deal, None)
            }
            Self::Hubspot(fake) => fake.add_deal(&deal),
        }
    }

    /// Whether the CRM has had enough of us.
    pub(crate) fn has_shut_us_out(&self) -> bool {
        match self {
            Self::Amocrm(fake) => fake.calls().shut_out,
            Self::Bitrix24(fake) => fake.calls().overload,
            Self::Hubspot(fake) => fake.calls().too_many > 0,
        }
    }
}
