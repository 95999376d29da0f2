//! What of a mapping is wrong: by itself, and held against what an account has.

mod words;

use std::fmt;

use super::deal::{Contact, Filled, NewDeal};
use super::lead::NAMES;
use super::schema::{Field, FieldKind, Schema};
use crate::config::MappingConfig;

/// Characters of a template, an id or a name; a mapping is written by hand.
const LONGEST: usize = 500;
/// Tags, and fields of a deal or of a person.
const MOST: usize = 200;
/// Choices that are named where none of them fits.
const NAMED: usize = 12;

/// What of a mapping is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Where: `fields.901`.
    pub(crate) place: String,
    /// The name of ours that it is about; empty where there is none.
    pub(crate) ours: String,
    why: Why,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    /// Nothing of ours has the name.
    Unknown,
    Long,
    Control,
    Many,
    NoPipeline(String),
    NoStage(String),
    Nobody(String),
    NoField,
    ReadOnly(String),
    NotFilled(String),
    Choice {
        value: String,
        field: String,
        choices: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mapping.{}: {}", self.place, self.english())
    }
}

impl Problem {
    fn new(place: impl Into<String>, ours: &str, why: Why) -> Self {
        Self { place: place.into(), ours: ours.to_owned(), why }
    }
}

/// Names that nothing of ours has.
pub(crate) fn unknown(config: &MappingConfig) -> Vec<Problem> {
    let templates = [("name", &config.name)].into_iter().chain(config.tags.iter().map(|tag| ("tags", tag)));
    let templates = templates.chain([("price", &config.price)]);
    let in_templates = templates
        .flat_map(|(place, template)| names(template).map(move |name| (place.to_owned(), name.to_owned())));
    let in_fields = placed(config).map(|(place, _, ours)| (place, ours.to_owned()));
    in_templates
        .chain(in_fields)
        .filter(|(_, name)| !is_known(name))
        .map(|(place, name)| Problem::new(place, &name, Why::Unknown))
        .collect()
}

/// What could not be kept, or would be no mapping that a person has written.
pub(crate) fn shapeless(config: &MappingConfig) -> Vec<Problem> {
    let one = [
        ("name", &config.name),
        ("price", &config.price),
        ("pipeline", &config.pipeline),
        ("stage", &config.stage),
        ("responsible", &config.responsible),
    ];
    let tags = config.tags.iter().map(|tag| ("tags".to_owned(), tag.as_str()));
    let fields = placed(config).flat_map(|(place, theirs, ours)| [(place.clone(), theirs), (place, ours)]);
    let texts = one.into_iter().map(|(place, text)| (place.to_owned(), text.as_str()));
    let mut problems: Vec<Problem> = texts
        .chain(tags)
        .chain(fields)
        .filter_map(|(place, text)| {
            let why = if text.chars().any(char::is_control) {
                Why::Control
            } else if text.chars().count() > LONGEST {
                Why::Long
            } else {
                return None;
            };
            Some(Problem::new(place, "", why))
        })
        .collect();
    for (place, count) in [
        ("tags", config.tags.len()),
        ("fields", config.fields.len()),
        ("contact_fields", config.contact_fields.len()),
    ] {
        if count > MOST {
            problems.push(Problem::new(place, "", Why::Many));
        }
    }
    problems
}

/// Holds a mapping, and what an example becomes by it, against what the account has.
pub(crate) fn problems(
    config: &MappingConfig,
    deal: &NewDeal,
    contact: &Contact,
    schema: &Schema,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut wrong = |place: &str, why: Why| problems.push(Problem::new(place, "", why));
    let pipeline = schema.pipelines.iter().find(|pipeline| pipeline.id == config.pipeline);
    if !config.pipeline.is_empty() && pipeline.is_none() {
        wrong("pipeline", Why::NoPipeline(config.pipeline.clone()));
    }
    let stages = pipeline.map_or(&schema.pipelines[..], std::slice::from_ref);
    let has_stage = stages.iter().flat_map(|pipeline| &pipeline.stages).any(|stage| stage.id == config.stage);
    if !config.stage.is_empty() && !has_stage {
        wrong("stage", Why::NoStage(config.stage.clone()));
    }
    let is_there = schema.people.iter().any(|person| person.id == config.responsible);
    if !config.responsible.is_empty() && !is_there {
        wrong("responsible", Why::Nobody(config.responsible.clone()));
    }
    for (place, theirs, ours) in placed(config) {
        let (filled, known) = if place.starts_with("fields.") {
            (&deal.fields, &schema.deal_fields)
        } else {
            (&contact.fields, &schema.contact_fields)
        };
        let field = known.iter().find(|field| field.id == *theirs || field.code == *theirs);
        let value = filled.iter().find(|one| one.theirs == *theirs);
        if let Some(why) = field.map_or(Some(Why::NoField), |field| misfit(field, value)) {
            problems.push(Problem::new(place, ours, why));
        }
    }
    problems
}

fn misfit(field: &Field, value: Option<&Filled>) -> Option<Why> {
    if field.read_only {
        return Some(Why::ReadOnly(field.name.clone()));
    }
    let value = value.map(|one| one.value.expose().as_str());
    match (field.kind, value) {
        (FieldKind::Other, _) => Some(Why::NotFilled(field.name.clone())),
        (FieldKind::Choice | FieldKind::Choices, Some(value))
            if !field.choices.iter().any(|choice| choice.name == value) =>
        {
            let names: Vec<&str> = field.choices.iter().map(|choice| choice.name.as_str()).collect();
            let more = if names.len() > NAMED { ", …" } else { "" };
            let choices = format!("{}{more}", names[..names.len().min(NAMED)].join(", "));
            Some(Why::Choice { value: value.to_owned(), field: field.name.clone(), choices })
        }
        _ => None,
    }
}

/// The fields of a deal, then of a person: (place, the CRM's, ours).
fn placed(config: &MappingConfig) -> impl Iterator<Item = (String, &str, &str)> {
    let deal = config.fields.iter().map(|pair| ("fields", pair));
    let contact = config.contact_fields.iter().map(|pair| ("contact_fields", pair));
    deal.chain(contact)
        .map(|(name, (theirs, ours))| (format!("{name}.{theirs}"), theirs.as_str(), ours.as_str()))
}

/// The names in a template's braces.
fn names(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or(rest))
}

fn is_known(name: &str) -> bool {
    NAMES.contains(&name) || name.strip_prefix("answers.").is_some_and(|field| !field.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::schema::Named;
    use ids::Pii;

    fn field(id: &str, kind: FieldKind) -> Field {
        let choices = ["cold", "warm"].map(|name| Named { id: name.to_owned(), name: name.to_owned() });
        Field {
            id: id.to_owned(),
            code: String::new(),
            name: format!("Field {id}"),
            kind,
            choices: choices.to_vec(),
            required: false,
            read_only: id == "3",
        }
    }

    #[test]
    fn what_does_not_fit_names_our_field_and_says_what_to_do_in_both_languages() {
        let schema = Schema {
            deal_fields: vec![
                field("1", FieldKind::Text),
                field("2", FieldKind::Choice),
                field("3", FieldKind::Text),
            ],
            ..Schema::default()
        };
        let fields = [("1", "why"), ("2", "temperature"), ("3", "score"), ("4", "answers.budget")];
        let config = MappingConfig {
            stage: "9".to_owned(),
            fields: fields.map(|(theirs, ours)| (theirs.to_owned(), ours.to_owned())).into(),
            ..MappingConfig::default()
        };
        let filled = Filled {
            ours: "temperature".to_owned(),
            theirs: "2".to_owned(),
            value: Pii::new("hot".to_owned()),
        };
        let deal = NewDeal { fields: vec![filled], ..NewDeal::default() };
        let found = problems(&config, &deal, &Contact::default(), &schema);
        let places: Vec<(&str, &str)> =
            found.iter().map(|one| (one.place.as_str(), one.ours.as_str())).collect();
        assert_eq!(
            places,
            [
                ("stage", ""),
                ("fields.2", "temperature"),
                ("fields.3", "score"),
                ("fields.4", "answers.budget")
            ]
        );
        for problem in &found[1..] {
            let (english, russian) = (problem.english(), problem.russian());
            assert!(english.contains(&problem.ours) && english.contains("choose another field"), "{english}");
            assert!(russian.contains(&problem.ours) && russian.contains("выберите другое поле"), "{russian}");
        }
        assert!(found[1].english().contains("takes one of cold, warm"), "{}", found[1].english());
    }

    #[test]
    fn what_can_not_be_kept_is_told_with_its_place() {
        let config = MappingConfig {
            name: "a\0".to_owned(),
            price: "9".repeat(LONGEST + 1),
            tags: vec!["t".to_owned(); MOST + 1],
            ..MappingConfig::default()
        };
        let places: Vec<String> = shapeless(&config).into_iter().map(|one| one.place).collect();
        assert_eq!(places, ["name", "price", "tags"]);
        assert_eq!(shapeless(&MappingConfig::default()), []);
    }
}
