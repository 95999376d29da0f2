//! One transaction for many: ends of calls are settled, then calls that are wanted are held or refused. What is
//! decided here is decided on locked counters, by one worker at a time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use events::Envelope;
use ids::{Timestamp, Uuid};
use pg::{AfterCommit, PgConnection, PgError};

use super::Money;
use super::counter::{Limit, Slot};
use super::queue::{Answer, Ask, Row, Settlement};
use super::reservation::{Held, Place, Refusal};
use super::who::{Person, Scope, limit_of, slots};
use crate::store::budget::{self, Counters};
use crate::store::ledger::{self, Entry};
use crate::store::{erased, person, reservation};

/// What came of each, in the order they were given.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) answers: Vec<Answer>,
    /// Whether the row was the question's first.
    pub(crate) settled: Vec<bool>,
    pub(crate) after: AfterCommit,
}

/// Those of these asks that a transaction has held whose commit was not heard of: to hold them again would count them
/// twice, and give back once.
async fn held_before(
    tx: &mut PgConnection,
    asks: &[&Ask],
    known: &reservation::Known,
) -> Result<HashMap<Uuid, Held>, PgError> {
    let ids: Vec<Uuid> = asks.iter().map(|ask| ask.id).filter(|id| known.held.contains(id)).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    reservation::held_in_tx(tx, &ids).await
}

/// A call with every window it is counted in.
struct Wanted<'a> {
    ask: &'a Ask,
    person: String,
    /// The conversation is erased, and nothing is written of it any more.
    is_gone: bool,
    slots: Vec<(Slot, Limit)>,
}

impl Money {
    /// Does these in the caller's transaction, in which rows are [found by keys](budget::by_keys_in_tx).
    pub(crate) async fn transact(
        &self,
        tx: &mut PgConnection,
        asks: &[&Ask],
        settlements: &[&Settlement],
    ) -> Result<Done, PgError> {
        let now = self.clock.now();
        let wanted = self.wanted(tx, asks).await?;
        let mut counters = self.lock(tx, now, &wanted, settlements).await?;
        let mut done = Done::default();
        let mut limits: BTreeMap<Slot, (Limit, bool)> = BTreeMap::new();
        if !settlements.is_empty() {
            done.settled = self.settle_all(tx, now, &mut counters, settlements, &mut done.after).await?;
            for slot in settlements.iter().flat_map(|one| one.held.places.iter().map(|place| &place.slot)) {
                let card = counters.get(slot).and_then(|counter| counter.card_micros);
                limits.insert(slot.clone(), (limit_of(&self.config, slot, card), false));
            }
        }
        if !wanted.is_empty() {
            let ids: Vec<&str> = asks.iter().map(|ask| ask.request_id.as_str()).collect();
            let mut known = reservation::known_in_tx(tx, &ids).await?;
            let mut before = held_before(tx, asks, &known).await?;
            let mut held = Vec::new();
            for one in &wanted {
                if let Some(is_held) = before.remove(&one.ask.id) {
                    done.answers.push(Answer::Held(Box::new(is_held)));
                    continue;
                }
                let answer = if known.ended.contains(&one.ask.request_id) {
                    Answer::Ended
                } else {
                    let calls = if known.counted.contains(&one.ask.request_id) { 0 } else { one.ask.calls };
                    self.judge(now, &mut counters, &mut limits, one, calls)
                };
                if let Answer::Held(is_held) = &answer {
                    known.counted.insert(one.ask.request_id.clone());
                    held.push(is_held.clone());
                }
                done.answers.push(answer);
            }
            if !held.is_empty() {
                let held: Vec<&Held> = held.iter().map(|held| &**held).collect();
                reservation::insert_in_tx(tx, self.worker, &held).await?;
            }
        }
        let told = self.tell(now, &mut counters, &limits);
        budget::write_in_tx(tx, &counters).await?;
        let after = std::mem::take(&mut done.after);
        done.after = after.and(self.outbox.put(tx, &told).await?);
        Ok(done)
    }

    async fn wanted<'a>(&self, tx: &mut PgConnection, asks: &[&'a Ask]) -> Result<Vec<Wanted<'a>>, PgError> {
        let conversations: BTreeSet<&str> = asks.iter().map(|ask| ask.who.conversation_id.as_str()).collect();
        let conversations: Vec<&str> = conversations.into_iter().filter(|id| !id.is_empty()).collect();
        let gone = erased::gone_in_tx(tx, &conversations).await?;
        let is_gone = |ask: &Ask| gone.contains(&ask.who.conversation_id);
        let people: BTreeSet<(&str, i64)> = asks
            .iter()
            .filter(|ask| !is_gone(ask))
            .filter_map(|ask| Some((ask.who.bot.as_str(), ask.who.chat_id?)))
            .collect();
        let mut known: HashMap<(String, i64), Person> = HashMap::new();
        if !people.is_empty() {
            let people: Vec<(&str, i64)> = people.into_iter().collect();
            let fresh: Vec<Uuid> = people.iter().map(|_| self.ids.uuid()).collect();
            known = person::know_in_tx(tx, &people, &fresh).await?;
        }
        let wanted = asks.iter().map(|ask| {
            let is_gone = is_gone(ask);
            let chat = ask.who.chat_id.filter(|_| !is_gone);
            let person = chat.and_then(|chat| known.get(&(ask.who.bot.clone(), chat)));
            let slots = slots(&self.config, &ask.who, person);
            let person = person.map(|one| one.pseudonym.clone()).unwrap_or_default();
            Wanted { ask, person, is_gone, slots }
        });
        Ok(wanted.collect())
    }

    /// Locks every counter that is touched: that of everything first, the others in their order.
    async fn lock(
        &self,
        tx: &mut PgConnection,
        now: Timestamp,
        wanted: &[Wanted<'_>],
        settlements: &[&Settlement],
    ) -> Result<Counters, PgError> {
        let mut opened = BTreeMap::new();
        for (slot, _) in wanted.iter().flat_map(|one| &one.slots) {
            if !opened.contains_key(slot) {
                opened.insert(slot.clone(), self.calendar.window(slot.period, now));
            }
        }
        let mut counters = Counters::new();
        if !opened.is_empty() {
            counters = budget::open_in_tx(tx, &opened).await?;
            for (slot, counter) in &mut counters {
                if let Some(window) = opened.get(slot) {
                    counter.enter(*window, now);
                }
            }
        }
        let places = settlements.iter().flat_map(|one| &one.held.places);
        let further: BTreeSet<&Slot> =
            places.map(|place| &place.slot).filter(|slot| !counters.contains_key(slot)).collect();
        if !further.is_empty() {
            let further: Vec<&Slot> = further.into_iter().collect();
            let locked = budget::lock_in_tx(tx, &further).await?;
            counters.extend(locked);
        }
        Ok(counters)
    }

    /// Settles what is still held. What was given up as lost meanwhile is put right; what was settled stays.
    async fn settle_all(
        &self,
        tx: &mut PgConnection,
        now: Timestamp,
        counters: &mut Counters,
        settlements: &[&Settlement],
        after: &mut AfterCommit,
    ) -> Result<Vec<bool>, PgError> {
        let ids: Vec<Uuid> = settlements.iter().map(|one| one.held.id).collect();
        let mut taken = reservation::take_in_tx(tx, &ids).await?;
        let missing: Vec<Uuid> = ids.iter().filter(|id| !taken.contains_key(id)).copied().collect();
        let mut lost = HashMap::new();
        if !missing.is_empty() {
            lost = ledger::take_lost_in_tx(tx, &missing).await?;
        }
        let mut rows: Vec<Entry> = Vec::new();
        let mut open = Vec::with_capacity(settlements.len());
        for one in settlements {
            let (held, before) = match (taken.remove(&one.held.id), lost.remove(&one.held.id)) {
                (Some(held), _) => (held, 0),
                (None, Some(before)) => (0, before),
                (None, None) => {
                    open.push(false);
                    continue;
                }
            };
            let calls_back = if one.spent.was_asked { 0 } else { one.held.calls };
            for place in &one.held.places {
                if let Some(counter) = counters.get_mut(&place.slot) {
                    counter.settle(place.since, held, calls_back, one.spent.micros - before);
                }
            }
            match &one.row {
                Row::None => {}
                Row::Of(entry) => rows.push((**entry).clone()),
                Row::Tried(tried) => rows.push(Entry::of_try(&one.held, one.spent, tried, now)),
                Row::Own(outcome) => rows.push(Entry::of_call(&one.held, one.spent, outcome, now)),
            }
            open.push(true);
        }
        if rows.is_empty() {
            return Ok(open);
        }
        let (new, wake) = self.write_in_tx(tx, &rows).await?;
        *after = std::mem::take(after).and(wake);
        let first = |one: &&Settlement, open: bool| match &one.row {
            Row::Of(entry) => open && new.contains(&entry.request_id),
            Row::None | Row::Tried(_) | Row::Own(_) => open,
        };
        Ok(settlements.iter().zip(open).map(|(one, open)| first(one, open)).collect())
    }

    fn judge(
        &self,
        now: Timestamp,
        counters: &mut Counters,
        limits: &mut BTreeMap<Slot, (Limit, bool)>,
        one: &Wanted<'_>,
        calls: i64,
    ) -> Answer {
        let ask = one.ask;
        let mut refusal: Option<Refusal> = None;
        for (slot, limit) in &one.slots {
            if slot.parts().0 == Scope::Key
                && let Some(counter) = counters.get_mut(slot)
            {
                // Whoever settles or looks does not hear of the card.
                counter.card_micros = ask.who.card(slot.period);
            }
            let admits = counters.get(slot).is_some_and(|counter| counter.admits(*limit, calls, ask.micros));
            let entry = limits.entry(slot.clone()).or_insert((*limit, false));
            let is_used_up = !admits
                && !ask.has_others
                && counters.get(slot).is_some_and(|counter| counter.is_short_of(*limit, ask.micros));
            *entry = (*limit, entry.1 || is_used_up);
            if !admits {
                let resets_at = counters.get(slot).map_or(now, |counter| counter.window.ends_at);
                let later = refusal.is_none_or(|known| resets_at >= known.resets_at);
                let has_call = counters.get(slot).is_some_and(|counter| counter.has_call(*limit, calls));
                let is_of_dollars = has_call && refusal.is_none_or(|known| known.is_of_dollars);
                let (scope, resets_at) = match refusal {
                    Some(known) if !later => (known.scope, known.resets_at),
                    _ => (slot.parts().0, resets_at),
                };
                refusal = Some(Refusal { scope, resets_at, is_of_dollars });
            }
        }
        if let Some(refusal) = refusal {
            metrics::counter!("dragoman_budget_refused_total", "scope" => refusal.scope.as_str())
                .increment(1);
            return Answer::Refused(refusal);
        }
        let mut places = Vec::with_capacity(one.slots.len());
        for (slot, _) in &one.slots {
            let Some(counter) = counters.get_mut(slot) else { continue };
            counter.hold(calls, ask.micros);
            if slot.period == super::window::Period::Session {
                counter.extend(self.calendar.window(slot.period, now).ends_at);
            }
            places.push(Place { slot: slot.clone(), since: counter.window.since });
        }
        let mut who = ask.who.clone();
        if one.is_gone {
            who.conversation_id.clear();
        }
        Answer::Held(Box::new(Held {
            id: ask.id,
            request_id: ask.request_id.clone(),
            micros: ask.micros,
            calls,
            places,
            who,
            person: one.person.clone(),
            model: ask.model.clone(),
        }))
    }

    /// What is told of budgets that have reached a share of theirs.
    fn tell(
        &self,
        now: Timestamp,
        counters: &mut Counters,
        limits: &BTreeMap<Slot, (Limit, bool)>,
    ) -> Vec<Envelope> {
        let mut told = Vec::new();
        for (slot, (limit, refused)) in limits {
            let Some(counter) = counters.get_mut(slot) else { continue };
            if slot.period == super::window::Period::Session {
                continue;
            }
            if let Some(percent) = counter.tell(*limit, *refused) {
                told.push(self.reached(now, slot, counter, percent));
            }
        }
        told
    }
}
