//! Deals that were sent and of which it is not known what became: whose they are, and since when they are looked for.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Remembered at most. Whoever is forgotten is looked for by search alone, from the beginning.
const MOST: usize = 1_000;

/// Lives as long as the adapter, which is as long as the process. What another process sent is not in it.
#[derive(Default)]
pub(super) struct Unsettled(Mutex<VecDeque<Sent>>);

struct Sent {
    mark: String,
    /// Whose the deal is; none where it was not sent by this process.
    contact: Option<String>,
    looked: Option<Instant>,
}

impl Unsettled {
    /// A deal goes out now.
    pub(super) fn sent(&self, mark: &str, contact: &str) {
        self.put(Sent { mark: mark.to_owned(), contact: Some(contact.to_owned()), looked: None });
    }

    /// It is known now what became of it.
    pub(super) fn settled(&self, mark: &str) {
        self.all(|all| all.retain(|sent| sent.mark != mark));
    }

    /// Whose the deal with this mark is.
    pub(super) fn contact(&self, mark: &str) -> Option<String> {
        self.all(|all| all.iter().find(|sent| sent.mark == mark)?.contact.clone())
    }

    /// Somebody looks for it; how long ago this was done for the first time.
    pub(super) fn looked(&self, mark: &str) -> Duration {
        let known = self.all(|all| {
            let sent = all.iter_mut().find(|sent| sent.mark == mark)?;
            Some(sent.looked.get_or_insert_with(Instant::now).elapsed())
        });
        known.unwrap_or_else(|| {
            self.put(Sent { mark: mark.to_owned(), contact: None, looked: Some(Instant::now()) });
            Duration::ZERO
        })
    }

    fn put(&self, sent: Sent) {
        self.all(|all| {
            all.retain(|before| before.mark != sent.mark);
            all.push_back(sent);
            while all.len() > MOST {
                all.pop_front();
            }
        });
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
        unsettled.looked("a");
        assert_eq!(unsettled.contact("a").as_deref(), Some("7"), "looking forgets nothing");
        unsettled.looked("b");
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
