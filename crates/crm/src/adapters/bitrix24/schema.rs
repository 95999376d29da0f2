//! What can be filled in: the fields of leads and people, the stages of leads and the pipelines of deals, who works there.

use serde_json::{Value, json};

use super::super::Trouble;
use super::super::call::Effect;
use super::Bitrix24;
use super::api::{Call, Given};
use super::catalogue::{Catalogue, Entry};
use super::field::{Field, Fields, text};
use super::form::LEADS;
use crate::domain::schema::{self, Ended, Named, Pipeline, Schema, Stage};

/// Pages of people, 50 on each.
const PAGES: usize = 40;

impl Bitrix24 {
    pub(super) async fn described(&self) -> Result<Schema, Trouble> {
        let catalogue = self.catalogue.anew(&self.api).await?;
        let calls = [
            Call::new("crm.category.list", json!({ "entityTypeId": 2 })),
            Call::new("crm.currency.list", json!({})),
            users(0),
        ];
        let mut given = self.api.batch(&calls).await?.into_iter();
        let mut next = || given.next().unwrap_or_else(|| Ok(Given::default()));
        let (categories, currencies, people) = (next()?.result, next()?.result, next());
        Ok(Schema {
            account: self.api.host().to_owned(),
            currency: base_currency(&currencies),
            deal_fields: fields(&catalogue.leads, &catalogue),
            contact_fields: fields(&catalogue.contacts, &catalogue),
            pipelines: pipelines(&catalogue, &categories),
            people: self.people_of(people).await?,
        })
    }

    /// Who works there. Naming them takes a right of its own, without which the rest is as good.
    async fn people_of(&self, first: Result<Given, Trouble>) -> Result<Vec<Named>, Trouble> {
        let mut given = match first {
            Err(trouble) if trouble.is_of_rights() => return Ok(Vec::new()),
            other => other?,
        };
        let mut people = Vec::new();
        for _ in 0..PAGES {
            people.extend(given.result.as_array().into_iter().flatten().filter_map(person));
            match given.next {
                Some(start) => given = self.api.call(&users(start), Effect::Read).await?,
                None => break,
            }
        }
        Ok(people)
    }
}

fn users(start: u64) -> Call {
    let params =
        json!({ "FILTER": { "ACTIVE": true }, "select": ["ID", "NAME", "LAST_NAME"], "start": start });
    Call::new("user.get", params)
}

fn person(user: &Value) -> Option<Named> {
    let part = |name: &str| user.get(name).map(text).unwrap_or_default();
    let (id, name) = (part("ID"), format!("{} {}", part("NAME"), part("LAST_NAME")));
    (!id.is_empty()).then(|| Named { id, name: name.trim().to_owned() })
}

fn base_currency(currencies: &Value) -> String {
    let mut currencies = currencies.as_array().into_iter().flatten();
    let base = currencies.find(|currency| currency.get("BASE").is_some_and(|base| base == "Y"));
    base.and_then(|base| base.get("CURRENCY")).map(text).unwrap_or_default()
}

fn fields(fields: &Fields, catalogue: &Catalogue) -> Vec<schema::Field> {
    let field = |field: &Field| schema::Field {
        id: field.id.clone(),
        code: field.upper.clone(),
        name: field.title.clone(),
        kind: field.takes(),
        choices: field.named_choices(catalogue),
        required: field.required,
        read_only: field.read_only || field.is_ours(),
    };
    fields.iter().map(field).collect()
}

/// The leads first, which is where new ones stand.
fn pipelines(catalogue: &Catalogue, categories: &Value) -> Vec<Pipeline> {
    let stages = |directory: &str| catalogue.directory(directory).map(stage).collect();
    let leads = Pipeline { id: LEADS.to_owned(), name: "Leads".to_owned(), stages: stages("STATUS") };
    let categories = categories.get("categories").and_then(Value::as_array).into_iter().flatten();
    let deals = categories.filter_map(|category| {
        let id = category.get("id").map(text).filter(|id| !id.is_empty())?;
        let directory = if id == "0" { "DEAL_STAGE".to_owned() } else { format!("DEAL_STAGE_{id}") };
        let name = category.get("name").map(text).unwrap_or_default();
        Some(Pipeline { id, name, stages: stages(&directory) })
    });
    std::iter::once(leads).chain(deals).collect()
}

fn stage(entry: &Entry) -> Stage {
    let ended = match entry.semantics.as_str() {
        "S" => Some(Ended::Won),
        "F" => Some(Ended::Lost),
        _ => None,
    };
    Stage { id: entry.id.clone(), name: entry.name.clone(), ended }
}
