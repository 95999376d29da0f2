//! Leads and people that are made, changed, and found again.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::super::call::Effect;
use super::super::{Drafted, Fault, Trouble, Whose};
use super::Bitrix24;
use super::api::Call;
use super::catalogue::Catalogue;
use super::form::{Form, ORIGINATOR, Sent, named, rejected};
use super::judge::misses;
use super::place::{Kind, Place, id};
use crate::domain::deal::{Contact, Made, NewDeal};

/// Fields that are sent, and which field of the mapping is in which of them.
type Ready = (Map<String, Value>, Vec<Sent>);

impl Bitrix24 {
    pub(super) async fn new_person(&self, contact: &Contact) -> Result<String, Trouble> {
        let build = |catalogue: &Catalogue| {
            let mut form = Form::new(Kind::Contact, catalogue, false);
            form.person(contact, &self.telegram_field);
            form.done()
        };
        let (_, ready) = self.ready(build).await?;
        let item = self.add(Kind::Contact, ready).await?;
        let made = id(item.get("id")).ok_or_else(|| misses(Effect::Write, "an id"))?;
        Ok(made.to_string())
    }

    /// A lead, also where there are none: it becomes a deal by itself, and then it is that deal.
    pub(super) async fn new_lead(&self, deal: &NewDeal, of: &Whose<'_>) -> Result<Made, Trouble> {
        let (catalogue, ready) = self.lead(deal, of).await?;
        let item = self.add(Kind::Lead, ready).await?;
        let lead = id(item.get("id")).ok_or_else(|| misses(Effect::Write, "an id"))?;
        let contact = id(item.get("contactId"));
        // The answer may be from before it became one.
        if !(catalogue.simple || is_converted(&item)) {
            return Ok(of_lead(lead, contact));
        }
        // It is made: whatever fails now, nobody may make it again.
        let what = "the lead is made, and whether it became a deal is not known";
        self.became(lead, contact).await.map_err(|trouble| {
            let why = trouble.word();
            Trouble::Unknown(format!("{what} ({why})"))
        })
    }

    /// A lead of somebody new, as it would be sent.
    pub(super) async fn drafted(&self, deal: &NewDeal, contact: &Contact) -> Result<Vec<Drafted>, Trouble> {
        let (_, (fields, _)) = self.lead(deal, &Whose::New(contact)).await?;
        let body = json!({ "entityTypeId": Kind::Lead.number(), "fields": fields });
        Ok(vec![Drafted { call: "crm.item.add".to_owned(), body }])
    }

    /// What is sent of a lead.
    async fn lead(&self, deal: &NewDeal, of: &Whose<'_>) -> Result<(Arc<Catalogue>, Ready), Trouble> {
        let known = match of {
            Whose::New(_) => None,
            Whose::Known(contact) => Some(self.known(contact).await?),
        };
        let build = |catalogue: &Catalogue| {
            let mut form = Form::new(Kind::Lead, catalogue, false);
            match (of, &known) {
                (Whose::New(contact), _) => form.person(contact, &self.telegram_field),
                (_, Some(known)) => {
                    known.iter().for_each(|(name, value)| form.set("contact", name, value.clone()));
                }
                _ => {}
            }
            form.deal(deal);
            form.stage(deal);
            if !deal.tags.is_empty() {
                // There are no tags. What a mapping puts there itself goes before.
                form.set_first("tags", "sourceDescription", deal.tags.join(", "));
            }
            form.set("mark", "originatorId", ORIGINATOR);
            form.set("mark", "originId", deal.mark.as_str());
            form.done()
        };
        self.ready(build).await
    }

    /// Looks for what has this mark. It may be there more than once: nothing makes it the only one.
    pub(super) async fn marked(&self, mark: &str) -> Result<Option<Made>, Trouble> {
        let filter = json!({ "=originatorId": ORIGINATOR, "=originId": mark });
        let leads = self.list(Kind::Lead, filter, json!({ "id": "ASC" })).await?;
        let Some((lead, item)) = leads.first().and_then(|item| Some((id(item.get("id"))?, item))) else {
            return Ok(None);
        };
        let contact = id(item.get("contactId"));
        if !is_converted(item) {
            return Ok(Some(of_lead(lead, contact)));
        }
        Ok(Some(self.became(lead, contact).await?))
    }

    pub(super) async fn changed(&self, place: Place, deal: &NewDeal) -> Result<(), Trouble> {
        let build = |catalogue: &Catalogue| {
            let mut form = Form::new(place.kind, catalogue, true);
            form.deal(deal);
            // The mapping's pipeline and stage are those of leads; a deal stands in others.
            if place.kind == Kind::Lead {
                form.stage(deal);
            }
            form.done()
        };
        let (_, (fields, sent)) = self.ready(build).await?;
        if fields.is_empty() {
            return Ok(());
        }
        let params = json!({ "entityTypeId": place.kind.number(), "id": place.id, "fields": fields });
        let changed = self.api.call(&Call::new("crm.item.update", params), Effect::Write).await;
        changed.map(drop).map_err(|trouble| named(trouble, &sent))
    }

    /// What is to be sent, by the catalogue. What does not fit into one that was kept is looked up anew: somebody may
    /// have made the field since.
    async fn ready(
        &self,
        build: impl Fn(&Catalogue) -> Result<Ready, Vec<Fault>>,
    ) -> Result<(Arc<Catalogue>, Ready), Trouble> {
        let (kept, is_fresh) = self.catalogue.get(&self.api).await?;
        match build(&kept) {
            Ok(ready) => return Ok((kept, ready)),
            Err(faults) if is_fresh => return Err(rejected(faults)),
            Err(_) => {}
        }
        let fresh = self.catalogue.anew(&self.api).await?;
        let ready = build(&fresh).map_err(rejected)?;
        Ok((fresh, ready))
    }

    async fn add(&self, kind: Kind, (fields, sent): Ready) -> Result<Value, Trouble> {
        let params = json!({ "entityTypeId": kind.number(), "fields": fields });
        let made = self.api.call(&Call::new("crm.item.add", params), Effect::Write).await;
        let mut made = made.map_err(|trouble| named(trouble, &sent))?;
        Ok(made.result.get_mut("item").map(Value::take).unwrap_or_default())
    }

    /// The deal that came of a lead; the lead itself where none did.
    async fn became(&self, lead: u64, contact: Option<u64>) -> Result<Made, Trouble> {
        let deals = self.list(Kind::Deal, json!({ "=leadId": lead }), json!({ "id": "DESC" })).await?;
        let deal = deals.first().and_then(|item| Some((id(item.get("id"))?, id(item.get("contactId")))));
        let Some((deal, its)) = deal else { return Ok(of_lead(lead, contact)) };
        let contact = its.or(contact).map(|contact| contact.to_string());
        Ok(Made { deal: Place::deal(deal).to_string(), contact, merged: false })
    }

    /// What a lead of somebody known carries: their id. Of those whom only another lead knows, what that one has.
    async fn known(&self, contact: &str) -> Result<Vec<(&'static str, Value)>, Trouble> {
        if let Ok(contact) = contact.parse::<u64>() {
            return Ok(vec![("contactId", json!(contact))]);
        }
        let place: Place = contact.parse().map_err(|()| no_id(contact))?;
        let item = self.item(place).await?.ok_or_else(|| no_id(contact))?;
        if let Some(contact) = id(item.get("contactId")) {
            return Ok(vec![("contactId", json!(contact))]);
        }
        let part = |multi: &Value, name: &str| multi.get(name).cloned().unwrap_or_default();
        // Without their ids, which are those of the other lead.
        let copied = |multi: &Value| {
            let [of, kind, value] = ["typeId", "valueType", "value"].map(|name| part(multi, name));
            json!({ "typeId": of, "valueType": kind, "value": value })
        };
        let multi = item.get("fm").and_then(Value::as_array).into_iter().flatten().take(20);
        let own = ["name", "lastName"].map(|name| (name, item.get(name).cloned().unwrap_or_default()));
        let own = own.into_iter().filter(|(_, value)| !value.is_null());
        Ok(own.chain([("fm", multi.map(copied).collect())]).collect())
    }

    /// What is at a place; none where it was thrown away.
    pub(super) async fn item(&self, place: Place) -> Result<Option<Value>, Trouble> {
        let params = json!({ "entityTypeId": place.kind.number(), "id": place.id });
        match self.api.call(&Call::new("crm.item.get", params), Effect::Read).await {
            Ok(mut given) => {
                let item = given.result.get_mut("item").map(Value::take);
                let item = item.filter(|item| id(item.get("id")) == Some(place.id));
                item.map(Some).ok_or_else(|| misses(Effect::Read, "an item"))
            }
            Err(Trouble::Rejected { faults, .. }) if faults.iter().any(is_not_there) => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    /// The first page of what fits, with what is asked of every lead and deal.
    pub(super) async fn list(&self, kind: Kind, filter: Value, order: Value) -> Result<Vec<Value>, Trouble> {
        let mut given = self.api.call(&super::listed(kind, &filter, &order), Effect::Read).await?;
        match given.result.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) => Ok(items),
            _ => Err(misses(Effect::Read, "items")),
        }
    }
}

fn is_not_there(fault: &Fault) -> bool {
    fault.code.eq_ignore_ascii_case("NOT_FOUND")
}

/// Something came of the lead.
pub(super) fn is_converted(item: &Value) -> bool {
    item.get("stageId").is_some_and(|stage| stage == "CONVERTED")
}

fn of_lead(lead: u64, contact: Option<u64>) -> Made {
    let contact = contact.map(|contact| contact.to_string());
    Made { deal: Place::lead(lead).to_string(), contact, merged: false }
}

/// An id that is none of this CRM.
pub(super) fn no_id(id: &str) -> Trouble {
    let detail = format!("{id} is neither a lead (lead:10) nor a deal (deal:5) of Bitrix24");
    rejected(vec![Fault::new(None, "NoSuchId", detail)])
}
