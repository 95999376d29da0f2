//! What Telegram may forget.

/// The offset of the next question: one more than the last update that is stored.
#[derive(Debug, Default)]
pub(super) struct Offset(Option<i64>);

impl Offset {
    /// Telegram itself remembers what was not confirmed: the first question needs no offset.
    pub(super) fn to_ask(&self) -> Option<i64> {
        self.0
    }

    /// The question was answered, with nothing or with updates. After nothing, all is confirmed and the
    /// offset has done its work. It must not stay: after a quiet week Telegram goes on with ids from anywhere,
    /// and an offset above them would confirm updates that nobody has seen.
    pub(super) fn asked(&mut self, nothing_came: bool) {
        if nothing_came {
            self.0 = None;
        }
    }

    /// This update, and all before it, are stored.
    pub(super) fn stored(&mut self, update_id: i64) {
        self.0 = update_id.checked_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_confirms_what_is_stored_and_is_then_forgotten() {
        let mut offset = Offset::default();
        assert_eq!(offset.to_ask(), None);
        offset.asked(false);
        offset.stored(7);
        assert_eq!(offset.to_ask(), Some(8));
        offset.asked(true);
        assert_eq!(offset.to_ask(), None);
    }
}
