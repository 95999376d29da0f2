//! Reactions of people to messages.

use serde_json::{Value, json};

use crate::state::Sim;
use crate::sync::lock;

use super::{ActError, Place};

impl Sim {
    /// Sets a person's reactions to a message; an empty list takes them back.
    pub(crate) fn react(&self, place: &Place, message_id: i64, emoji: &[String]) -> Result<(), ActError> {
        let new: Vec<Value> = emoji.iter().map(|e| json!({ "type": "emoji", "emoji": e })).collect();
        let mut state = lock(&place.chat.state);
        let view = state.view.clone();
        let entry = state.find_mut(message_id).ok_or(ActError::NoMessage(message_id))?;
        let old = entry.reactions.remove(&place.person.id).unwrap_or_default();
        if !new.is_empty() {
            entry.reactions.insert(place.person.id, new.clone());
        }
        let entry = entry.clone();
        drop(state);
        self.live.tell(place.chat.key, "edited", "entry", || entry);
        let update = json!({
            "chat": view,
            "message_id": message_id,
            "user": place.person,
            "date": self.now(),
            "old_reaction": old,
            "new_reaction": new,
        });
        self.tell_admins(&place.chat, "message_reaction", &update);
        Ok(())
    }
}
