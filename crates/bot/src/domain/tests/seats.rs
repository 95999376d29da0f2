//! Groups: what one person was asked is theirs alone, in whatever order people write.

use ids::Pii;
use proptest::prelude::*;

use super::script::{anna, engine, input};
use crate::domain::{Chat, ConversationState, Effect, Person, Step, Target, What};

const GROUP: Chat = Chat { id: -7, private: false, addressed: true, topic: None };
/// A Tuesday, 13:13 in Moscow.
const NOW_MS: i64 = 1_699_956_800_000;

struct Group {
    state: ConversationState,
    now_ms: i64,
    serial: u128,
}

impl Group {
    fn new() -> Self {
        Self { state: ConversationState::default(), now_ms: NOW_MS, serial: 0 }
    }

    fn happens(&mut self, user_id: i64, lang: &str, what: What) -> Step {
        self.serial += 1;
        self.now_ms += 1_000;
        let person = Person { user_id, ..anna(lang) };
        let mut input = input(what, person, self.now_ms, self.serial);
        input.chat = GROUP;
        input.message.id = i64::try_from(self.serial).unwrap();
        let step = engine().step(std::mem::take(&mut self.state), &input);
        self.state = step.state.clone();
        step
    }

    fn says(&mut self, user_id: i64, lang: &str, text: &str) -> Step {
        self.happens(user_id, lang, What::Text(Pii::new(text.to_owned())))
    }

    fn presses(&mut self, user_id: i64, lang: &str, data: &str) -> Step {
        self.happens(user_id, lang, What::Button { callback_id: "c".to_owned(), data: data.to_owned() })
    }

    /// At which question each of these people is.
    fn at(&self, people: &[i64]) -> Vec<Option<String>> {
        let of = |person: i64| {
            let mut state = self.state.clone();
            state.seat(person);
            state.flow.map(|run| run.step)
        };
        people.iter().map(|person| of(*person)).collect()
    }
}

fn said(step: &Step) -> String {
    let texts = step.effects.iter().filter_map(|effect| match effect {
        Effect::Send(message) => Some(message.text.expose().as_str()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

fn links(step: &Step) -> Vec<String> {
    let messages = step.effects.iter().filter_map(|effect| match effect {
        Effect::Send(message) => Some(message),
        _ => None,
    });
    let buttons = messages.flat_map(|message| message.buttons.iter().flatten());
    let link = |button: &crate::domain::Button| match &button.target {
        Target::Url(url) => Some(url.clone()),
        Target::Callback(_) => None,
    };
    buttons.filter_map(link).collect()
}

fn cancel_of(step: &Step) -> String {
    let found = step.effects.iter().find_map(|effect| match effect {
        Effect::Send(message) => message.buttons.iter().flatten().find_map(|button| match &button.target {
            Target::Callback(data) if data.ends_with(":cancel") => Some(data.clone()),
            _ => None,
        }),
        _ => None,
    });
    found.unwrap()
}

#[test]
fn two_people_are_asked_at_once_and_each_answers_for_themselves() {
    let mut group = Group::new();
    let asked = group.presses(7, "en", "ask");
    assert!(said(&asked).contains("Write your question"));
    assert!(said(&group.presses(8, "ru", "ask")).contains("Напишите вопрос"));
    assert_eq!(group.at(&[7, 8, 9]), [Some("question".to_owned()), Some("question".to_owned()), None]);
    let told = group.presses(8, "ru", &cancel_of(&asked));
    assert!(said(&told).is_empty(), "the group does not hear of it");
    let notice = told.effects.iter().find_map(|effect| match effect {
        Effect::AnswerCallback { text, .. } => text.clone(),
        _ => None,
    });
    assert_eq!(notice.as_deref(), Some("Этот вопрос задали не вам."));
    assert!(said(&group.says(8, "ru", "сколько это стоит?")).contains("Это помогло?"));
    assert_eq!(group.at(&[7, 8]), [Some("question".to_owned()), None]);
    assert!(said(&group.says(7, "en", "do you sign an NDA?")).contains("Did that help?"));
    assert_eq!(group.at(&[7, 8]), [None, None]);
}

#[test]
fn a_stale_button_is_answered_in_the_language_of_whoever_presses_it() {
    let mut group = Group::new();
    let asked = cancel_of(&group.presses(7, "en", "ask"));
    group.presses(7, "en", &asked);
    group.says(8, "ru", "какие у вас услуги?");
    let stale = said(&group.presses(7, "en", &asked));
    assert!(stale.contains("That button belongs to an earlier question"), "{stale}");
    let stale = said(&group.presses(9, "ru", &asked));
    assert!(stale.contains("Эта кнопка"), "{stale}");
}

#[test]
fn a_flow_that_was_under_way_in_a_group_before_ends_and_asks_nobody_any_more() {
    let mut group = Group::new();
    let private = engine().step(
        ConversationState::default(),
        &input(What::Text(Pii::new("/project".to_owned())), anna("en"), NOW_MS, 1),
    );
    group.state = private.state;
    assert!(group.state.flow.is_some());
    let answer = said(&group.says(8, "ru", "сколько это стоит?"));
    assert!(answer.contains("Зависит от задачи") && !answer.contains("1/5"), "{answer}");
    let state = serde_json::to_string(&group.state).unwrap();
    assert!(!state.contains("intake"), "{state}");
}

#[test]
fn without_its_name_the_bot_still_says_where_to_go_on() {
    let mut state = ConversationState::default();
    for name in [None, Some(String::new()), Some("no name/at all".to_owned())] {
        let mut input = input(What::Text(Pii::new("/project".to_owned())), anna("en"), NOW_MS, 1);
        (input.chat, input.bot_username) = (GROUP, name);
        let step = engine().step(state, &input);
        assert!(said(&step).contains("in private") && links(&step).is_empty());
        state = step.state;
    }
}

#[test]
fn few_people_are_remembered_and_who_is_being_asked_longest() {
    let mut group = Group::new();
    group.presses(1, "en", "ask");
    for person in 2..500 {
        group.says(person, "ru", "какие у вас услуги?");
    }
    assert!(group.state.seats.len() <= 24);
    assert_eq!(group.at(&[1]), [Some("question".to_owned())]);
    // A question that has nothing to lose does not wait for ever.
    group.now_ms += 25 * 3_600_000;
    group.says(2, "ru", "какие у вас услуги?");
    assert_eq!(group.at(&[1]), [None]);
}

#[test]
fn two_talks_of_one_group_are_joined_seat_by_seat() {
    let mut older = Group::new();
    older.presses(7, "en", "ask");
    let mut newer = Group::new();
    newer.presses(8, "ru", "ask");
    newer.says(7, "en", "/help");
    older.state.join(newer.state);
    let question = || Some("question".to_owned());
    assert_eq!(older.at(&[7, 8]), [question(), question()]);
    let mut prompts: Vec<u32> = older.state.runs().map(|run| run.prompt).collect();
    prompts.dedup();
    assert_eq!(prompts.len(), 2, "no button is taken for another's");
}

proptest! {
    /// Whatever people do in a group, nothing of a person's own is asked there, and nobody moves another's question.
    #[test]
    fn nothing_of_a_persons_own_is_asked_in_a_group(
        doings in proptest::collection::vec((7_i64..10, 0_usize..12), 1..40),
    ) {
        const SAID: [&str; 6] = [
            "/project", "we need a bot, budget $5k, ann@example.com", "позовите человека", "how much is it?", "/files", "да",
        ];
        const PRESSED: [&str; 6] = ["ask", "flow:intake", "human", "resume", "restart", "s:1:type:devops"];
        let mut group = Group::new();
        for (person, doing) in doings {
            let others: Vec<i64> = (7..10).filter(|other| *other != person).collect();
            let before = group.at(&others);
            let step = match SAID.get(doing) {
                Some(text) => group.says(person, "en", text),
                None => group.presses(person, "en", PRESSED[doing - SAID.len()]),
            };
            prop_assert_eq!(group.at(&others), before);
            let personal = |run: &crate::domain::FlowRun| {
                engine().folder().flow(&run.flow).is_none_or(|flow| !flow.runs_in_groups())
            };
            prop_assert!(!group.state.runs().any(personal));
            let is_lead = |effect: &Effect| matches!(effect, Effect::CaptureLead(_) | Effect::Handoff { .. });
            prop_assert!(!step.effects.iter().any(is_lead));
        }
    }
}
