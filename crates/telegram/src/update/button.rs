//! A pressed button: `callback_query`.

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
        let what = What::Button { callback_id: self.id, data: self.data, message_id };
        let incoming = match self.message {
            Some(message) => inside(update_id, kind, place(message), Some(self.from), what),
            None => outside(update_id, kind, self.from.id, Some(self.from), what),
        };
        Incoming { message_id, business_connection_id: business, ..incoming }
    }
}
