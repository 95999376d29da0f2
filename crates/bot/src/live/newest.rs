//! Of every question the newest piece that waits to be shown: older ones are in it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ids::{Pii, RequestId};

/// An answer as far as it is written.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) bot: String,
    pub(super) chat_id: i64,
    /// Generation and number.
    pub(super) turn: (i64, i64),
    pub(super) text: Pii<String>,
}

/// A question is in it while somebody works on it, with the piece that waits, if one does.
#[derive(Debug, Default)]
pub(super) struct Newest(Mutex<HashMap<RequestId, Option<Piece>>>);

impl Newest {
    /// Keeps it where it is newer than what waits. Whether nobody works on the question yet: whoever asks does from now on.
    pub(super) fn put(&self, request: RequestId, piece: Piece) -> bool {
        let mut all = self.lock();
        let is_new = !all.contains_key(&request);
        let waiting = all.entry(request).or_default();
        if waiting.as_ref().is_none_or(|known| known.turn < piece.turn) {
            *waiting = Some(piece);
        }
        is_new
    }

    /// The piece that waits. `None`: nothing does, and nobody works on the question any more.
    pub(super) fn take(&self, request: RequestId) -> Option<Piece> {
        let mut all = self.lock();
        let piece = all.get_mut(&request).and_then(Option::take);
        if piece.is_none() {
            all.remove(&request);
        }
        piece
    }

    /// Whether a newer piece waits.
    pub(super) fn has(&self, request: RequestId) -> bool {
        self.lock().get(&request).is_some_and(Option::is_some)
    }

    pub(super) fn drop_all(&self, request: RequestId) {
        self.lock().remove(&request);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RequestId, Option<Piece>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use ids::Uuid;

    use super::*;

    #[test]
    fn the_newest_waits_and_one_works_on_it() {
        let (newest, request) = (Newest::default(), RequestId(Uuid::from_u128(1)));
        let piece = |turn| Piece { bot: "b".to_owned(), chat_id: 7, turn, text: Pii::default() };
        assert!(newest.put(request, piece((1, 2))));
        assert!(!newest.put(request, piece((1, 1))), "it came late");
        assert!(!newest.put(request, piece((2, 1))));
        assert_eq!(newest.take(request).unwrap().turn, (2, 1));
        assert!(!newest.has(request) && !newest.put(request, piece((2, 2))) && newest.has(request));
        assert_eq!(newest.take(request).unwrap().turn, (2, 2));
        assert!(newest.take(request).is_none());
        assert!(newest.put(request, piece((2, 3))), "nobody works on it any more");
    }
}
