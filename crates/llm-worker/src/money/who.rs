//! Who a call is made for, and which limits hold for them.

use serde::{Deserialize, Serialize};

use super::config::{MoneyConfig, micros};
use super::counter::{Limit, Slot};
use super::window::Period;

/// Who a call is made for. Whatever is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Who {
    pub(crate) bot: String,
    /// The chat of the person; a group counts as one. `None`: no person asks, a program does.
    pub(crate) chat_id: Option<i64>,
    pub(crate) conversation_id: String,
    /// The id of the API key, never the key.
    pub(crate) api_key: String,
    /// What the key may spend in a day or a month by its own card, beside what the settings say.
    pub(crate) key_budget: Option<(Period, i64)>,
    /// "agent", "chat" or "assistant"; of a program "api".
    pub(crate) mode: String,
}

/// A person as the ledger knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) pseudonym: String,
    /// Empty: everybody's.
    pub(crate) tier: String,
}

/// Which kind of limit it is, for events, metrics and refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Scope {
    All,
    Key,
    Person,
    Session,
}

impl Scope {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Key => "key",
            Self::Person => "person",
            Self::Session => "session",
        }
    }
}

/// The scope of everything together. Its row is locked first.
pub(crate) const ALL: &str = "all";

impl Slot {
    pub(crate) fn all() -> Self {
        Self { scope: ALL.to_owned(), period: Period::Day }
    }

    /// The kind, and which of it: a key's id, a pseudonym.
    pub(crate) fn parts(&self) -> (Scope, &str) {
        match self.scope.split_once(':') {
            Some(("key", id)) => (Scope::Key, id),
            Some(("person", id)) => (Scope::Person, id),
            Some((_, id)) => (Scope::Session, id),
            None => (Scope::All, ""),
        }
    }
}

fn calls(most: u32) -> Option<i64> {
    (most > 0).then_some(i64::from(most))
}

/// The one that is used up first.
fn least(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    one.into_iter().chain(other).min()
}

impl Who {
    /// What the key's card says of such a window.
    pub(super) fn card(&self, period: Period) -> Option<i64> {
        self.key_budget.filter(|(of, _)| *of == period).map(|(_, micros)| micros)
    }
}

fn money(dollars: f64) -> Option<i64> {
    (dollars > 0.0).then(|| micros(dollars))
}

/// Every slot that a call for them is counted in, with its limit, in the order in which they are locked.
pub(crate) fn slots(config: &MoneyConfig, who: &Who, person: Option<&Person>) -> Vec<(Slot, Limit)> {
    let mut slots = vec![(Slot::all(), Limit { calls: None, micros: money(config.day_dollars) })];
    let mut add = |scope: Scope, id: &str, period, limit: Limit| {
        slots.push((Slot { scope: format!("{}:{id}", scope.as_str()), period }, limit));
    };
    if !who.api_key.is_empty() {
        let key = config.keys.get(&who.api_key).copied().unwrap_or_default();
        let least = |dollars, period| least(money(dollars), who.card(period));
        let day = Limit { calls: calls(key.day_calls), micros: least(key.day_dollars, Period::Day) };
        let month = Limit { calls: calls(key.month_calls), micros: least(key.month_dollars, Period::Month) };
        add(Scope::Key, &who.api_key, Period::Day, day);
        add(Scope::Key, &who.api_key, Period::Month, month);
    }
    if let Some(person) = person {
        let tier = config.tiers.get(&person.tier);
        let day = match tier {
            Some(tier) => Limit { calls: calls(tier.day_calls), micros: money(tier.day_dollars) },
            None => Limit { calls: calls(config.person_day_calls), micros: None },
        };
        add(Scope::Person, &person.pseudonym, Period::Day, day);
        if !who.conversation_id.is_empty() {
            let most = tier.map_or(config.session_calls, |tier| tier.session_calls);
            let session = Limit { calls: calls(most), micros: None };
            add(Scope::Session, &who.conversation_id, Period::Session, session);
        }
    }
    slots.sort_by(|(a, _), (b, _)| a.cmp(b));
    slots
}

/// The limit of a slot by what it is called and what a key's card says, where it does not depend on a tier.
pub(crate) fn limit_of(config: &MoneyConfig, slot: &Slot, card: Option<i64>) -> Limit {
    let (scope, id) = slot.parts();
    match scope {
        Scope::All => Limit { calls: None, micros: money(config.day_dollars) },
        Scope::Key => {
            let key = config.keys.get(id).copied().unwrap_or_default();
            match slot.period {
                Period::Month => {
                    Limit { calls: calls(key.month_calls), micros: least(money(key.month_dollars), card) }
                }
                Period::Day | Period::Session => {
                    Limit { calls: calls(key.day_calls), micros: least(money(key.day_dollars), card) }
                }
            }
        }
        Scope::Person | Scope::Session => Limit::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::config::{KeyLimits, TierLimits};

    #[test]
    fn a_tier_has_limits_of_its_own_and_a_key_two_windows() {
        let mut config = MoneyConfig::default();
        config.tiers.insert("premium".to_owned(), TierLimits { day_calls: 500, ..TierLimits::default() });
        config.keys.insert("shop".to_owned(), KeyLimits { month_dollars: 2.5, ..KeyLimits::default() });
        let who = Who { chat_id: Some(7), conversation_id: "c".to_owned(), ..Who::default() };
        let told = |who: &Who, tier: Option<&str>| {
            let person = tier.map(|tier| Person { pseudonym: "p".to_owned(), tier: tier.to_owned() });
            let slots = slots(&config, who, person.as_ref());
            slots
                .iter()
                .map(|(slot, limit)| (slot.scope.clone(), limit.calls, limit.micros))
                .collect::<Vec<_>>()
        };
        let all = ("all".to_owned(), None, Some(100_000_000));
        let person = |calls| ("person:p".to_owned(), calls, None);
        let session = |calls| ("session:c".to_owned(), calls, None);
        assert_eq!(told(&who, Some("")), [all.clone(), person(Some(50)), session(Some(10))]);
        assert_eq!(told(&who, Some("premium")), [all.clone(), person(Some(500)), session(None)]);
        assert_eq!(told(&who, Some("gone")), [all.clone(), person(Some(50)), session(Some(10))]);
        let program = Who { api_key: "shop".to_owned(), ..Who::default() };
        let key = |micros| ("key:shop".to_owned(), None, micros);
        assert_eq!(told(&program, None), [all.clone(), key(None), key(Some(2_500_000))]);
        let card = |period, micros| Who { key_budget: Some((period, micros)), ..program.clone() };
        let month = key(Some(2_500_000));
        assert_eq!(told(&card(Period::Day, 7), None), [all.clone(), key(Some(7)), month.clone()]);
        assert_eq!(told(&card(Period::Month, 9_000_000), None), [all.clone(), key(None), month]);
        assert_eq!(told(&card(Period::Month, 0), None), [all, key(None), key(Some(0))]);
    }
}
