//! What managers do in the account by hand.

use super::Amocrm;

impl Amocrm {
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
