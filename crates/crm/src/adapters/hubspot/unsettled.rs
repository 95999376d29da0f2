//! Deals that were sent and of which it is not known what became: whose they are.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// Remembered at most. Whoever is forgotten is looked for by search alone, from the beginning.
const MOST: usize = 1_000;

/// Lives as long as the adapter, which is as long as the process. What another process sent is not in it.
#[derive(Default)]
pub(super) struct Unsettled(Mutex<VecDeque<Sent>>);

struct Sent {
    mark: String,
    /// Whose the deal is.
    contact: String,
}

impl Unsettled {
    /// A deal goes out now.
    pub(super) fn sent(&self, mark: &str, contact: &str) {
        self.all(|all| {
            all.retain(|before| before.mark != mark);
            all.push_back(Sent { mark: mark.to_owned(), contact: contact.to_owned() });
            while all.len() > MOST {
                all.pop_front();
            }
        });
    }

    /// It is known now what became of it.
    pub(super) fn settled(&self, mark: &str) {
        self.all(|all| all.retain(|sent| sent.mark != mark));
    }

    /// Whose the deal with this mark is.
    pub(super) fn contact(&self, mark: &str) -> Option<String> {
        self.all(|all| all.iter().find(|sent| sent.mark == mark).map(|sent| sent.contact.clone()))
    }

    fn all<T>(&self, with: impl FnOnce(&mut VecDeque<Sent>) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_is_known_until_it_is_settled_and_not_without_end() {
        let unsettled = Unsettled::default();
        unsettled.sent("a", "7");
        assert_eq!(unsettled.contact("a").as_deref(), Some("7"));
        assert_eq!(unsettled.contact("b"), None);
        unsettled.settled("a");
        assert_eq!(unsettled.contact("a"), None);
        for n in 0..2 * MOST {
            unsettled.sent(&n.to_string(), "7");
        }
        assert_eq!(unsettled.all(|all| all.len()), MOST);
        assert_eq!(unsettled.contact("0"), None, "the oldest goes first");
    }
}
