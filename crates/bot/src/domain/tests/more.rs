//! What a person tells after their lead was captured.

use ids::Pii;

use super::script::{Script, engine, input};
use crate::domain::{Effect, Rescored, What};

/// A lead whose budget is not decided.
fn open_lead() -> Script {
    let mut script = Script::new("en");
    for said in ["/project", "DevOps", "skip", "Exploring", "not decided yet", "ann@example.com", "yes"] {
        script.says(said);
    }
    assert!(script.lead.is_some(), "there is a lead");
    script
}

/// What the next text makes of the lead.
fn rescored(script: &mut Script, text: &str) -> Option<Rescored> {
    let what = What::Text(Pii::new(text.to_owned()));
    let input = input(what, script.person.clone(), 1_699_957_900_000, 99);
    let step = engine().step(script.state.clone(), &input);
    script.state = step.state;
    step.effects.into_iter().find_map(|effect| match effect {
        Effect::RescoreLead(rescored) => Some(*rescored),
        _ => None,
    })
}

#[test]
fn what_the_lead_left_open_makes_another_score_once() {
    let mut script = open_lead();
    let lead = script.lead.clone().unwrap();
    assert!(rescored(&mut script, "do you work with AWS?").is_none());
    assert!(rescored(&mut script, "is $20k enough?").is_none(), "a question names no budget");
    let now = rescored(&mut script, "we have a budget of $20k").unwrap();
    assert_eq!((now.lead.lead_id, now.score_before), (lead.lead_id, lead.score));
    assert_eq!(now.temperature_before, lead.temperature.as_str());
    assert_eq!(now.lead.score, lead.score + 35);
    assert!(now.lead.why.iter().any(|line| line.expose().contains("$20k")));
    let fields: Vec<&str> = now.lead.answers.iter().map(|answer| answer.field.as_str()).collect();
    assert_eq!(fields, ["budget"]);
    // It is known now.
    assert!(rescored(&mut script, "we have a budget of $90k").is_none());
}

#[test]
fn what_was_answered_stays_as_it_was_sent() {
    let mut script = Script::new("en");
    for said in ["/project", "DevOps", "skip", "Exploring", "$5k", "ann@example.com", "yes"] {
        script.says(said);
    }
    assert!(script.lead.is_some());
    assert!(rescored(&mut script, "our budget is $90k now, write to bob@example.com").is_none());
}
