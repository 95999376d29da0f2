//! One human turn, one answer: whatever comes in whatever order, early, late, twice or never, with a restart between
//! any two steps.

use std::collections::BTreeMap;

use bot_folder::NextStep;
use ids::{Pii, RequestId, Uuid};
use proptest::prelude::*;

use super::script::{anna, engine, input};
use crate::domain::{ConversationState, Effect, Message, ModelAnswer, ModelOutcome, Target, What};

#[derive(Clone, Copy, Debug)]
enum Move {
    /// Only a model knows.
    Question,
    /// Answered by the FAQ, a command, a flow, or nobody.
    Text(&'static str),
    Press(usize),
    /// A job runs, at whatever time.
    Quiet(usize),
    /// The same, and once more.
    QuietTwice(usize),
    /// A model that was asked answers, knows nothing or fails; again, perhaps.
    Model(usize, u8),
    /// The backstop of a question comes, at whatever time.
    Deadline(usize),
    Edit(usize, bool),
    Wait(i64),
}

fn one(edits: bool) -> impl Strategy<Value = Move> {
    let text = prop::sample::select(vec![
        "do you sign an NDA?",
        "сколько стоит?",
        "/start",
        "/project",
        "/cancel",
        "спасибо",
        "👍",
        "yes",
        "DevOps",
        "$20k",
        "talk to a human",
        "you did not answer my question!!!",
        "We have twelve services and no pipeline at all.",
    ]);
    prop_oneof![
        8 => Just(Move::Question),
        4 => text.prop_map(Move::Text),
        2 => (0_usize..8).prop_map(Move::Press),
        5 => (0_usize..4).prop_map(Move::Quiet),
        2 => (0_usize..4).prop_map(Move::QuietTwice),
        4 => (0_usize..4, 0_u8..3).prop_map(|(nth, kind)| Move::Model(nth, kind)),
        1 => (0_usize..4).prop_map(Move::Deadline),
        3 => prop_oneof![0_i64..300, 1_000_i64..4_000, Just(90_000)].prop_map(Move::Wait),
        (if edits { 4 } else { 0 }) => (0_usize..3, any::<bool>()).prop_map(|(back, faq)| Move::Edit(back, faq)),
    ]
}

/// One chat, its jobs, its models, and what was answered.
#[derive(Default)]
struct World {
    state: ConversationState,
    now_ms: i64,
    serial: u128,
    messages: i64,
    /// How often each message that wants an answer has got one.
    answers: BTreeMap<i64, usize>,
    waiting: Vec<(RequestId, i64)>,
    expected: Vec<RequestId>,
    asked: Vec<(RequestId, Vec<i64>)>,
    superseded: Vec<RequestId>,
    shown: Vec<String>,
    sends: usize,
    turns: usize,
}

impl World {
    fn new() -> Self {
        Self { now_ms: 1_700_000_000_000, ..Self::default() }
    }

    fn says(&mut self, text: &str) -> Result<(), TestCaseError> {
        self.messages += 1;
        self.turns += 1;
        self.answers.insert(self.messages, 0);
        let message = Message { id: self.messages };
        self.step(What::Text(Pii::new(text.to_owned())), message)
    }

    fn moves(&mut self, one: Move) -> Result<(), TestCaseError> {
        let none = Message::default();
        match one {
            Move::Question => self.says(&format!("why has planet {} so many moons", self.messages + 1)),
            Move::Text(text) => self.says(text),
            Move::Press(back) => {
                let Some(data) = self.shown.iter().rev().nth(back).cloned() else { return Ok(()) };
                self.turns += 1;
                self.step(What::Button { callback_id: "c".to_owned(), data }, none)
            }
            Move::Quiet(nth) if nth < self.waiting.len() => {
                let (turn, due_ms) = self.waiting.remove(nth);
                self.step(What::Quiet { turn, due_ms }, none)
            }
            Move::QuietTwice(nth) if nth < self.waiting.len() => {
                let (turn, due_ms) = self.waiting[nth];
                self.step(What::Quiet { turn, due_ms }, none)?;
                self.step(What::Quiet { turn, due_ms }, none)
            }
            Move::Model(back, kind) => {
                let Some((request_id, _)) = self.asked.iter().rev().nth(back) else { return Ok(()) };
                let outcomes = [ModelOutcome::Answered, ModelOutcome::Unknown, ModelOutcome::Failed];
                self.model(*request_id, outcomes[usize::from(kind)])
            }
            Move::Deadline(nth) if nth < self.expected.len() => {
                let request_id = self.expected.remove(nth);
                self.model(request_id, ModelOutcome::Failed)
            }
            Move::Edit(back, faq) => {
                let id = (self.messages - i64::try_from(back).unwrap()).max(1);
                if !self.answers.contains_key(&id) {
                    return Ok(());
                }
                let text = if faq {
                    "do you sign an NDA?".to_owned()
                } else {
                    format!("why has comet {id} no moons")
                };
                self.turns += 1;
                self.step(What::Edited(Pii::new(text)), Message { id })
            }
            Move::Wait(ms) => {
                self.now_ms += ms;
                Ok(())
            }
            Move::Quiet(_) | Move::QuietTwice(_) | Move::Deadline(_) => Ok(()),
        }
    }

    fn model(&mut self, request_id: RequestId, outcome: ModelOutcome) -> Result<(), TestCaseError> {
        let answer = ModelAnswer {
            request_id,
            outcome,
            text: Pii::new("because".to_owned()),
            citations: Vec::new(),
            confidence: [None, Some(0.3), Some(0.6)][self.sends % 3],
            next: NextStep::Continue,
            offline: false,
            quota_resets_ms: None,
        };
        self.step(What::ModelAnswered(answer), Message::default())
    }

    /// The messages that a Send of this step is for.
    fn covered(&self, what: &What, message: &Message) -> Vec<i64> {
        let of = |id: RequestId| {
            let question = self.state.pending.iter().find(|question| question.request_id == id);
            question.map(|q| q.parts.iter().map(|part| part.message_id).collect()).unwrap_or_default()
        };
        match what {
            What::Text(_) => vec![message.id],
            What::Quiet { turn, .. } => of(*turn),
            What::ModelAnswered(answer) => of(answer.request_id),
            What::Edited(_) => match &self.state.turns.answered {
                Some(turn) if turn.parts.iter().any(|part| part.message_id == message.id) => {
                    turn.parts.iter().map(|part| part.message_id).collect()
                }
                _ => vec![message.id],
            },
            _ => Vec::new(),
        }
    }

    fn step(&mut self, what: What, message: Message) -> Result<(), TestCaseError> {
        self.serial += 1;
        let covered = self.covered(&what, &message);
        let dropped = match &what {
            What::ModelAnswered(answer) => self.superseded.contains(&answer.request_id),
            _ => false,
        };
        let questions = self.state.pending.clone();
        let mut input = input(what, anna("en"), self.now_ms, self.serial);
        input.message = message;
        let step = engine().step(std::mem::take(&mut self.state), &input);
        prop_assert!(!step.effects.is_empty());
        let mut said = 0;
        for effect in &step.effects {
            match effect {
                Effect::Send(message) => {
                    prop_assert!(!dropped, "the answer to a superseded question is shown");
                    said += 1;
                    self.sends += 1;
                    for id in &covered {
                        *self.answers.entry(*id).or_default() += 1;
                    }
                    if let Some(newest) = covered.last() {
                        prop_assert_eq!(message.to, *newest);
                    }
                    let targets = message.buttons.iter().flatten().map(|button| &button.target);
                    self.shown.extend(targets.filter_map(|target| match target {
                        Target::Callback(data) => Some(data.clone()),
                        Target::Url(_) => None,
                    }));
                }
                Effect::AskModel { request_id, messages, .. } => {
                    said += 1;
                    prop_assert!(messages.is_sorted(), "{messages:?}");
                    self.asked.push((*request_id, messages.clone()));
                }
                Effect::WaitForMore { turn, due_ms } => self.waiting.push((*turn, *due_ms)),
                Effect::ExpectAnswer { request_id, .. } => self.expected.push(*request_id),
                Effect::Supersede { request_id } => self.superseded.push(*request_id),
                Effect::Stop { request_id, .. } => {
                    said += 1;
                    self.sends += 1;
                    self.superseded.push(*request_id);
                    // What was seen of the answer is the answer, also to the wish to stop.
                    let stopped = questions.iter().filter(|question| question.request_id == *request_id);
                    let parts = stopped.flat_map(|question| &question.parts).map(|part| part.message_id);
                    for id in parts.chain(covered.iter().copied()) {
                        *self.answers.entry(id).or_default() += 1;
                    }
                }
                _ => {}
            }
        }
        prop_assert!(said <= 1, "{:?}", step.effects);
        let bounds = &engine().folder().bot.turns;
        for question in &step.state.pending {
            prop_assert!(question.parts.len() <= bounds.most_messages as usize);
        }
        let open = step.state.pending.iter().rev().skip(1).filter(|question| question.due_ms.is_some());
        prop_assert_eq!(open.count(), 0, "only the last question may be open");
        // The process may end here at any time.
        let stored = serde_json::to_string(&step.state).unwrap();
        let restored: ConversationState = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(&restored, &step.state);
        self.state = restored;
        Ok(())
    }

    /// Every job runs in the end; no model answers any more.
    fn ends(&mut self) -> Result<(), TestCaseError> {
        let mut runs = 0;
        while let Some((turn, due_ms)) = self.waiting.pop() {
            runs += 1;
            prop_assert!(runs < 1_000, "the jobs go on for ever");
            self.step(What::Quiet { turn, due_ms }, Message::default())?;
        }
        for request_id in std::mem::take(&mut self.expected) {
            self.model(request_id, ModelOutcome::Failed)?;
        }
        prop_assert!(self.waiting.is_empty() && self.expected.is_empty());
        prop_assert!(self.state.pending.is_empty(), "{:?}", self.state.pending);
        prop_assert!(self.sends <= self.turns, "{} answers to {} turns", self.sends, self.turns);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_message_gets_one_answer_and_never_two(moves in prop::collection::vec(one(false), 1..60)) {
        let mut world = World::new();
        for one in moves {
            world.moves(one)?;
        }
        world.ends()?;
        for (message, answers) in &world.answers {
            prop_assert_eq!(*answers, 1, "message {} of {:?}", message, world.answers);
        }
        // Questions follow each other as their words did, and share none.
        let superseded = &world.superseded;
        let lasting = world.asked.iter().filter(|(request_id, _)| !superseded.contains(request_id));
        let in_order: Vec<i64> = lasting.flat_map(|(_, messages)| messages.clone()).collect();
        prop_assert!(in_order.windows(2).all(|two| two[0] < two[1]), "{in_order:?}");
    }

    #[test]
    fn an_edited_message_is_never_left_without_an_answer(moves in prop::collection::vec(one(true), 1..60)) {
        let mut world = World::new();
        for one in moves {
            world.moves(one)?;
        }
        world.ends()?;
        for (message, answers) in &world.answers {
            prop_assert!(*answers > 0, "message {message} of {:?}", world.answers);
        }
    }
}

#[test]
fn somebody_who_never_stops_writing_is_answered_all_the_same() {
    let mut world = World::new();
    let bounds = &engine().folder().bot.turns;
    // A little faster than the quiet period, and every job at its time.
    for _ in 0..20 {
        world.moves(Move::Question).unwrap();
        world.now_ms += i64::from(bounds.quiet_ms) - 100;
        while let Some(at) = world.waiting.iter().position(|(_, due_ms)| *due_ms <= world.now_ms) {
            world.moves(Move::Quiet(at)).unwrap();
        }
    }
    let first = world.asked.first().map(|(_, messages)| messages.len());
    assert_eq!(first, Some(5), "five within the five seconds: {:?}", world.asked);
    world.ends().unwrap();
    assert!(world.answers.values().all(|answers| *answers == 1), "{:?}", world.answers);
}

#[test]
fn in_a_group_nobody_finishes_anothers_sentence() {
    let mut world = World::new();
    let mut says = |user_id: i64, text: &str, id: i64| {
        let mut person = anna("en");
        person.user_id = user_id;
        let what = What::Text(Pii::new(text.to_owned()));
        let mut input = input(what, person, 1_700_000_000_000, u128::from(id.unsigned_abs()));
        input.chat.private = false;
        input.message.id = id;
        let step = engine().step(std::mem::take(&mut world.state), &input);
        world.state = step.state;
        step.effects
    };
    says(1, "how many moons has Jupiter", 1);
    let effects = says(2, "who wrote Hamlet", 2);
    let asked = effects.iter().find_map(|effect| match effect {
        Effect::AskModel { question, messages, .. } => Some((question.expose().clone(), messages.clone())),
        _ => None,
    });
    assert_eq!(asked, Some(("how many moons has Jupiter".to_owned(), vec![1])));
    let effects = says(2, "and who wrote Faust", 3);
    assert_eq!(effects, [Effect::Gathered]);
    assert_eq!(world.state.pending.len(), 2);
    assert_eq!(world.state.pending[0].request_id, RequestId(Uuid::from_u128(1)));
}

#[test]
fn who_stops_an_answer_hears_no_more_of_it_and_no_human_is_called() {
    for (text, stops) in [("Stop!", true), ("хватит", true), ("never mind", true), ("is there a stop", false)]
    {
        let mut world = World::new();
        world.moves(Move::Question).unwrap();
        world.now_ms += 60_000;
        world.moves(Move::Quiet(0)).unwrap();
        let asked = world.asked[0].0;
        let mut input = input(What::Text(Pii::new(text.to_owned())), anna("en"), world.now_ms, 90);
        input.message.id = 90;
        let step = engine().step(std::mem::take(&mut world.state), &input);
        let stopped = step
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Stop { request_id, .. } if *request_id == asked));
        assert_eq!(stopped, stops, "{text}: {:?}", step.effects);
        if stops {
            assert!(step.state.pending.is_empty() && step.effects.len() == 1);
            world.state = step.state;
            world.superseded.push(asked);
            world.model(asked, ModelOutcome::Answered).unwrap();
            assert_eq!(world.sends, 0, "a late answer is not shown");
        }
    }
}

#[test]
fn the_button_of_a_draft_stops_its_own_question_alone() {
    let mut world = World::new();
    world.moves(Move::Question).unwrap();
    world.now_ms += 60_000;
    world.moves(Move::Quiet(0)).unwrap();
    let asked = world.asked[0].0;
    let mut press = |draft_id: i64| {
        let input = input(What::Stopped { draft_id }, crate::domain::Person::default(), world.now_ms, 91);
        let step = engine().step(std::mem::take(&mut world.state), &input);
        world.state = step.state;
        step.effects
    };
    assert!(matches!(press(1).as_slice(), [Effect::Ignore { .. }]));
    let number = crate::domain::draft_id(asked);
    assert!(matches!(press(number).as_slice(), [Effect::Stop { request_id, .. }] if *request_id == asked));
    assert!(matches!(press(number).as_slice(), [Effect::Ignore { .. }]), "once");
}
