//! What the answers are worth, each point with its reason.

use bot_folder::{Behaviour, BotFolder, Condition, Flow, FlowStep, Money, StepInput};

use crate::domain::{Answer, Evidence, FlowRun, Temperature};

/// Whether a condition is true of an answer.
pub(super) fn holds(condition: &Condition, step: &FlowStep, answer: &Answer, money: &Money) -> bool {
    match condition {
        Condition::Answered => *answer != Answer::Skipped,
        Condition::Skipped => *answer == Answer::Skipped,
        Condition::Is(values) => {
            let value = match answer {
                Answer::Choice(value) => value.as_str(),
                Answer::Text(_) if matches!(step.input, StepInput::Choice(_)) => "other",
                Answer::Undecided => "undecided",
                Answer::Email(_) => "email",
                Answer::Phone(_) => "phone",
                Answer::Telegram(_) => "telegram",
                Answer::Text(_) | Answer::Money(_) | Answer::Files(_) | Answer::Skipped => return false,
            };
            values.iter().any(|wanted| wanted == value)
        }
        Condition::AtLeast(bound) => in_base(answer, money).is_some_and(|value| value >= *bound),
        Condition::Below(bound) => in_base(answer, money).is_some_and(|value| value < *bound),
        Condition::Amount => matches!(answer, Answer::Money(_)),
        Condition::MinChars(least) => {
            matches!(answer, Answer::Text(text) if text.expose().chars().count() >= *least as usize)
        }
    }
}

/// The upper end of an amount in the base currency.
fn in_base(answer: &Answer, money: &Money) -> Option<f64> {
    let Answer::Money(amount) = answer else { return None };
    money.in_base(amount.max.or(amount.min)?, &amount.currency)
}

/// The score of a finished run and its reasons, in the order of the flow.
pub(super) fn score(folder: &BotFolder, flow: &Flow, run: &FlowRun) -> (i32, Vec<Evidence>) {
    let mut evidence = Vec::new();
    for given in &run.answers {
        let Some((_, step)) = flow.step(&given.step) else { continue };
        let rule =
            step.score.iter().find(|rule| holds(&rule.condition, step, &given.answer, &folder.bot.money));
        evidence.extend(
            rule.map(|rule| Evidence {
                rule: format!("{}: {}", step.id, rule.evidence),
                points: rule.points,
            }),
        );
    }
    for rule in flow.lead.iter().flat_map(|lead| &lead.behaviour) {
        let holds = match rule.condition {
            Behaviour::NothingSkipped => run.answers.iter().all(|given| given.answer != Answer::Skipped),
            Behaviour::Resumed => run.resumed,
        };
        if holds {
            evidence.push(Evidence { rule: format!("behaviour: {}", rule.evidence), points: rule.points });
        }
    }
    let total = evidence.iter().fold(0_i32, |sum, reason| sum.saturating_add(reason.points));
    (total, evidence)
}

pub(super) fn temperature(flow: &Flow, score: i32) -> Temperature {
    match &flow.lead {
        Some(rules) if score >= rules.hot => Temperature::Hot,
        Some(rules) if score >= rules.warm => Temperature::Warm,
        _ => Temperature::Cold,
    }
}
