//! What can be filled in at the account.

use serde_json::Value;

use super::super::Trouble;
use super::catalogue::Catalogue;
use super::line::Line;
use super::reading::{self, is_true, line as short, list, number};
use crate::domain::schema::{Ended, Named, Pipeline, Schema, Stage};

/// Won, in every pipeline.
pub(super) const WON: i64 = 142;
/// Lost, in every pipeline.
pub(super) const LOST: i64 = 143;

/// Pages of people who work there.
const MOST_PAGES: usize = 8;
/// The kind of a stage for what nobody has looked at: no deal is put there.
const UNSORTED: i64 = 1;

pub(super) async fn read(line: &Line, known: &Catalogue) -> Result<Schema, Trouble> {
    let (pipelines, _) = reading::page(&line.get("leads/pipelines", &[]).await?, "pipelines")?;
    // Naming people takes a right of its own, without which the rest is as good.
    let people = match line.pages("users", "users", &[], MOST_PAGES).await {
        Err(trouble) if trouble.is_of_rights() => Vec::new(),
        people => people?,
    };
    Ok(Schema {
        account: known.name.clone(),
        currency: known.currency.clone(),
        deal_fields: known.deal.iter().map(|field| field.field()).collect(),
        contact_fields: known.person.iter().map(|field| field.field()).collect(),
        pipelines: pipelines.iter().filter_map(pipeline).collect(),
        people: people.iter().filter_map(person).collect(),
    })
}

fn named(value: &Value) -> Option<Named> {
    Some(Named { id: number(value, "/id")?.to_string(), name: short(value, "/name") })
}

/// `None`: it is put away.
fn pipeline(pipeline: &Value) -> Option<Pipeline> {
    let Named { id, name } = named(pipeline).filter(|_| !is_true(pipeline, "/is_archive"))?;
    let stages = list(pipeline, "/_embedded/statuses").iter().filter_map(stage).collect();
    Some(Pipeline { id, name, stages })
}

fn stage(stage: &Value) -> Option<Stage> {
    let Named { id, name } = named(stage).filter(|_| number(stage, "/type") != Some(UNSORTED))?;
    let ended = match number(stage, "/id") {
        Some(WON) => Some(Ended::Won),
        Some(LOST) => Some(Ended::Lost),
        _ => None,
    };
    Some(Stage { id, name, ended })
}

/// `None`: they work there no more.
fn person(user: &Value) -> Option<Named> {
    named(user).filter(|_| user.pointer("/rights/is_active") != Some(&Value::Bool(false)))
}
