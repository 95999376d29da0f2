//! What can be filled in: the properties of deals and contacts, the pipelines, the owners.

use serde::Deserialize;
use serde_json::Value;

use super::api::Api;
use super::values::Property;
use super::wire::{Id, Page, nullable};
use crate::adapters::Trouble;
use crate::domain::schema::{Ended, Field, FieldKind, Named, Pipeline, Schema, Stage};

/// Owners: pages of 500, and so many of them.
const PAGES: usize = 10;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Details {
    portal_id: Id,
    #[serde(default, deserialize_with = "nullable")]
    company_currency: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Owner {
    id: Id,
    #[serde(default)]
    first_name: Option<String>,
    #[serde(default)]
    last_name: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    archived: bool,
}

/// A pipeline or a stage of one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    id: String,
    #[serde(default, deserialize_with = "nullable")]
    label: String,
    #[serde(default, deserialize_with = "nullable")]
    display_order: i64,
    #[serde(default, deserialize_with = "nullable")]
    archived: bool,
    #[serde(default)]
    metadata: Value,
    #[serde(default, deserialize_with = "nullable")]
    stages: Vec<Place>,
}

/// What the account is. Every token that is taken may ask for it.
pub(super) async fn account(api: &Api) -> Result<Details, Trouble> {
    api.get(&["account-info", "v3", "details"], &[]).await
}

pub(super) async fn schema(api: &Api) -> Result<Schema, Trouble> {
    let details = account(api).await?;
    let deals: Page<Property> = api.get(&["crm", "v3", "properties", "deals"], &[]).await?;
    let contacts: Page<Property> = api.get(&["crm", "v3", "properties", "contacts"], &[]).await?;
    Ok(Schema {
        account: details.portal_id.0,
        currency: details.company_currency,
        deal_fields: fields(deals),
        contact_fields: fields(contacts),
        pipelines: pipelines(api).await?,
        // Naming people takes a scope of its own, without which the rest is as good.
        people: match people(api).await {
            Err(trouble) if trouble.is_of_rights() => Vec::new(),
            people => people?,
        },
    })
}

/// In the order in which people see them.
pub(super) async fn pipelines(api: &Api) -> Result<Vec<Pipeline>, Trouble> {
    let page: Page<Place> = api.get(&["crm", "v3", "pipelines", "deals"], &[]).await?;
    let sorted = |mut places: Vec<Place>| {
        places.retain(|place| !place.archived);
        places.sort_by_key(|place| place.display_order);
        places
    };
    let stage = |place: Place| Stage { ended: ended(&place.metadata), id: place.id, name: place.label };
    let pipeline = |place: Place| Pipeline {
        id: place.id,
        name: place.label,
        stages: sorted(place.stages).into_iter().map(stage).collect(),
    };
    Ok(sorted(page.results).into_iter().map(pipeline).collect())
}

/// A closed stage with the probability 1 is won, with another lost. HubSpot writes both as text.
fn ended(metadata: &Value) -> Option<Ended> {
    let text = |name: &str| match metadata.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let is_won = || text("probability").parse().is_ok_and(|probability: f64| probability >= 1.0);
    (text("isClosed") == "true").then(|| if is_won() { Ended::Won } else { Ended::Lost })
}

async fn people(api: &Api) -> Result<Vec<Named>, Trouble> {
    let (mut people, mut after) = (Vec::new(), None::<String>);
    for _ in 0..PAGES {
        let mut query = vec![("limit", "500")];
        query.extend(after.as_deref().map(|after| ("after", after)));
        let page: Page<Owner> = api.get(&["crm", "v3", "owners"], &query).await?;
        after = page.next().map(str::to_owned);
        people.extend(page.results.into_iter().filter(|owner| !owner.archived).map(named));
        if after.is_none() {
            break;
        }
    }
    Ok(people)
}

fn named(owner: Owner) -> Named {
    let names = [owner.first_name, owner.last_name].into_iter().flatten().filter(|name| !name.is_empty());
    let name = names.collect::<Vec<_>>().join(" ");
    let name = if name.is_empty() { owner.email.unwrap_or_else(|| owner.id.0.clone()) } else { name };
    Named { id: owner.id.0, name }
}

fn fields(page: Page<Property>) -> Vec<Field> {
    page.results.into_iter().filter(|property| !property.hidden).map(field).collect()
}

fn field(property: Property) -> Field {
    let is_read_only =
        property.modification_metadata.is_some_and(|modification| modification.read_only_value);
    let choices = property.options.into_iter().filter(|choice| !choice.hidden);
    Field {
        kind: kind(&property.kind, &property.field_type, property.external_options),
        id: property.name,
        code: String::new(),
        name: property.label,
        choices: choices.map(|choice| Named { id: choice.value, name: choice.label }).collect(),
        // HubSpot requires nothing by its API.
        required: false,
        read_only: is_read_only || property.calculated,
    }
}

fn kind(kind: &str, field_type: &str, has_external_options: bool) -> FieldKind {
    match (kind, field_type) {
        // Its choices are not listed with it: owners, stages.
        ("enumeration", _) if has_external_options => FieldKind::Other,
        (_, "file") => FieldKind::Other,
        ("bool", _) | ("enumeration", "booleancheckbox") => FieldKind::Flag,
        ("enumeration", "checkbox") => FieldKind::Choices,
        ("enumeration", _) => FieldKind::Choice,
        ("string" | "phone_number", _) => FieldKind::Text,
        ("number", _) => FieldKind::Number,
        ("date" | "datetime", _) => FieldKind::Date,
        _ => FieldKind::Other,
    }
}
