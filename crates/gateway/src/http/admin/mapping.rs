//! `/admin/crm/{account}`: what of a lead goes where. The page is one form; what stands in it is kept nowhere until it is
//! published, and comes back with whatever its buttons have found.

use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use ids::TraceParent;
use rpc::Status;
use rpc::crm::publish_response::Outcome;
use rpc::crm::{Problem, PublishRequest, ReadResponse, Version};
use serde::Deserialize;
use service_kit::http::{Path, Query};

use super::form::Form;
use super::language::Language;
use super::pages::{self, Frame};
use super::session::{Posted, Signed};
use super::{Admin, refusal};

/// What an address may ask for.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    /// Another version's mapping, to look at and go on from.
    version: Option<i32>,
    /// The version that was just published.
    published: Option<i32>,
}

/// What stands in the form of the page.
pub(super) struct Draft {
    pub(super) mapping: rpc::crm::Mapping,
    pub(super) based_on: i32,
    pub(super) lead_id: String,
    /// Questions that a person has added by hand.
    pub(super) answers: Vec<String>,
}

/// What a button has found.
pub(super) enum Found {
    Nothing,
    /// An earlier version is shown.
    Shown(i32),
    Published(i32),
    Fits,
    Problems {
        problems: Vec<Problem>,
        can_be_published: bool,
    },
    NotAsked {
        why: String,
        can_be_published: bool,
    },
    Payload {
        payload: String,
        problems: Vec<Problem>,
    },
    NotShown(String),
    Conflict(Version),
}

pub(super) async fn show(
    State(admin): State<Arc<Admin>>,
    Extension(trace): Extension<TraceParent>,
    Path(account): Path<String>,
    Query(wanted): Query<Wanted>,
    language: Language,
    signed: Signed,
) -> Response {
    let read = match admin.mappings.read(trace, &account, wanted.version).await {
        Ok(read) => read,
        Err(status) => return refusal::of_status(language, &status),
    };
    let draft = Draft {
        mapping: read.mapping.clone().unwrap_or_default(),
        based_on: read.version.as_ref().map_or(0, |version| version.version),
        lead_id: String::new(),
        answers: Vec::new(),
    };
    let found = match (wanted.version, wanted.published) {
        (Some(version), _) if version != draft.based_on => Found::Shown(version),
        // Only what is so is said, whatever the address says.
        (None, Some(version)) if version == draft.based_on => Found::Published(version),
        _ => Found::Nothing,
    };
    let path = format!("/admin/crm/{}", read.account);
    page(language, &signed, &read, &draft, &found, Some(path))
}

pub(super) async fn act(
    State(admin): State<Arc<Admin>>,
    Extension(trace): Extension<TraceParent>,
    Path(account): Path<String>,
    language: Language,
    Posted { signed, form }: Posted,
) -> Response {
    let mut draft = Draft {
        mapping: form.mapping(),
        based_on: form.one("based_on").parse().unwrap_or(-1),
        lead_id: lead_id(&form),
        answers: answers(&form),
    };
    let found = match found(&admin, trace, &account, &signed, &mut draft, form.one("do")).await {
        Ok(Found::Published(version)) => {
            return Redirect::to(&format!("/admin/crm/{account}?published={version}")).into_response();
        }
        Ok(found) => found,
        Err(status) => return refusal::of_status(language, &status),
    };
    match admin.mappings.read(trace, &account, None).await {
        Ok(read) => page(language, &signed, &read, &draft, &found, None),
        Err(status) => refusal::of_status(language, &status),
    }
}

/// Does what the button says that was pressed.
async fn found(
    admin: &Admin,
    trace: TraceParent,
    account: &str,
    signed: &Signed,
    draft: &mut Draft,
    button: &str,
) -> Result<Found, Status> {
    let mapping = draft.mapping.clone();
    let unchecked = button == "publish-unchecked";
    if let Some(over) = button.strip_prefix("publish-over:") {
        draft.based_on = over.parse().unwrap_or(-1);
    }
    Ok(match button {
        "add" => Found::Nothing,
        "dry-run" => {
            let run = admin.mappings.dry_run(trace, account, mapping, draft.lead_id.clone()).await?;
            if !run.payload.is_empty() {
                Found::Payload { payload: run.payload, problems: run.problems }
            } else if run.problems.is_empty() {
                Found::NotShown(run.not_shown)
            } else {
                Found::Problems { problems: run.problems, can_be_published: false }
            }
        }
        _ if button.starts_with("publish") => {
            let published = admin.mappings.publish(
                trace,
                PublishRequest {
                    account: account.to_owned(),
                    based_on: draft.based_on,
                    mapping: Some(mapping),
                    again: None,
                    by: signed.name.clone(),
                    unchecked,
                },
            );
            of_publishing(published.await?)
        }
        _ => {
            let checked = admin.mappings.check(trace, account, mapping).await?;
            if !checked.problems.is_empty() {
                Found::Problems { problems: checked.problems, can_be_published: false }
            } else if checked.not_asked.is_empty() {
                Found::Fits
            } else {
                Found::NotAsked { why: checked.not_asked, can_be_published: false }
            }
        }
    })
}

/// What came of publishing.
pub(super) fn of_publishing(response: rpc::crm::PublishResponse) -> Found {
    let can_be_published = response.can_be_published;
    let version = response.version.clone().unwrap_or_default();
    match response.outcome() {
        Outcome::Published => Found::Published(version.version),
        Outcome::Conflict => Found::Conflict(version),
        Outcome::Problems => Found::Problems { problems: response.problems, can_be_published },
        Outcome::NotAsked | Outcome::Unspecified => {
            Found::NotAsked { why: response.not_asked, can_be_published }
        }
    }
}

fn page(
    language: Language,
    signed: &Signed,
    read: &ReadResponse,
    draft: &Draft,
    found: &Found,
    path: Option<String>,
) -> Response {
    let status = if matches!(found, Found::Conflict(_)) { StatusCode::CONFLICT } else { StatusCode::OK };
    let frame = Frame::of(language, &read.account, signed, path);
    (status, pages::mapping(&frame, read, draft, found)).into_response()
}

/// One that was written goes before one that was chosen.
fn lead_id(form: &Form) -> String {
    let written = form.one("lead_id").trim();
    if written.is_empty() { form.one("lead").to_owned() } else { written.to_owned() }
}

/// Questions that stand on the page although no lead has answered them yet.
fn answers(form: &Form) -> Vec<String> {
    let new = form.one("new_answer").trim();
    let new = new.strip_prefix("answers.").unwrap_or(new);
    let mut answers: Vec<String> = form.all("answer").chain([new]).map(str::to_owned).collect();
    answers.retain(|answer| !answer.is_empty());
    answers.sort_unstable();
    answers.dedup();
    answers
}
