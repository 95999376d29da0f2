//! The people of the simulated world.

use std::collections::BTreeMap;

use crate::model::User;

#[derive(Debug, Default)]
pub(crate) struct People {
    known: BTreeMap<i64, User>,
}

impl People {
    /// Ids of people made without one start here and are given in order.
    const FIRST_ID: i64 = 700_000_001;
    /// More than this many are not remembered.
    const KEPT: usize = 100_000;

    pub(crate) fn next_id(&self) -> i64 {
        self.known.keys().next_back().map_or(Self::FIRST_ID, |last| Self::FIRST_ID.max(last + 1))
    }

    pub(crate) fn put(&mut self, person: User) {
        if self.known.len() < Self::KEPT || self.known.contains_key(&person.id) {
            self.known.insert(person.id, person);
        }
    }

    pub(crate) fn get(&self, id: i64) -> Option<&User> {
        self.known.get(&id)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &User> {
        self.known.values()
    }
}
