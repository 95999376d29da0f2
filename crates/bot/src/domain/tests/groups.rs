//! Several people, and several forum topics, in one group.

use ids::Pii;

use super::script::{anna, engine, input};
use crate::domain::{Chat, ConversationState, Effect, Message, Person, What};

const QUESTIONS: [&str; 3] = [
    "my pod crashes with OOMKilled after the upgrade to 1.31",
    "is there a way to grow tomatoes on the Moon",
    "compare Nomad and Swarm for nine machines under the desk",
];

/// What a model is asked, after these people have asked in these topics one after the other.
fn asked(who: &[(i64, Option<i64>)]) -> Vec<(String, Option<i64>)> {
    let mut state = ConversationState::default();
    let mut waits = Vec::new();
    let mut asked = Vec::new();
    let mut step = |input, state: &mut ConversationState, waits: &mut Vec<_>| {
        let step = engine().step(std::mem::take(state), &input);
        *state = step.state;
        for effect in step.effects {
            match effect {
                Effect::WaitForMore { turn, due_ms } => waits.push((turn, due_ms)),
                Effect::AskModel { request_id, question, .. } => {
                    let pending = state.pending.iter().find(|pending| pending.request_id == request_id);
                    asked.push((question.expose().clone(), pending.unwrap().topic));
                }
                _ => {}
            }
        }
    };
    for (number, (person, topic)) in (1_u8..).zip(who) {
        let person = Person { user_id: *person, ..anna("en") };
        let words = What::Text(Pii::new(QUESTIONS[usize::from(number) - 1].to_owned()));
        let mut input = input(words, person, 1_000, u128::from(number));
        input.chat = Chat { id: -7, private: false, addressed: true, topic: *topic };
        input.message = Message { id: i64::from(number) };
        step(input, &mut state, &mut waits);
    }
    while let Some((turn, due_ms)) = waits.pop() {
        let input = input(What::Quiet { turn, due_ms }, Person::default(), due_ms, 99);
        step(input, &mut state, &mut waits);
    }
    asked
}

#[test]
fn what_one_person_asks_in_two_topics_are_two_questions() {
    let apart = |topics: [Option<i64>; 2]| {
        [(QUESTIONS[0].to_owned(), topics[0]), (QUESTIONS[1].to_owned(), topics[1])]
    };
    assert_eq!(asked(&[(7, Some(4)), (7, Some(9))]), apart([Some(4), Some(9)]));
    assert_eq!(asked(&[(7, None), (7, Some(9))]), apart([None, Some(9)]));
    assert_eq!(asked(&[(7, Some(4)), (8, Some(4))]), apart([Some(4), Some(4)]));
    let together = format!("{}\n{}", QUESTIONS[0], QUESTIONS[1]);
    assert_eq!(asked(&[(7, Some(4)), (7, Some(4))]), [(together, Some(4))]);
}
