//! Deals: made in one request together with whose they are, and changed.

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::made::in_name;
use super::refusal::{self, Names};
use super::wire::Object;
use super::{Hubspot, schema};
use crate::adapters::{Fault, Trouble, Whose};
use crate::domain::deal::{Filled, Made, NewDeal};

/// HubSpot's number for the association from a deal to a person.
const TO_CONTACT: u16 = 3;

impl Hubspot {
    pub(super) async fn make_deal(&self, deal: &NewDeal, of: &Whose<'_>) -> Result<Made, Trouble> {
        let Whose::Known(contact) = of else {
            return Err(nobody());
        };
        let body = self.deal(deal, contact).await?;
        self.unsettled.sent(&deal.mark, contact);
        let made = self.post_deal(&body, deal).await;
        if !matches!(made, Err(Trouble::Unknown(_))) {
            self.unsettled.settled(&deal.mark);
        }
        let contact = Some((*contact).to_owned());
        Ok(Made { deal: made?, contact, merged: false })
    }

    /// What is sent of a deal.
    pub(super) async fn deal(&self, deal: &NewDeal, contact: &str) -> Result<Value, Trouble> {
        let mut properties = self.properties(deal).await?;
        self.place(deal, &mut properties).await?;
        Ok(json!({
            "properties": properties,
            "associations": [{
                "to": { "id": contact },
                "types": [{ "associationCategory": "HUBSPOT_DEFINED", "associationTypeId": TO_CONTACT }],
            }],
        }))
    }

    async fn post_deal(&self, body: &Value, deal: &NewDeal) -> Result<String, Trouble> {
        let reply = self.api.write(Method::POST, &["crm", "v3", "objects", "deals"], body).await?;
        if reply.is_success() {
            return Ok(reply.json::<Object>()?.id.0);
        }
        let mark = self.mark_field.as_deref().filter(|_| !deal.mark.is_empty());
        if mark.is_some_and(|property| refusal::is_taken(&reply, property)) {
            // A request before this one has made it after all.
            return Err(Trouble::Unknown(format!(
                "answered {}: there is a deal with this mark",
                reply.status
            )));
        }
        self.fields.forget().await;
        Err(refusal::rejected(&reply, &self.names(&deal.fields)))
    }

    pub(super) async fn change_deal(&self, id: &str, deal: &NewDeal) -> Result<(), Trouble> {
        let mut properties = self.properties(deal).await?;
        if deal.stage.is_empty() && !deal.pipeline.is_empty() {
            properties.insert("pipeline".to_owned(), deal.pipeline.as_str().into());
        } else if !deal.stage.is_empty() {
            self.place(deal, &mut properties).await?;
        }
        if properties.is_empty() {
            return Ok(());
        }
        let path = ["crm", "v3", "objects", "deals", id];
        let reply = self.api.write(Method::PATCH, &path, &json!({ "properties": properties })).await?;
        if reply.is_success() {
            return Ok(());
        }
        self.fields.forget().await;
        Err(refusal::rejected(&reply, &self.names(&deal.fields)))
    }

    pub(super) async fn is_there(&self, id: &str) -> Result<bool, Trouble> {
        let reply = self.api.try_get(&["crm", "v3", "objects", "deals", id], &[]).await?;
        if reply.is_success() || reply.status == 404 {
            return Ok(reply.status != 404);
        }
        Err(refusal::rejected(&reply, &Names::default()))
    }

    /// All but the place of the deal. Tags and where the person came from are not here: a deal of HubSpot has no properties
    /// for them, other than those that the mapping fills.
    async fn properties(&self, deal: &NewDeal) -> Result<Map<String, Value>, Trouble> {
        let mut properties = Map::new();
        let mut put = |name: &str, value: String| {
            if !value.is_empty() {
                properties.insert(name.to_owned(), value.into());
            }
        };
        let name = deal.name.expose();
        match &self.mark_field {
            Some(property) => {
                put(property, deal.mark.clone());
                put("dealname", name.clone());
            }
            None if name.is_empty() || deal.mark.is_empty() => put("dealname", name.clone()),
            None => put("dealname", format!("{name} {}", in_name(&deal.mark))),
        }
        put("amount", deal.price.map(|price| price.to_string()).unwrap_or_default());
        put("deal_currency_code", deal.currency.clone());
        put("hubspot_owner_id", deal.responsible.clone());
        self.fields.fill(&self.api, "deals", &deal.fields, &mut properties).await?;
        Ok(properties)
    }

    /// Pipeline and stage. HubSpot takes a deal without a stage, and then nobody sees it on the board; and it takes a stage
    /// for one of the first pipeline where no other is named.
    async fn place(&self, deal: &NewDeal, properties: &mut Map<String, Value>) -> Result<(), Trouble> {
        let (mut pipeline, mut stage) = (deal.pipeline.clone(), deal.stage.clone());
        if pipeline.is_empty() || stage.is_empty() {
            let pipelines = schema::pipelines(&self.api).await?;
            let fits = |one: &&crate::domain::schema::Pipeline| match (pipeline.as_str(), stage.as_str()) {
                ("", "") => true,
                ("", stage) => one.stages.iter().any(|known| known.id == stage),
                (pipeline, _) => one.id == pipeline,
            };
            // Where none fits, HubSpot says what is wrong.
            if let Some(found) = pipelines.iter().find(fits) {
                let first = found.stages.first().map(|first| first.id.clone()).unwrap_or_default();
                pipeline.clone_from(&found.id);
                stage = if stage.is_empty() { first } else { stage };
            }
        }
        for (name, value) in [("pipeline", pipeline), ("dealstage", stage)] {
            if !value.is_empty() {
                properties.insert(name.to_owned(), value.into());
            }
        }
        Ok(())
    }

    /// What the properties of a deal are called by us.
    pub(super) fn names<'a>(&'a self, fields: &'a [Filled]) -> Names<'a> {
        let fields = fields.iter().map(|field| (field.theirs.as_str(), field.ours.as_str()));
        let mark = self.mark_field.as_deref().map(|property| (property, "mark"));
        let own = [
            ("dealname", "name"),
            ("amount", "price"),
            ("deal_currency_code", "currency"),
            ("pipeline", "pipeline"),
            ("dealstage", "stage"),
            ("hubspot_owner_id", "responsible"),
        ];
        Names(fields.chain(mark).chain(own).collect())
    }
}

fn nobody() -> Trouble {
    let why = "HubSpot makes a person and a deal in two requests: the person is made first";
    let fault = Fault::new(None, "NO_CONTACT", why);
    Trouble::Rejected { status: 0, faults: vec![fault], said: ids::Pii::default() }
}
