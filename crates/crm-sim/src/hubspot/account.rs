//! What the account is: its pipelines, its people, its money.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome};
use crate::Ends;

/// Somebody who works there.
pub(super) struct Owner {
    pub(super) id: &'static str,
    name: (&'static str, &'static str),
    email: &'static str,
}

pub(super) const OWNERS: &[Owner] = &[
    Owner { id: "41629779", name: ("Grace", "Hopper"), email: "grace@example.com" },
    Owner { id: "41629780", name: ("", ""), email: "desk@example.com" },
];

struct Stage {
    id: &'static str,
    label: &'static str,
    is_closed: bool,
    probability: &'static str,
}

struct Pipeline {
    id: &'static str,
    label: &'static str,
    stages: &'static [Stage],
}

const fn stage(id: &'static str, label: &'static str, is_closed: bool, probability: &'static str) -> Stage {
    Stage { id, label, is_closed, probability }
}

const PIPELINES: &[Pipeline] = &[
    Pipeline {
        id: "default",
        label: "Sales Pipeline",
        stages: &[
            stage("appointmentscheduled", "Appointment Scheduled", false, "0.2"),
            stage("qualifiedtobuy", "Qualified To Buy", false, "0.4"),
            stage("closedwon", "Closed Won", true, "1.0"),
            stage("closedlost", "Closed Lost", true, "0.0"),
        ],
    },
    Pipeline {
        id: "partners",
        label: "Partners",
        stages: &[stage("90211", "New", false, "0.1"), stage("90212", "Signed", true, "1.0")],
    },
];

/// The stages of a pipeline, as a person sees them.
pub(super) fn shown_stages(pipeline: &str) -> Vec<crate::Stage> {
    let stages = PIPELINES.iter().filter(|known| known.id == pipeline).flat_map(|known| known.stages);
    let shown = stages.map(|stage| crate::Stage {
        id: stage.id.to_owned(),
        name: stage.label.to_owned(),
        ends: stage.is_closed.then(|| if stage.probability == "1.0" { Ends::Won } else { Ends::Lost }),
    });
    shown.collect()
}

/// The stages of a pipeline; none where there is no such pipeline.
pub(super) fn stages_of(pipeline: &str) -> Option<Vec<&'static str>> {
    let pipeline = PIPELINES.iter().find(|known| known.id == pipeline)?;
    Some(pipeline.stages.iter().map(|stage| stage.id).collect())
}

fn find(stage: &str) -> Option<&'static Stage> {
    PIPELINES.iter().flat_map(|pipeline| pipeline.stages).find(|known| known.id == stage)
}

pub(super) fn is_closed(stage: &str) -> bool {
    find(stage).is_some_and(|stage| stage.is_closed)
}

pub(super) fn is_won(stage: &str) -> bool {
    find(stage).is_some_and(|stage| stage.is_closed && stage.probability == "1.0")
}

/// Not in their order: `displayOrder` says that.
pub(super) fn pipelines() -> Outcome {
    let stages = |stages: &[Stage]| -> Vec<Value> {
        let shown = stages.iter().enumerate().rev().map(|(at, stage)| {
            json!({ "id": stage.id, "label": stage.label, "displayOrder": at, "archived": false,
                    "metadata": { "isClosed": stage.is_closed.to_string(), "probability": stage.probability },
                    "createdAt": "2025-01-01T00:00:00Z", "updatedAt": "2025-01-01T00:00:00Z" })
        });
        shown.collect()
    };
    let shown = PIPELINES.iter().enumerate().rev().map(|(at, pipeline)| {
        json!({ "id": pipeline.id, "label": pipeline.label, "displayOrder": at, "archived": false,
                "stages": stages(pipeline.stages), "createdAt": "2025-01-01T00:00:00Z",
                "updatedAt": "2025-01-01T00:00:00Z" })
    });
    Ok(Answer::ok(json!({ "results": shown.collect::<Vec<_>>() })))
}

/// One at a time, so that whoever wants all turns the page.
pub(super) fn owners(after: usize) -> Outcome {
    let shown = OWNERS.iter().skip(after).take(1).map(|owner| {
        json!({ "id": owner.id, "email": owner.email, "type": "PERSON", "firstName": owner.name.0,
                "lastName": owner.name.1, "userId": 9_586_504, "archived": false,
                "createdAt": "2025-01-01T00:00:00Z", "updatedAt": "2025-01-01T00:00:00Z" })
    });
    let mut body = json!({ "results": shown.collect::<Vec<_>>() });
    if after + 1 < OWNERS.len() {
        body["paging"] = json!({ "next": { "after": (after + 1).to_string() } });
    }
    Ok(Answer::ok(body))
}

pub(super) fn details() -> Outcome {
    Ok(Answer::ok(json!({
        "portalId": 145, "accountType": "STANDARD", "timeZone": "Europe/Berlin", "companyCurrency": "EUR",
        "additionalCurrencies": ["USD", "RUB"], "utcOffset": "+01:00", "utcOffsetMilliseconds": 3_600_000,
        "uiDomain": "app-eu1.hubspot.com", "dataHostingLocation": "eu1",
    })))
}
