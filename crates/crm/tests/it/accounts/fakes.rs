//! The CRMs, alike to the tests.

use std::time::Duration;

use crm::{CrmConfig, Desk};
use serde_json::json;
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

/// Where a deal stands, and whose it is, by the ids of the CRM.
pub(crate) struct Place {
    pub(crate) stage: &'static str,
    pub(crate) responsible: &'static str,
}

impl Kind {
    /// Where a manager has a deal.
    pub(crate) const fn of_a_manager(self) -> Place {
        let (stage, responsible) = match self {
            Self::Amocrm => ("1112", "331"),
            Self::Bitrix24 => ("PROCESSED", "1"),
            Self::Hubspot => ("qualifiedtobuy", "41629779"),
        };
        Place { stage, responsible }
    }

    /// Where a mapping puts new deals.
    pub(crate) const fn of_a_mapping(self) -> Place {
        let (stage, responsible) = match self {
            Self::Amocrm => ("1111", "332"),
            Self::Bitrix24 => ("IN_PROCESS", "2"),
            Self::Hubspot => ("appointmentscheduled", "41629780"),
        };
        Place { stage, responsible }
    }

    /// A stage of deals that are over.
    pub(crate) const fn over(self) -> &'static str {
        match self {
            Self::Amocrm => "142",
            Self::Bitrix24 => "JUNK",
            Self::Hubspot => "closedwon",
        }
    }
}

pub(crate) enum Fake {
    Amocrm(Amocrm),
    Bitrix24(Bitrix24),
    Hubspot(Hubspot),
}

impl Fake {
    pub(crate) async fn start(kind: Kind) -> Self {
        Self::start_behind(kind, Duration::ZERO).await
    }

    /// The search is so long behind what was written, where the CRM has a search of its own.
    pub(crate) async fn start_behind(kind: Kind, search_lag: Duration) -> Self {
        match kind {
            Kind::Amocrm => {
                let options = amocrm::Options { per_second: 1_000, search_lag, ..amocrm::Options::default() };
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
                    search_lag,
                    ..hubspot::Options::default()
                };
                Self::Hubspot(Hubspot::start(options).await)
            }
        }
    }

    /// The service's settings with this account, called as often as it may be.
    pub(crate) fn config(&self, more: &str) -> String {
        config(&format!("{}{more}", self.account()))
    }

    /// The account alone.
    pub(crate) fn account(&self) -> String {
        let (kind, url, token) = match self {
            Self::Amocrm(fake) => ("amocrm", fake.url(), fake.token()),
            Self::Bitrix24(fake) => ("bitrix24", fake.url(), fake.token()),
            Self::Hubspot(fake) => ("hubspot", fake.url(), fake.token()),
        };
        format!(
            "[[crm.accounts]]\nname = \"sales\"\nkind = \"{kind}\"\nurl = \"{url}\"\ntoken = \"{token}\"\n\
             per_second = 1000\n"
        )
    }

    pub(crate) fn desk(&self, stage: &testkit::Stage, more: &str) -> Desk {
        let config: CrmConfig = stage.settings(&self.config(more)).section("crm").unwrap();
        Desk::new(&config, stage.pool("crm").clone()).unwrap()
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Amocrm(fake) => fake.url(),
            Self::Bitrix24(fake) => fake.url(),
            Self::Hubspot(fake) => fake.url(),
        }
        .to_owned()
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

    /// Puts somebody with this telephone there by hand. Returns their id.
    pub(crate) fn add_person(&self, phone: &str) -> String {
        let person = Person { name: "Ada".to_owned(), phones: vec![phone.to_owned()], ..Person::default() };
        match self {
            Self::Amocrm(fake) => fake.add_person(&person),
            Self::Bitrix24(fake) => fake.add_person(&person),
            Self::Hubspot(fake) => fake.add_person(&person),
        }
    }

    /// Gives somebody an open deal of a manager's. Returns its id.
    pub(crate) fn add_deal(&self, contact: &str, place: &Place) -> String {
        let deal = Deal {
            name: "By hand".to_owned(),
            contact: Some(contact.to_owned()),
            stage: place.stage.to_owned(),
            responsible: place.responsible.to_owned(),
            ..Deal::default()
        };
        match self {
            Self::Amocrm(fake) => fake.add_deal(&deal),
            Self::Bitrix24(fake) => fake.add_lead(&deal, None),
            Self::Hubspot(fake) => fake.add_deal(&deal),
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

    /// A manager throws somebody away, or merges them into somebody else.
    pub(crate) fn remove_person(&self, id: &str) {
        match self {
            Self::Amocrm(fake) => fake.remove_person(id),
            Self::Bitrix24(fake) => fake.remove(id),
            Self::Hubspot(fake) => fake.remove(hubspot::Kind::Contacts, id),
        }
    }

    /// We may read this deal, and not touch it; or may again.
    pub(crate) fn close(&self, id: &str, is_closed: bool) {
        match self {
            Self::Amocrm(fake) => fake.close(id, is_closed),
            Self::Bitrix24(fake) => fake.close(id, is_closed),
            Self::Hubspot(fake) => fake.close(id, is_closed),
        }
    }

    /// A manager throws a deal away.
    pub(crate) fn remove_deal(&self, id: &str) {
        match self {
            Self::Amocrm(fake) => fake.remove_deal(id),
            Self::Bitrix24(fake) => fake.remove(id),
            Self::Hubspot(fake) => fake.remove(hubspot::Kind::Deals, id),
        }
    }

    /// A manager moves a deal.
    pub(crate) async fn move_deal(&self, id: &str, stage: &str) {
        match self {
            Self::Amocrm(fake) => drop(fake.move_lead(id, stage.parse().unwrap()).await),
            Self::Bitrix24(fake) => drop(fake.move_to(id, stage).await),
            Self::Hubspot(fake) => drop(fake.move_deal(id, stage).await),
        }
    }

    /// A manager writes into a field of a deal, in the program of the CRM.
    pub(crate) async fn write_by_hand(&self, id: &str, field: &str, value: &str) {
        let client = outbound::builder().unwrap().no_proxy().build().unwrap();
        let call = match self {
            Self::Amocrm(fake) => client
                .patch(format!("{}/api/v4/leads/{id}", fake.url()))
                .bearer_auth(fake.token())
                .json(&json!({ "custom_fields_values": [
                    { "field_id": field.parse::<i64>().unwrap(), "values": [{ "value": value }] }
                ] })),
            Self::Bitrix24(fake) => {
                let (kind, number) = id.split_once(':').unwrap();
                let kind = if kind == "lead" { 1 } else { 2 };
                client.post(format!("{}/rest/{}/crm.item.update.json", fake.url(), fake.token())).json(
                    &json!({ "entityTypeId": kind, "id": number.parse::<i64>().unwrap(), "fields": { field: value } }),
                )
            }
            Self::Hubspot(fake) => client
                .patch(format!("{}/crm/v3/objects/deals/{id}", fake.url()))
                .bearer_auth(fake.token())
                .json(&json!({ "properties": { field: value } })),
        };
        assert!(call.send().await.unwrap().status().is_success());
    }

    /// Whether so many of the things that a lead takes are there: the person (where that is a call of its own), the deal,
    /// the note.
    pub(crate) fn has_written(&self, things: usize) -> bool {
        let (people, deals) = (self.people().len(), self.deals());
        let people = if matches!(self, Self::Hubspot(_)) { people } else { 0 };
        people + deals.len() + deals.iter().map(|deal| deal.notes.len()).sum::<usize>() >= things
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
    pub(crate) fn has_shut_us_out(&self) -> bool {
        match self {
            Self::Amocrm(fake) => fake.calls().shut_out,
            Self::Bitrix24(fake) => fake.calls().overload,
            Self::Hubspot(fake) => fake.calls().too_many > 0,
        }
    }
}
