//! `fields` of what is made or changed: every field is looked up first, and what can not be sent is a fault that names
//! the field of the mapping.

use ids::Pii;
use serde_json::{Map, Value, json};

use super::super::{Fault, Trouble};
use super::catalogue::Catalogue;
use super::field::{Field, Fields};
use super::place::Kind;
use super::value::wrong;
use crate::domain::deal::{Contact, Filled, NewDeal};

/// Who has given `originId`: ours are told from those of other programs by it.
pub(super) const ORIGINATOR: &str = "dragoman";

/// What is sent, and what is wrong with it.
pub(super) struct Form<'a> {
    kind: Kind,
    catalogue: &'a Catalogue,
    /// It is there already.
    changes: bool,
    fields: Map<String, Value>,
    /// Which field of the mapping is in which of theirs.
    sent: Vec<Sent>,
    faults: Vec<Fault>,
}

/// A field that was sent.
pub(super) struct Sent {
    ours: String,
    field: Field,
}

/// The fields, and which of ours each of them is.
type Done = (Map<String, Value>, Vec<Sent>);

impl<'a> Form<'a> {
    pub(super) fn new(kind: Kind, catalogue: &'a Catalogue, changes: bool) -> Self {
        let (fields, sent, faults) = (Map::new(), Vec::new(), Vec::new());
        Self { kind, catalogue, changes, fields, sent, faults }
    }

    /// The fields, or everything that is wrong with them at once.
    pub(super) fn done(self) -> Result<Done, Vec<Fault>> {
        if self.faults.is_empty() { Ok((self.fields, self.sent)) } else { Err(self.faults) }
    }

    /// A field of Bitrix24's own.
    pub(super) fn set(&mut self, ours: &str, theirs: &str, value: impl Into<Value>) {
        let field = self.catalogue.fields(self.kind).named(theirs).cloned();
        let field = field.unwrap_or_else(|| Field { id: theirs.to_owned(), ..Field::default() });
        self.fields.insert(theirs.to_owned(), value.into());
        self.sent.push(Sent { ours: ours.to_owned(), field });
    }

    /// The same, where nothing else has filled it.
    pub(super) fn set_first(&mut self, ours: &str, theirs: &str, value: String) {
        if !self.fields.contains_key(theirs) {
            self.set(ours, theirs, value);
        }
    }

    fn set_text(&mut self, ours: &str, theirs: &str, value: &str) {
        if !value.trim().is_empty() {
            self.set(ours, theirs, value.trim());
        }
    }

    pub(super) fn fault(&mut self, ours: &str, code: &'static str, detail: &str) {
        self.faults.push(wrong(code, detail).about(ours));
    }

    /// Fields of the mapping; `of` is the kind of things that it was written for.
    pub(super) fn fill(&mut self, filled: &[Filled], of: Kind) {
        for one in filled.iter().filter(|one| !one.value.expose().trim().is_empty()) {
            let own: &Fields = self.catalogue.fields(self.kind);
            let field = own.like(&one.theirs, self.catalogue.fields(of)).cloned();
            let Some(field) = field else {
                let many = self.kind.many();
                let detail = match self.catalogue.fields(of).named(&one.theirs) {
                    Some(field) => {
                        format!("{many} have no field called “{}”, as {} have", field.title, of.many())
                    }
                    None => format!("{many} have no field {}", one.theirs),
                };
                self.fault(&one.ours, "UnknownField", &detail);
                continue;
            };
            if field.is_ours() {
                self.fault(
                    &one.ours,
                    "ReservedField",
                    "it holds the mark by which a lead of ours is found again",
                );
                continue;
            }
            if field.read_only || (field.immutable && self.changes) {
                let detail = format!("“{}” can not be changed", field.title);
                self.fault(&one.ours, "ReadOnlyField", &detail);
                continue;
            }
            match field.sent(one.value.expose(), self.catalogue) {
                Ok(value) => {
                    self.fields.insert(field.id.clone(), value);
                    self.sent.push(Sent { ours: one.ours.clone(), field });
                }
                Err(wrong) => self.faults.push(wrong.about(&one.ours)),
            }
        }
    }

    /// What a lead or a deal is about; what is empty is left out.
    pub(super) fn deal(&mut self, deal: &NewDeal) {
        self.set_text("name", "title", deal.name.expose());
        self.set_text("currency", "currencyId", &deal.currency);
        if let Some(price) = deal.price {
            self.set("price", "opportunity", price);
            // Otherwise it is counted from products, of which there are none.
            self.set("price", "isManualOpportunity", "Y");
        }
        match deal.responsible.trim() {
            "" => {}
            id => match id.parse::<u64>() {
                Ok(id) => self.set("responsible", "assignedById", id),
                Err(_) => {
                    self.fault("responsible", "NotAUser", "it takes the number of somebody who works there");
                }
            },
        }
        let utm = &deal.utm;
        self.set_text("utm_source", "utmSource", &utm.source);
        self.set_text("utm_medium", "utmMedium", &utm.medium);
        self.set_text("utm_campaign", "utmCampaign", &utm.campaign);
        self.set_text("utm_content", "utmContent", &utm.content);
        self.set_text("utm_term", "utmTerm", &utm.term);
        self.fill(&deal.fields, Kind::Lead);
    }

    /// The stage of a lead. Leads have one pipeline, and the stages of a deal are none of a lead.
    pub(super) fn stage(&mut self, deal: &NewDeal) {
        if !matches!(deal.pipeline.trim(), "" | LEADS) {
            let detail = "new leads stand in the pipeline of leads only: leave it out, or write leads";
            self.fault("pipeline", "UnknownPipeline", detail);
        }
        match deal.stage.trim() {
            "" => {}
            stage if self.catalogue.directory("STATUS").any(|entry| entry.id == stage) => {
                self.set("stage", "stageId", stage);
            }
            _ => self.fault("stage", "UnknownStage", "leads have no such stage"),
        }
    }

    /// Who it is; `fields` of the mapping are those of people, whatever holds them.
    pub(super) fn person(&mut self, contact: &Contact, telegram_field: &str) {
        self.set_text("name", "name", &known_as(contact));
        let multi = [
            ("PHONE", "WORK", contact.phone.expose()),
            ("EMAIL", "WORK", contact.email.expose()),
            ("IM", "TELEGRAM", contact.telegram_username.expose()),
        ];
        let multi = multi.into_iter().filter(|(_, _, value)| !value.trim().is_empty());
        let multi: Vec<Value> = multi
            .map(|(of, kind, value)| json!({ "typeId": of, "valueType": kind, "value": value.trim() }))
            .collect();
        if !multi.is_empty() {
            self.set("contact", "fm", multi);
        }
        if !telegram_field.is_empty() && contact.telegram_user_id != 0 {
            let (contacts, own) = (&self.catalogue.contacts, self.catalogue.fields(self.kind));
            match own.like(telegram_field, contacts).map(|field| field.id.clone()) {
                Some(id) => self.set("telegram_field", &id, contact.telegram_user_id.to_string()),
                // Leads need not have it; people must.
                None if contacts.named(telegram_field).is_some() => {}
                None => {
                    let detail = format!("contacts have no field {telegram_field}");
                    self.fault("telegram_field", "UnknownField", &detail);
                }
            }
        }
        self.fill(&contact.fields, Kind::Contact);
    }
}

/// What the pipeline of leads is called, which has no id of its own.
pub(super) const LEADS: &str = "leads";

/// The name, or what else there is to call somebody by: a person without a name is refused, and in the simple mode a lead
/// without one becomes no deal.
fn known_as(contact: &Contact) -> String {
    let mut known = [&contact.name, &contact.telegram_username, &contact.phone, &contact.email].into_iter();
    let known = known.find(|text| !text.expose().trim().is_empty());
    match known {
        Some(text) => text.expose().trim().to_owned(),
        None if contact.telegram_user_id != 0 => format!("Telegram {}", contact.telegram_user_id),
        None => String::new(),
    }
}

/// Nothing was sent: it would be refused, or lost in silence.
pub(super) fn rejected(faults: Vec<Fault>) -> Trouble {
    Trouble::Rejected { status: 0, faults, said: Pii::new(String::new()) }
}

/// Says which field of the mapping the CRM's refusal is about: it names its own, by title or by id.
pub(super) fn named(trouble: Trouble, sent: &[Sent]) -> Trouble {
    let Trouble::Rejected { status, mut faults, said } = trouble else { return trouble };
    for fault in &mut faults {
        let detail = fault.detail.expose();
        let quoted = |text: &str| {
            !text.is_empty()
                && [('"', '"'), ('«', '»'), ('“', '”'), ('\'', '\'')]
                    .iter()
                    .any(|(open, close)| detail.contains(&format!("{open}{text}{close}")))
        };
        let about = |sent: &&Sent| {
            let field = &sent.field;
            quoted(&field.title) || quoted(&field.id) || quoted(&field.upper)
        };
        let field = sent.iter().find(about).map(|sent| sent.ours.clone());
        fault.field = field;
    }
    Trouble::Rejected { status, faults, said }
}
