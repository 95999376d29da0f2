//! A pressed button: `callback_query`.

use ids::Pii;
use serde::Deserialize;

use super::incoming::Incoming;
use super::kind::UpdateKind;
use super::message::place;
use super::normalise::{inside, outside};
use super::person::Person;
use super::what::What;
use super::wire;

#[derive(Deserialize)]
pub(super) struct Pressed<'a> {
    id: String,
    from: Person,
    #[serde(borrow)]
    message: Option<wire::Message<'a>>,
    #[serde(default)]
    data: String,
}

impl Pressed<'_> {
    pub(super) fn into_incoming(mut self, update_id: i64, kind: UpdateKind) -> Incoming {
        let message_id = self.message.as_ref().map(|message| message.message_id);
        let business = self.message.as_mut().and_then(|message| message.business_connection_id.take());
        let label = self.message.as_ref().and_then(|message| label(message, &self.data));
        let what = What::Button { callback_id: self.id, data: self.data, label, message_id };
        let incoming = match self.message {
            Some(message) => inside(update_id, kind, place(message), Some(self.from), what),
            None => outside(update_id, kind, self.from.id, Some(self.from), what),
        };
        Incoming { message_id, business_connection_id: business, ..incoming }
    }
}

#[derive(Deserialize)]
struct Keyboard {
    inline_keyboard: Vec<Vec<Key>>,
}

#[derive(Deserialize)]
struct Key {
    text: Pii<String>,
    callback_data: Option<String>,
}

/// What stands on the button with this data.
fn label(message: &wire::Message<'_>, data: &str) -> Option<Pii<String>> {
    let keyboard: Keyboard = wire::read_part(message.reply_markup)?;
    let mut keys = keyboard.inline_keyboard.into_iter().flatten();
    keys.find(|key| key.callback_data.as_deref() == Some(data)).map(|key| key.text)
}
