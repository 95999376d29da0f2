//! A lead with everything in it: what a mapping is tried with where no lead is named.

use super::fit::{Problem, problems};
use super::lead::{Answer, Lead};
use super::mapping::Mapping;
use super::schema::Schema;

pub(crate) fn example() -> Lead {
    let answer = |field: &str, value: &str| Answer {
        field: field.to_owned(),
        value: value.to_owned(),
        text: value.to_owned(),
    };
    Lead {
        id: "00000000-0000-0000-0000-000000000000".to_owned(),
        conversation_id: "00000000-0000-0000-0000-000000000000".to_owned(),
        bot: "example".to_owned(),
        flow: "intake".to_owned(),
        language: "en".to_owned(),
        temperature: "hot".to_owned(),
        score: 90,
        why: vec!["hot: 90 points".to_owned()],
        name: "Ada".to_owned(),
        phone: "+15005550006".to_owned(),
        email: "ada@example.com".to_owned(),
        telegram_user_id: 1,
        telegram_username: "ada".to_owned(),
        answers: vec![answer("type", "bot"), answer("budget", "5000 usd")],
        ..Lead::default()
    }
}

/// What of a mapping does not fit an account, by what the example becomes.
pub(crate) fn unfit(mapping: &Mapping, schema: &Schema) -> Vec<Problem> {
    let example = example();
    problems(mapping.config(), &mapping.deal(&example), &mapping.contact(&example), schema)
}
