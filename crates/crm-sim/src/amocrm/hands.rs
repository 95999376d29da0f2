//! What managers do in the account by hand.

use super::account::{LOST, WON};
use super::webhooks::Webhook;
use super::{Amocrm, leads};
use crate::{Ends, Stage};

impl Amocrm {
    /// The stages that a manager can put a deal into.
    #[must_use]
    pub fn stages(&self, deal: &str) -> Vec<Stage> {
        let state = self.server.state();
        let pipeline = leads::find(&state, deal).map(|(_, lead)| lead.pipeline);
        let stages = state.pipelines.iter().filter(|known| Some(known.id) == pipeline);
        let shown = stages.flat_map(|pipeline| &pipeline.stages).map(|(id, name, _)| Stage {
            id: id.to_string(),
            name: (*name).to_owned(),
            ends: match *id {
                WON => Some(Ends::Won),
                LOST => Some(Ends::Lost),
                _ => None,
            },
        });
        shown.collect()
    }

    /// Somebody enters an address in the settings of the account, which is told of deals from now on.
    pub fn tell(&self, address: &str) {
        let mut state = self.server.state();
        let webhook = Webhook::of_deals(state.next_id(), address);
        state.webhooks.push(webhook);
    }

    /// Whoever gave the token may read this deal, and not touch it; or may again.
    pub fn close(&self, id: &str, is_closed: bool) {
        let (mut state, id) = (self.server.state(), id.parse().unwrap_or_default());
        if is_closed {
            state.closed.insert(id);
        } else {
            state.closed.remove(&id);
        }
    }

    /// A manager throws a deal away.
    pub fn remove_deal(&self, id: &str) {
        self.server.state().leads.retain(|known, _| known.to_string() != id);
    }

    /// A manager merges a person into another, or throws them away.
    pub fn remove_person(&self, id: &str) {
        let mut state = self.server.state();
        state.contacts.retain(|known, _| known.to_string() != id);
        state.leads.values_mut().for_each(|lead| lead.contacts.retain(|known| known.to_string() != id));
    }

    /// A manager takes a choice out of a field of deals.
    pub fn drop_choice(&self, field: i64, choice: &str) {
        let mut state = self.server.state();
        let fields = state.lead_fields.iter_mut().filter(|known| known.id == field);
        fields.for_each(|field| field.enums.retain(|(_, text)| *text != choice));
    }

    /// A manager deletes a field of deals.
    pub fn drop_field(&self, field: i64) {
        self.server.state().lead_fields.retain(|known| known.id != field);
    }
}
