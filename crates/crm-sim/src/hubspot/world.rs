//! What is kept: objects with their associations, and what the search knows of them, which is older.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::time::Instant;

use ids::{Clock, Timestamp};
use serde_json::{Map, Value, json};

use super::account::{is_closed, is_won};
use super::limits::Limits;
use super::properties::{Property, at_the_beginning};
use super::{Kind, Options};

pub(super) type Properties = BTreeMap<String, String>;

/// Everything of one account.
pub(super) struct World {
    pub(super) options: Options,
    /// The one that is taken.
    pub(super) token: String,
    pub(super) tokens_over: HashSet<String>,
    pub(super) properties: Vec<Property>,
    pub(super) objects: BTreeMap<(Kind, u64), Object>,
    /// Both ways.
    pub(super) links: BTreeSet<(Kind, u64, Kind, u64)>,
    /// Deals that the private app may read, and not touch.
    pub(super) closed: HashSet<u64>,
    pub(super) limits: Limits,
    /// Method and path of every call, also of those that were refused.
    pub(super) calls: Vec<String>,
    last_id: u64,
}

pub(super) struct Object {
    pub(super) properties: Properties,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    /// What the search has of it; none: it does not know it yet.
    pub(super) indexed: Option<Properties>,
    /// What the search will have of it, and when.
    coming: VecDeque<(Instant, Properties)>,
}

impl World {
    pub(super) fn new(options: Options) -> Self {
        let last_id = options.last_id;
        Self {
            options,
            token: "pat-eu1-00000000-0000-4000-8000-000000000001".to_owned(),
            tokens_over: HashSet::new(),
            properties: at_the_beginning(),
            objects: BTreeMap::new(),
            links: BTreeSet::new(),
            closed: HashSet::new(),
            limits: Limits::default(),
            calls: Vec::new(),
            last_id,
        }
    }

    pub(super) fn property(&self, kind: Kind, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.kind == kind && property.name == name)
    }

    pub(super) fn get(&self, kind: Kind, id: u64) -> Option<&Object> {
        self.objects.get(&(kind, id))
    }

    /// The ids of these objects at the other end of `id`.
    pub(super) fn linked(&self, kind: Kind, id: u64, to: Kind) -> Vec<u64> {
        let ends = self.links.range((kind, id, to, 0)..=(kind, id, to, u64::MAX));
        ends.map(|(.., id)| *id).collect()
    }

    /// The object whose unique property has this value.
    pub(super) fn by_unique(&self, kind: Kind, property: &str, value: &str) -> Option<u64> {
        let mut all = self.objects.range((kind, 0)..=(kind, u64::MAX));
        all.find(|(_, object)| {
            object.properties.get(property).is_some_and(|has| has.eq_ignore_ascii_case(value))
        })
        .map(|((_, id), _)| *id)
    }

    /// Makes an object.
    pub(super) fn create(&mut self, kind: Kind, values: Properties, links: &[(Kind, u64)]) -> u64 {
        // HubSpot's ids grow, with gaps.
        self.last_id += 7 + self.last_id % 11;
        let (id, now) = (self.last_id, Clock::system().now());
        let object = Object {
            properties: Properties::new(),
            created: now,
            updated: now,
            indexed: None,
            coming: VecDeque::new(),
        };
        self.objects.insert((kind, id), object);
        for (to, other) in links {
            self.links.insert((kind, id, *to, *other));
            self.links.insert((*to, *other, kind, id));
        }
        self.set(kind, id, values);
        id
    }

    /// Sets values. The search learns of it later.
    pub(super) fn set(&mut self, kind: Kind, id: u64, values: Properties) {
        let at = Instant::now() + self.options.search_lag;
        let Some(object) = self.objects.get_mut(&(kind, id)) else { return };
        object.properties.extend(values);
        object.updated = Clock::system().now();
        derive(kind, id, object);
        object.coming.push_back((at, object.properties.clone()));
    }

    /// Brings the search up to now.
    pub(super) fn index(&mut self) {
        let now = Instant::now();
        for object in self.objects.values_mut() {
            while object.coming.front().is_some_and(|(at, _)| *at <= now) {
                object.indexed = object.coming.pop_front().map(|(_, properties)| properties);
            }
        }
    }

    /// An object as an answer shows it: what is asked for and what every answer has.
    pub(super) fn shown(&self, kind: Kind, id: u64, asked: &[String]) -> Value {
        let Some(object) = self.get(kind, id) else { return Value::Null };
        let always = kind.always();
        let known = asked.iter().filter(|name| self.property(kind, name).is_some());
        let properties: Map<String, Value> = known
            .map(String::as_str)
            .chain(always.iter().copied())
            .map(|name| (name.to_owned(), object.properties.get(name).map_or(Value::Null, |has| json!(has))))
            .collect();
        json!({ "id": id.to_string(), "properties": properties, "createdAt": said(object.created),
                "updatedAt": said(object.updated), "archived": false })
    }
}

/// HubSpot's times have milliseconds, always three digits.
fn said(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// What HubSpot itself fills in.
fn derive(kind: Kind, id: u64, object: &mut Object) {
    let mut put = |name: &str, value: String| object.properties.insert(name.to_owned(), value);
    put("hs_object_id", id.to_string());
    let (created, updated) = (said(object.created), said(object.updated));
    match kind {
        Kind::Contacts => {
            put("createdate", created);
            put("lastmodifieddate", updated);
        }
        Kind::Deals => {
            put("createdate", created);
            put("hs_lastmodifieddate", updated);
        }
        Kind::Notes => {
            put("hs_createdate", created);
            put("hs_lastmodifieddate", updated);
        }
    }
    let text = |name: &str| object.properties.get(name).cloned().unwrap_or_default();
    let derived = match kind {
        Kind::Contacts => vec![
            ("hs_searchable_calculated_phone_number", national(&text("phone"))),
            ("hs_searchable_calculated_mobile_number", national(&text("mobilephone"))),
        ],
        Kind::Deals => vec![
            ("hs_is_closed", is_closed(&text("dealstage")).to_string()),
            ("hs_is_closed_won", is_won(&text("dealstage")).to_string()),
        ],
        Kind::Notes => Vec::new(),
    };
    object.properties.extend(derived.into_iter().map(|(name, value)| (name.to_owned(), value)));
}

/// A number without its country, as the search has it.
fn national(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    if phone.trim_start().starts_with('+') {
        let code = match digits.get(..2) {
            Some(two) if two.starts_with(['1', '7']) => 1,
            Some(
                "20" | "27" | "30" | "31" | "32" | "33" | "34" | "36" | "39" | "43" | "44" | "48" | "49",
            ) => 2,
            _ => 3,
        };
        return digits.get(code..).unwrap_or("").to_owned();
    }
    match digits.len() {
        11 if digits.starts_with('8') => digits[1..].to_owned(),
        _ => digits.trim_start_matches('0').to_owned(),
    }
}
