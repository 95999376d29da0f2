//! Branches: to a later step, past others, out of the flow; and flows that come in between of others.

use std::path::Path;
use std::sync::Arc;

use bot_folder::BotFolder;
use ids::Pii;

use super::script::{anna, input};
use crate::domain::{ConversationState, Effect, Engine, What};

/// The shipped bot with changes in its brief.
fn engine(changes: &[(&str, &str)]) -> Engine {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bots/dev2production");
    let mut files = Vec::new();
    for folder in ["", "flows", "knowledge", "prompts"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                files.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let (_, intake) = files.iter_mut().find(|(name, _)| name == "flows/intake.yml").unwrap();
    for (from, to) in changes {
        assert!(intake.contains(from), "{from}");
        *intake = intake.replacen(from, to, 1);
    }
    let files: Vec<_> = files.into_iter().map(|(name, text)| (name, text.into_bytes())).collect();
    Engine::new(Arc::new(
        BotFolder::from_files("dev2production", &files).unwrap_or_else(|errors| panic!("{errors}")),
    ))
}

pub(super) struct Talk {
    engine: Engine,
    pub(super) state: ConversationState,
    serial: u128,
}

impl Talk {
    pub(super) fn new(changes: &[(&str, &str)]) -> Self {
        Self { engine: engine(changes), state: ConversationState::default(), serial: 0 }
    }

    pub(super) fn says(&mut self, text: &str) -> Vec<Effect> {
        self.happens(What::Text(Pii::new(text.to_owned())))
    }

    pub(super) fn happens(&mut self, what: What) -> Vec<Effect> {
        self.serial += 1;
        let input = input(what, anna("en"), 1_699_956_800_000, self.serial);
        let step = self.engine.step(std::mem::take(&mut self.state), &input);
        self.state = step.state;
        step.effects
    }

    pub(super) fn at(&self) -> String {
        self.state.flow.as_ref().map_or("nowhere".to_owned(), |run| format!("{}/{}", run.flow, run.step))
    }
}

pub(super) fn said(effects: &[Effect]) -> String {
    let texts = effects.iter().filter_map(|effect| match effect {
        Effect::Send(message) => Some(message.text.expose().as_str()),
        _ => None,
    });
    texts.collect()
}

const DESCRIBED: &str = "    input:\n      text: { min_chars: 10, max_chars: 3000 }\n    skip: true\n";

#[test]
fn an_answer_that_leads_past_others_takes_them_back_when_it_is_changed() {
    let branch = format!("{DESCRIBED}    branches: [{{ if: skipped, go: contact }}]\n");
    let mut talk = Talk::new(&[(DESCRIBED, &branch)]);
    talk.says("/project");
    talk.says("DevOps, CI/CD");
    talk.says("Twelve services and no pipeline at all.");
    talk.says("asap");
    talk.says("$20k");
    assert_eq!(talk.at(), "intake/contact");
    talk.says("change description");
    talk.says("skip it");
    assert_eq!(talk.at(), "intake/contact", "timing and budget are led past");
    let review = said(&talk.says("anna@example.com"));
    assert!(!review.contains("$20k") && !review.contains("Timing"), "{review}");
    let effects = talk.says("send it");
    let lead = effects.iter().find_map(|effect| match effect {
        Effect::CaptureLead(lead) => Some(lead),
        _ => None,
    });
    let fields: Vec<&str> = lead.unwrap().answers.iter().map(|answer| answer.field.as_str()).collect();
    assert_eq!(fields, ["type", "contact"]);
}

#[test]
fn an_answer_changed_back_finds_the_others_as_they_were() {
    let branch = format!("{DESCRIBED}    branches: [{{ if: skipped, go: contact }}]\n");
    let mut talk = Talk::new(&[(DESCRIBED, &branch)]);
    for text in ["/project", "DevOps, CI/CD", "Twelve services and no pipeline at all.", "asap", "$20k"] {
        talk.says(text);
    }
    talk.says("change description");
    talk.says("skip it");
    talk.says("anna@example.com");
    talk.says("change description");
    let review = said(&talk.says("Twelve services, and one pipeline for all of them."));
    assert!(review.contains("$20k") && review.contains("one pipeline"), "{review}");
}

#[test]
fn an_answer_leads_into_another_flow_or_to_a_page() {
    let branches = "    branches:\n      - { if: { is: [support] }, go: \"flow:escalation\" }\n      - { if: { is: [advice] }, go: \"show:pricing\" }\n    score:\n      - { if: { is: [devops,";
    let mut talk = Talk::new(&[("    score:\n      - { if: { is: [devops,", branches)]);
    talk.says("/project");
    let effects = talk.says("Support of what exists");
    assert_eq!(talk.at(), "escalation/reason");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Handoff { .. })));
    assert!(
        !effects.iter().any(|effect| matches!(effect, Effect::CaptureLead(_))),
        "nobody can be reached yet"
    );
    assert_eq!(talk.state.paused, None, "the brief has ended there");
    talk.says("/cancel");
    talk.says("/project");
    let page = said(&talk.says("Advice, an audit"));
    assert!(page.contains("How the price comes about"), "{page}");
    assert_eq!(talk.at(), "nowhere");
}

#[test]
fn flows_left_for_others_are_bounded_and_come_back_in_order() {
    let mut talk = Talk::new(&[]);
    talk.says("/project");
    talk.says("Software development");
    for _ in 0..20 {
        talk.says("/human");
        talk.says("/start");
        talk.says("/project");
    }
    assert!(talk.state.below.len() <= 3, "{:?}", talk.state.below);
    talk.says("/resume");
    assert_eq!(talk.at(), "intake/description");
    talk.says("/human");
    assert_eq!(talk.at(), "escalation/reason");
    let back = said(&talk.says("skip it"));
    assert!(back.contains("2/5"), "{back}");
    assert_eq!(talk.at(), "intake/description");
}

#[test]
fn a_flow_that_was_left_is_offered_from_within_another() {
    let mut talk = Talk::new(&[]);
    for text in ["/project", "Software development", "/human"] {
        talk.says(text);
    }
    let offer = said(&talk.says("/project"));
    assert!(offer.contains("question 2 of 5"), "{offer}");
    talk.says("yes");
    assert_eq!(talk.at(), "intake/description");
}
