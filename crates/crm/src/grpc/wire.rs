//! Mappings, schemas and problems, as they stand in messages.

use std::collections::BTreeMap;

use rpc::crm;

use crate::config::MappingConfig;
use crate::domain::fit::Problem;
use crate::domain::names::OURS;
use crate::domain::schema::{self, FieldKind, Schema};
use crate::mappings::{Card, Read};
use crate::store::mapping::Published;

/// Fields, pipelines, people, choices that a page lists; and characters of a name. A CRM is a stranger.
const LISTED: usize = 500;
const LONGEST: usize = 200;
/// Leads that are offered to try a mapping with.
const LEADS: usize = 10;

pub(super) fn account(card: Card<'_>) -> crm::Account {
    crm::Account {
        name: card.account.name.clone(),
        kind: card.account.kind.word().to_owned(),
        version: Some(version(card.version, card.published.as_ref())),
        waiting: card.fares.waiting,
        given_up: card.fares.given_up,
        delivered_at_ms: card.fares.delivered_at.map_or(0, |at| at.as_millisecond()),
        troubles: card.fares.troubles,
    }
}

pub(super) fn version(version: i32, published: Option<&Published>) -> crm::Version {
    let Some(published) = published else { return crm::Version { version, ..crm::Version::default() } };
    crm::Version {
        version,
        published_at_ms: published.at.as_millisecond(),
        published_by: published.by.clone(),
        is_again: published.again.is_some(),
        again: published.again.unwrap_or_default(),
    }
}

pub(super) fn read(read: Read<'_>) -> crm::ReadResponse {
    let mut answers: Vec<String> = read.leads.iter().flat_map(|lead| lead.answers.iter().cloned()).collect();
    answers.sort_unstable();
    answers.dedup();
    answers.truncate(LISTED);
    let lead = |lead: &crate::store::account::Known| crm::KnownLead {
        id: lead.id.clone(),
        at_ms: lead.at.as_millisecond(),
        state: lead.state.clone(),
    };
    let ours = |ours: &crate::domain::names::Ours| crm::Ours {
        name: ours.name.to_owned(),
        english: ours.english.to_owned(),
        russian: ours.russian.to_owned(),
    };
    let (schema, no_schema) = match read.schema {
        Ok(found) => (Some(schema_of(&found)), String::new()),
        Err(why) => (None, why),
    };
    crm::ReadResponse {
        account: read.account.name.clone(),
        kind: read.account.kind.word().to_owned(),
        version: Some(version(read.in_force.0, read.in_force.1.as_ref())),
        mapping: Some(mapping(read.mapping)),
        schema,
        no_schema,
        ours: OURS.iter().map(ours).collect(),
        answers,
        leads: read.leads.iter().take(LEADS).map(lead).collect(),
    }
}

pub(super) fn problem(problem: &Problem) -> crm::Problem {
    crm::Problem {
        place: problem.place.clone(),
        ours: problem.ours.clone(),
        english: problem.english(),
        russian: problem.russian(),
    }
}

/// An answer to what can not be published.
pub(super) fn refused(problems: Vec<crm::Problem>) -> crm::PublishResponse {
    let outcome = crm::publish_response::Outcome::Problems.into();
    crm::PublishResponse { outcome, problems, ..crm::PublishResponse::default() }
}

/// A mapping, and what of it would get lost: two of ours that go to one field.
pub(super) fn config(mapping: crm::Mapping) -> (MappingConfig, Vec<crm::Problem>) {
    let mut doubled = Vec::new();
    let mut fields = |place: &str, pairs: Vec<crm::Pair>| {
        let mut fields: BTreeMap<String, String> = BTreeMap::new();
        for crm::Pair { theirs, ours } in pairs {
            if let Some(first) = fields.get(&theirs) {
                let place = format!("{place}.{theirs}");
                doubled.push(crm::Problem {
                    english: format!(
                        "{first} and {ours} go to the same field; choose another one for {ours}"
                    ),
                    russian: format!("{first} и {ours} идут в одно поле; выберите для {ours} другое"),
                    place,
                    ours,
                });
            } else {
                fields.insert(theirs, ours);
            }
        }
        fields
    };
    let config = MappingConfig {
        fields: fields("fields", mapping.fields),
        contact_fields: fields("contact_fields", mapping.contact_fields),
        name: mapping.name,
        price: mapping.price,
        pipeline: mapping.pipeline,
        stage: mapping.stage,
        responsible: mapping.responsible,
        tags: mapping.tags,
    };
    (config, doubled)
}

fn mapping(config: MappingConfig) -> crm::Mapping {
    let pairs = |fields: BTreeMap<String, String>| {
        fields.into_iter().map(|(theirs, ours)| crm::Pair { theirs, ours }).collect()
    };
    crm::Mapping {
        name: config.name,
        price: config.price,
        pipeline: config.pipeline,
        stage: config.stage,
        responsible: config.responsible,
        tags: config.tags,
        fields: pairs(config.fields),
        contact_fields: pairs(config.contact_fields),
    }
}

fn schema_of(found: &Schema) -> crm::Schema {
    let pipeline = |one: &schema::Pipeline| crm::Pipeline {
        id: one.id.clone(),
        name: cut(&one.name),
        stages: one.stages.iter().take(LISTED).map(|stage| named(&stage.id, &stage.name)).collect(),
    };
    crm::Schema {
        account: cut(&found.account),
        currency: cut(&found.currency),
        deal_fields: found.deal_fields.iter().take(LISTED).map(field).collect(),
        contact_fields: found.contact_fields.iter().take(LISTED).map(field).collect(),
        pipelines: found.pipelines.iter().take(LISTED).map(pipeline).collect(),
        people: found.people.iter().take(LISTED).map(|one| named(&one.id, &one.name)).collect(),
    }
}

fn field(field: &schema::Field) -> crm::Field {
    crm::Field {
        id: field.id.clone(),
        name: cut(&field.name),
        kind: kind(field.kind).to_owned(),
        choices: field.choices.iter().take(LISTED).map(|choice| cut(&choice.name)).collect(),
        can_be_filled: !field.read_only && field.kind != FieldKind::Other,
        required: field.required,
    }
}

fn named(id: &str, name: &str) -> crm::Named {
    crm::Named { id: id.to_owned(), name: cut(name) }
}

fn cut(name: &str) -> String {
    name.chars().take(LONGEST).collect()
}

const fn kind(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "text",
        FieldKind::Number => "number",
        FieldKind::Flag => "flag",
        FieldKind::Date => "date",
        FieldKind::Choice => "choice",
        FieldKind::Choices => "choices",
        FieldKind::Link => "link",
        FieldKind::Other => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_of_ours_in_one_field_are_told_and_nothing_gets_lost_unsaid() {
        let pair = |theirs: &str, ours: &str| crm::Pair { theirs: theirs.to_owned(), ours: ours.to_owned() };
        let sent = crm::Mapping {
            fields: vec![pair("901", "why"), pair("901", "score"), pair("902", "bot")],
            ..crm::Mapping::default()
        };
        let (config, doubled) = config(sent);
        assert_eq!(config.fields.len(), 2);
        assert_eq!((doubled[0].place.as_str(), doubled[0].ours.as_str()), ("fields.901", "score"));
        assert!(doubled[0].english.contains("why and score"), "{}", doubled[0].english);
    }
}
