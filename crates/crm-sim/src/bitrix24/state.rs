//! All that a portal holds.

use std::collections::{BTreeMap, BTreeSet};

use ids::Timestamp;
use serde_json::Value;

use super::account::{self, ANNA, BORIS, Field, GONE};
use super::item::{Item, Kind};
use super::limits::{Bucket, Operating};
use super::options::Options;
use super::problem::Problem;
use super::tokens::Tokens;

pub(super) struct State {
    pub(super) options: Options,
    items: BTreeMap<(Kind, i64), Item>,
    pub(super) fields: BTreeMap<Kind, Vec<Field>>,
    /// In the order in which they were put there.
    pub(super) comments: Vec<Comment>,
    pub(super) tokens: Tokens,
    pub(super) bucket: Bucket,
    pub(super) operating: Operating,
    sequences: BTreeMap<&'static str, i64>,
    /// Requests by their method, in their order.
    pub(super) requests: Vec<String>,
    /// Methods that were called, those in batches too.
    pub(super) methods: Vec<String>,
    pub(super) too_many: usize,
    /// Every call is refused with this.
    pub(super) shut: Option<Problem>,
    pub(super) maintained: bool,
    /// What the user of the webhook may read, and not touch.
    pub(super) closed: BTreeSet<(Kind, i64)>,
    /// After so many calls of the next batch the tokens are over.
    pub(super) expire_in_batch: Option<usize>,
    /// Where changes are told.
    pub(super) told: Option<String>,
    /// Changes that were not told yet.
    pub(super) changes: Vec<(Kind, i64)>,
}

pub(super) struct Comment {
    pub(super) id: i64,
    pub(super) of: (Kind, i64),
    pub(super) text: String,
    pub(super) created: String,
}

impl State {
    pub(super) fn new(options: Options) -> Self {
        let kinds = [Kind::Lead, Kind::Deal, Kind::Contact];
        let now = options.clock.now();
        Self {
            items: BTreeMap::new(),
            fields: kinds.map(|kind| (kind, account::fields(kind))).into(),
            comments: Vec::new(),
            tokens: Tokens::default(),
            bucket: Bucket::new(now),
            operating: Operating::default(),
            sequences: BTreeMap::new(),
            requests: Vec::new(),
            methods: Vec::new(),
            too_many: 0,
            shut: None,
            maintained: false,
            closed: BTreeSet::new(),
            expire_in_batch: None,
            told: None,
            changes: Vec::new(),
            options,
        }
    }

    /// Whether the user of the webhook may touch this.
    pub(super) fn open(&self, kind: Kind, id: i64) -> Result<(), Problem> {
        let is_closed = self.closed.contains(&(kind, id));
        if is_closed { Err(Problem::new(400, "", "Access denied.")) } else { Ok(()) }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.options.clock.now()
    }

    /// The next number of a kind of things; each kind counts for itself, so a lead and a deal may have the same.
    pub(super) fn next(&mut self, of: &'static str) -> i64 {
        let last = self.sequences.entry(of).or_insert(self.options.last_id);
        *last += 1;
        *last
    }

    pub(super) fn fields(&self, kind: Kind) -> &[Field] {
        self.fields.get(&kind).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn item(&self, kind: Kind, id: i64) -> Option<&Item> {
        self.items.get(&(kind, id))
    }

    /// The oldest first.
    pub(super) fn all(&self, kind: Kind) -> impl Iterator<Item = &Item> {
        self.items.range((kind, i64::MIN)..=(kind, i64::MAX)).map(|(_, item)| item)
    }

    pub(super) fn keep(&mut self, kind: Kind, item: Item) {
        self.items.insert((kind, item.id), item);
    }

    pub(super) fn remove(&mut self, kind: Kind, id: i64) {
        self.items.remove(&(kind, id));
    }

    /// Puts an item into a stage, with all that follows of that.
    pub(super) fn move_to(&mut self, kind: Kind, id: i64, stage: &str) {
        let Some(item) = self.items.get_mut(&(kind, id)) else { return };
        let semantics = account::semantics(kind, stage).unwrap_or("P");
        item.set("stageId", stage);
        item.set("stageSemanticId", semantics);
        if kind == Kind::Deal {
            let category = stage.strip_prefix('C').and_then(|rest| rest.split_once(':')?.0.parse().ok());
            item.set("categoryId", category.unwrap_or(0_i64));
            item.set("closed", if semantics == "P" { "N" } else { "Y" });
        }
    }

    /// Who works there: id, first name, last name, and whether they still do.
    pub(super) fn users(&self) -> Vec<(i64, String, String, bool)> {
        let known = [(ANNA, "Anna", true), (BORIS, "Boris", true), (GONE, "Clara", false)];
        let known = known.map(|(id, name, active)| (id, name.to_owned(), "Orlova".to_owned(), active));
        let further = (1..=self.options.further_staff)
            .map(|nth| (100 + nth, "Further".to_owned(), nth.to_string(), true));
        known.into_iter().chain(further).collect()
    }
}

/// A moment as the API writes it.
pub(super) fn written(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

/// The parameter of a method; null where it is not given.
pub(super) fn param<'a>(params: &'a Value, name: &str) -> &'a Value {
    params.get(name).unwrap_or(&Value::Null)
}
