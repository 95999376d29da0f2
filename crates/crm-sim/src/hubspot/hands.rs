//! What people do in HubSpot's own pages.
#![expect(clippy::panic, reason = "a test that is wrong ends with a sentence")]

use std::collections::BTreeMap;

use super::{Hubspot, Kind, account, webhook};
use crate::{Deal, Person, Stage};

impl Hubspot {
    /// The stages that a person can put a deal into.
    #[must_use]
    pub fn stages(&self, deal: &str) -> Vec<Stage> {
        let world = self.shared.world();
        let deal = deal.parse().ok().and_then(|id| world.get(Kind::Deals, id));
        let pipeline = deal.and_then(|deal| deal.properties.get("pipeline"));
        account::shown_stages(pipeline.map(String::as_str).unwrap_or_default())
    }

    /// Somebody adds a person in HubSpot's pages; returns the id. As of the next two, the test ends where HubSpot would refuse it.
    pub fn add_person(&self, person: &Person) -> String {
        let (first, last) = person.name.split_once(' ').unwrap_or((&person.name, ""));
        let some = |list: &[String], at: usize| list.get(at).cloned().unwrap_or_default();
        let own = [
            ("firstname", first.to_owned()),
            ("lastname", last.to_owned()),
            ("phone", some(&person.phones, 0)),
            ("mobilephone", some(&person.phones, 1)),
            ("email", some(&person.emails, 0)),
        ];
        self.add(Kind::Contacts, &own, &person.fields, None)
    }

    /// The same with a deal, in the first stage where it has none.
    pub fn add_deal(&self, deal: &Deal) -> String {
        let or = |text: &str, other: &str| if text.is_empty() { other.to_owned() } else { text.to_owned() };
        let own = [
            ("dealname", deal.name.clone()),
            ("amount", deal.price.map(|price| price.to_string()).unwrap_or_default()),
            ("pipeline", or(&deal.pipeline, "default")),
            ("dealstage", or(&deal.stage, "appointmentscheduled")),
            ("hubspot_owner_id", deal.responsible.clone()),
        ];
        self.add(
            Kind::Deals,
            &own,
            &deal.fields,
            deal.contact.as_deref().map(|id| (Kind::Contacts, number(id))),
        )
    }

    /// The same with a note on a deal.
    pub fn add_note(&self, deal: &str, text: &str) -> String {
        let own = [("hs_note_body", text.to_owned()), ("hs_timestamp", "1760000000000".to_owned())];
        self.add(Kind::Notes, &own, &BTreeMap::new(), Some((Kind::Deals, number(deal))))
    }

    fn add(
        &self,
        kind: Kind,
        own: &[(&str, String)],
        fields: &BTreeMap<String, String>,
        tied_to: Option<(Kind, u64)>,
    ) -> String {
        let own = own.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let fields = fields.iter().map(|(name, value)| (name.clone(), value.clone()));
        let all = own.chain(fields).filter(|(_, value)| !value.is_empty());
        let given: serde_json::Map<String, serde_json::Value> =
            all.map(|(name, value)| (name, value.into())).collect();
        let mut world = self.shared.world();
        let values = world.checked(kind, None, &given.into());
        let values = values.unwrap_or_else(|refusal| panic!("HubSpot does not take that: {}", refusal.body));
        world.create(kind, values, tied_to.as_slice()).to_string()
    }

    /// The private app may read this deal, and not touch it; or may again.
    pub fn close(&self, id: &str, is_closed: bool) {
        let (mut world, id) = (self.shared.world(), number(id));
        if is_closed {
            world.closed.insert(id);
        } else {
            world.closed.remove(&id);
        }
    }

    /// A person deletes a deal or a person. The search knows them for a while.
    pub fn remove(&self, kind: Kind, id: &str) {
        let (mut world, id) = (self.shared.world(), number(id));
        world.objects.remove(&(kind, id));
        world.links.retain(|(a, one, b, other)| (*a, *one) != (kind, id) && (*b, *other) != (kind, id));
    }

    /// A person moves a deal, of which the app is told; returns what it answered. Whether it is told again where that is no
    /// success is for the test: move it once more.
    pub async fn move_deal(&self, id: &str, stage: &str) -> Option<u16> {
        let (webhook, event) = {
            let mut world = self.shared.world();
            world.set(Kind::Deals, number(id), [("dealstage".to_owned(), stage.to_owned())].into());
            (world.options.webhook.clone(), world.calls.len() as u64 + 1)
        };
        webhook::post(&webhook?, event, number(id), "dealstage", stage).await
    }
}

fn number(id: &str) -> u64 {
    id.parse().unwrap_or_else(|_| panic!("{id} is no id of HubSpot"))
}
