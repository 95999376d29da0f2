//! What the answers are worth, each point with its reason.

use bot_folder::{Behaviour, BotFolder, Condition, Flow, FlowStep, Money, StepInput};
use ids::Pii;

use crate::domain::entity::{find_money, find_reach};
use crate::domain::{Answer, Evidence, FlowRun, GivenAnswer, Temperature};

/// So much of a person's words stands beside a reason.
const WORDS_CHARS: usize = 120;

/// Whether a condition is true of an answer.
pub(super) fn holds(condition: &Condition, step: &FlowStep, answer: &Answer, money: &Money) -> bool {
    match condition {
        Condition::Answered => is_answered(answer),
        Condition::Skipped => *answer == Answer::Skipped,
        Condition::Is(values) => {
            let value = match answer {
                Answer::Choice(value) => value.as_str(),
                Answer::Text(_) if matches!(step.input, StepInput::Choice(_)) => "other",
                Answer::Undecided => "undecided",
                Answer::Email(_) => "email",
                Answer::Phone(_) => "phone",
                Answer::Telegram(_) => "telegram",
                Answer::Text(_) | Answer::Money(_) | Answer::Skipped => return false,
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

/// "I don't know" is polite, but no answer.
fn is_answered(answer: &Answer) -> bool {
    !matches!(answer, Answer::Skipped | Answer::Undecided)
}

/// What an amount counts for, in the base currency. Of a range that is its lower end: only that much has been said,
/// and an agent who reads "budget of $15k or more" finds it true. "Up to" has no lower end; it counts half.
fn in_base(answer: &Answer, money: &Money) -> Option<f64> {
    let Answer::Money(amount) = answer else { return None };
    let counts = amount.min.or_else(|| amount.max.map(|most| most / 2.0))?;
    money.in_base(counts, &amount.currency)
}

/// The person's words for an answer: of an amount and an address only those that name it.
fn words_of(given: &GivenAnswer) -> Pii<String> {
    let text = given.text.expose();
    let found = match &given.answer {
        Answer::Money(_) => find_money(text, "").map(|found| found.raw),
        Answer::Email(_) | Answer::Phone(_) | Answer::Telegram(_) => {
            find_reach(text, &[]).map(|found| found.raw)
        }
        _ => None,
    };
    found.unwrap_or_else(|| Pii::new(shorten(text)))
}

fn shorten(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= WORDS_CHARS {
        line
    } else {
        line.chars().take(WORDS_CHARS).chain(['…']).collect()
    }
}

/// The score of a finished run and its reasons, in the order of the flow.
pub(super) fn score(folder: &BotFolder, flow: &Flow, run: &FlowRun) -> (i32, Vec<Evidence>) {
    let mut evidence = Vec::new();
    for given in &run.answers {
        let Some((_, step)) = flow.step(&given.step) else { continue };
        let rule =
            step.score.iter().find(|rule| holds(&rule.condition, step, &given.answer, &folder.bot.money));
        evidence.extend(rule.map(|rule| Evidence {
            rule: format!("{}: {}", step.id, rule.evidence),
            points: rule.points,
            words: words_of(given),
        }));
    }
    for rule in flow.lead.iter().flat_map(|lead| &lead.behaviour) {
        let holds = match rule.condition {
            Behaviour::NothingSkipped => run.answers.iter().all(|given| is_answered(&given.answer)),
            Behaviour::Resumed => run.resumed,
        };
        if holds {
            let said = format!("behaviour: {}", rule.evidence);
            evidence.push(Evidence { rule: said, points: rule.points, words: Pii::default() });
        }
    }
    let total = evidence.iter().fold(0_i32, |sum, reason| sum.saturating_add(reason.points));
    (total, evidence)
}

/// The score for people to read: `hot: 85 points (hot from 75, warm from 40)`, then a line a reason, with the person's
/// words.
pub(super) fn why(flow: &Flow, score: i32, evidence: &[Evidence]) -> Vec<Pii<String>> {
    let Some(rules) = &flow.lead else { return Vec::new() };
    let name = temperature(flow, score).as_str();
    let first = format!("{name}: {score} points (hot from {}, warm from {})", rules.hot, rules.warm);
    let reason = |reason: &Evidence| {
        let words = reason.words.expose();
        let said = if words.is_empty() { String::new() } else { format!(" — “{words}”") };
        format!("{:+} {}{said}", reason.points, reason.rule)
    };
    std::iter::once(first).chain(evidence.iter().map(reason)).map(Pii::new).collect()
}

pub(super) fn temperature(flow: &Flow, score: i32) -> Temperature {
    match &flow.lead {
        Some(rules) if score >= rules.hot => Temperature::Hot,
        Some(rules) if score >= rules.warm => Temperature::Warm,
        _ => Temperature::Cold,
    }
}
