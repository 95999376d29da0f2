//! What the account holds.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::time::Instant;

use ids::Clock;
use serde_json::{Value, json};

use super::account::{self, Field, Pipeline, User};
use super::fields::Values;
use super::options::Options;
use super::tokens::Tokens;
use super::webhooks::Webhook;
use crate::{Deal, Person};

pub(super) struct State {
    pub(super) options: Options,
    pub(super) pipelines: Vec<Pipeline>,
    pub(super) users: Vec<User>,
    pub(super) lead_fields: Vec<Field>,
    pub(super) contact_fields: Vec<Field>,
    pub(super) leads: BTreeMap<i64, Lead>,
    pub(super) contacts: BTreeMap<i64, Contact>,
    pub(super) webhooks: Vec<Webhook>,
    pub(super) tokens: Tokens,
    /// When the calls of the last second came.
    pub(super) recent: VecDeque<Instant>,
    /// Every call, as `POST /api/v4/leads`.
    pub(super) lines: Vec<String>,
    /// How many were refused for coming too fast.
    pub(super) too_many: usize,
    /// Every call is refused until the support lifts it.
    pub(super) shut_out: bool,
    /// Deals that whoever gave the token may read, and not touch.
    pub(super) closed: HashSet<i64>,
    /// The account is at another address now.
    pub(super) moved: bool,
    /// When what has an id was made.
    made: BTreeMap<i64, Instant>,
    last_id: i64,
    clock: Clock,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Lead {
    pub(super) name: String,
    pub(super) price: Option<i64>,
    pub(super) pipeline: i64,
    pub(super) stage: i64,
    pub(super) responsible: i64,
    pub(super) created_at: i64,
    pub(super) closed_at: Option<i64>,
    pub(super) tags: Vec<String>,
    pub(super) contacts: Vec<i64>,
    pub(super) fields: BTreeMap<i64, Values>,
    pub(super) notes: Vec<(i64, String)>,
}

impl State {
    /// Whether a search knows an entity that is made now.
    pub(super) fn is_indexed(&self, id: i64) -> bool {
        let made = self.made.get(&id);
        made.is_none_or(|made| made.elapsed() >= self.options.search_lag)
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Contact {
    pub(super) name: String,
    pub(super) responsible: i64,
    pub(super) created_at: i64,
    pub(super) fields: BTreeMap<i64, Values>,
}

impl State {
    pub(super) fn new(options: Options) -> Self {
        let last_id = options.last_id;
        Self {
            options,
            pipelines: account::pipelines(),
            users: account::users(),
            lead_fields: account::lead_fields(),
            contact_fields: account::contact_fields(),
            leads: BTreeMap::new(),
            contacts: BTreeMap::new(),
            webhooks: Vec::new(),
            tokens: Tokens::default(),
            recent: VecDeque::new(),
            lines: Vec::new(),
            too_many: 0,
            shut_out: false,
            closed: HashSet::new(),
            moved: false,
            made: BTreeMap::new(),
            last_id,
            clock: Clock::system(),
        }
    }

    pub(super) fn next_id(&mut self) -> i64 {
        self.last_id += 1;
        self.made.insert(self.last_id, Instant::now());
        self.last_id
    }

    /// Unix seconds.
    pub(super) fn now(&self) -> i64 {
        self.clock.now().as_second()
    }

    pub(super) fn lead_json(&self, id: i64, lead: &Lead, with_contacts: bool) -> Value {
        let tag = |(nth, name): (usize, &String)| json!({ "id": 70_000 + nth, "name": name, "color": null });
        let tags: Vec<Value> = lead.tags.iter().enumerate().map(tag).collect();
        let mut embedded = json!({ "tags": tags, "companies": [] });
        if with_contacts {
            let contact = |(nth, id): (usize, &i64)| json!({ "id": id, "is_main": nth == 0 });
            embedded["contacts"] = lead.contacts.iter().enumerate().map(contact).collect();
        }
        json!({
            "id": id, "name": lead.name, "price": lead.price.unwrap_or(0), "responsible_user_id": lead.responsible,
            "group_id": 0, "status_id": lead.stage, "pipeline_id": lead.pipeline, "loss_reason_id": null,
            "created_by": 0, "updated_by": 0, "created_at": lead.created_at, "updated_at": lead.created_at,
            "closed_at": lead.closed_at, "closest_task_at": null, "is_deleted": false,
            "custom_fields_values": fields_json(&lead.fields, &self.lead_fields), "score": null,
            "account_id": self.options.account_id, "_embedded": embedded,
        })
    }

    pub(super) fn contact_json(&self, id: i64, contact: &Contact, with_leads: bool) -> Value {
        let mut embedded = json!({ "tags": [], "companies": [] });
        if with_leads {
            let of = self.leads.iter().filter(|(_, lead)| lead.contacts.contains(&id));
            embedded["leads"] = of.map(|(id, _)| json!({ "id": id })).collect();
        }
        json!({
            "id": id, "name": contact.name, "first_name": "", "last_name": "",
            "responsible_user_id": contact.responsible, "group_id": 0, "created_by": 0, "updated_by": 0,
            "created_at": contact.created_at, "updated_at": contact.created_at, "closest_task_at": null,
            "is_deleted": false, "is_unsorted": false,
            "custom_fields_values": fields_json(&contact.fields, &self.contact_fields),
            "account_id": self.options.account_id, "_embedded": embedded,
        })
    }

    pub(super) fn deal(&self, id: i64, lead: &Lead) -> Deal {
        Deal {
            id: id.to_string(),
            name: lead.name.clone(),
            contact: lead.contacts.first().map(ToString::to_string),
            price: lead.price,
            pipeline: lead.pipeline.to_string(),
            stage: lead.stage.to_string(),
            responsible: lead.responsible.to_string(),
            tags: lead.tags.clone(),
            fields: texts(&lead.fields, &self.lead_fields),
            notes: lead.notes.iter().map(|(_, text)| text.clone()).collect(),
        }
    }

    pub(super) fn person(&self, id: i64, contact: &Contact) -> Person {
        let mut fields = texts(&contact.fields, &self.contact_fields);
        let mut all = |code| {
            fields.remove(code);
            let field = self.contact_fields.iter().find(|field| field.code == code);
            let values = field.and_then(|field| contact.fields.get(&field.id)).into_iter().flatten();
            values.map(|value| text(&value["value"])).collect()
        };
        let (phones, emails) = (all("PHONE"), all("EMAIL"));
        Person { id: id.to_string(), name: contact.name.clone(), phones, emails, fields }
    }
}

/// All that a search finds an entity by.
pub(super) fn filled(name: &str, fields: &BTreeMap<i64, Values>) -> Vec<String> {
    let values = fields.values().flatten().map(|value| text(&value["value"]));
    values.chain([name.to_owned()]).collect()
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// By the field's code, or by its id where it has none.
fn texts(fields: &BTreeMap<i64, Values>, known: &[Field]) -> BTreeMap<String, String> {
    let named = |(id, values): (&i64, &Values)| {
        let code = known.iter().find(|field| field.id == *id).map_or("", |field| field.code);
        let key = if code.is_empty() { id.to_string() } else { code.to_owned() };
        let texts: Vec<String> = values.iter().map(|value| text(&value["value"])).collect();
        (key, texts.join(", "))
    };
    fields.iter().map(named).collect()
}

/// `null` where nothing is filled in.
fn fields_json(fields: &BTreeMap<i64, Values>, known: &[Field]) -> Value {
    if fields.is_empty() {
        return Value::Null;
    }
    let one = |(id, values): (&i64, &Values)| {
        let field = known.iter().find(|field| field.id == *id);
        let code = field.map(|field| field.code).filter(|code| !code.is_empty());
        json!({
            "field_id": id, "field_name": field.map(|field| &field.name), "field_code": code,
            "field_type": field.map(|field| field.kind), "values": values,
        })
    };
    fields.iter().map(one).collect()
}
