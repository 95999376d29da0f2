//! Whatever happens, in whatever order: an answer or a reason, and a state that can be stored.

use bot_folder::NextStep;
use ids::{Pii, RequestId, Uuid};
use proptest::prelude::*;

use super::script::{anna, engine, input};
use crate::domain::{
    Chat, CheckedFile, ConversationState, Effect, FileFate, ModelAnswer, ModelOutcome, SentFile, Target, What,
};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "/start", "/start ad-1", "/project", "/cancel", "/help", "/language", "/skip", "/nonsense", "привет", "skip",
            "да", "DevOps", "1", "сколько стоит?", "почему небо синее?", "нужен бот", "300к", "$5k-7k", "не решили",
            "We have twelve services and no pipeline at all.", "срочно", "anna@example.com",
            "back", "назад", "keep it", "send it", "отправить", "you did not answer me!", "change budget", "исправить", "budget", "дальше", "thanks",
            "help", "/human", "start over", "yes", "нет", "/back", "/pricing", "services", "8 912 987-65-43", "@anna_k",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,60}",
        1 => "[🙂а-яa-z0-9 ?{}:]{0,30}",
        1 => (1_usize..5_000).prop_map(|n| "ы".repeat(n)),
    ]
}

#[derive(Clone, Debug)]
enum Move {
    Text(String),
    /// One of the buttons shown so far, counted from the newest.
    Press(usize),
    Data(String),
    Contact(String),
    Other(u8),
    Model(u8, String),
    Wait(i64),
    Remind(u32),
    Name(String),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        8 => text().prop_map(Move::Text),
        8 => (0_usize..12).prop_map(Move::Press),
        1 => "(s:[a-z0-9]{0,3}:(type|budget|contact|x):[a-z]{0,9})|(flow|show|faq):[a-z]{0,8}|\\PC{0,70}".prop_map(Move::Data),
        1 => "\\+?[0-9 ]{0,15}".prop_map(Move::Contact),
        1 => (0_u8..7).prop_map(Move::Other),
        2 => (0_u8..4, "\\PC{0,40}").prop_map(|(kind, text)| Move::Model(kind, text)),
        1 => (-10_000_i64..5_000_000_000).prop_map(Move::Wait),
        1 => (0_u32..12).prop_map(Move::Remind),
        1 => "\\PC{0,80}".prop_map(Move::Name),
    ];
    prop::collection::vec(one, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_conversation_goes_on(moves in moves(), language in "(en|ru|uk|de||[a-z-]{0,6})") {
        let mut state = ConversationState::default();
        let mut person = anna(&language);
        let mut shown: Vec<String> = Vec::new();
        let mut now_ms = 1_700_000_000_000_i64;
        for (serial, one) in moves.into_iter().enumerate() {
            let what = match one {
                Move::Wait(ms) => { now_ms = now_ms.saturating_add(ms); continue }
                Move::Name(name) => { person.first_name = Pii::new(name); continue }
                Move::Text(text) => What::Text(Pii::new(text)),
                Move::Press(back) => {
                    let Some(data) = shown.iter().rev().nth(back) else { continue };
                    What::Button { callback_id: "c".to_owned(), data: data.clone() }
                }
                Move::Remind(run) => What::ReminderDue { run },
                Move::Data(data) => What::Button { callback_id: "c".to_owned(), data },
                Move::Contact(phone) => What::Contact { phone: Pii::new(phone), name: Pii::default(), own: false },
                Move::Other(0) => What::Voice,
                Move::Other(1) => What::Edited(Pii::default()),
                Move::Other(2) => What::Notice { kind: "x".to_owned() },
                Move::Other(3) => What::File(Box::new(SentFile { caption: Pii::new(if serial % 2 == 0 { "hello".to_owned() } else { String::new() }), ..SentFile::default() })),
                Move::Other(4) => What::FilesChecked(vec![CheckedFile {
                    waits: true,
                    id: Uuid::from_u128(serial as u128),
                    name: Pii::new("a.pdf".to_owned()),
                    caption: Pii::default(),
                    fate: if serial % 3 == 0 { FileFate::WrongType } else { FileFate::Kept },
                }]),
                Move::Other(_) => What::OtherMessage { kind: "x".to_owned() },
                Move::Model(kind, text) => What::ModelAnswered(ModelAnswer {
                    request_id: state.pending.first().map_or(RequestId(Uuid::nil()), |pending| pending.request_id),
                    outcome: [ModelOutcome::Answered, ModelOutcome::Unknown, ModelOutcome::Failed][usize::from(kind) % 3],
                    text: Pii::new(text),
                    citations: vec!["A".to_owned()],
                    confidence: [None, Some(0.3), Some(0.6), Some(0.9)][usize::from(kind) % 4],
                    next: if kind % 5 == 0 { NextStep::Handoff } else { NextStep::Continue },
                    offline: kind == 3,
                    quota_resets_ms: None,
                }),
            };
            let is_ours = !matches!(what, What::Edited(_) | What::Notice { .. } | What::ModelAnswered(_) | What::ReminderDue { .. });
            let input = input(what, person.clone(), now_ms, serial as u128 + 1);
            let step = engine().step(state, &input);

            prop_assert!(!step.effects.is_empty());
            // Who stops an answer keeps what was shown of it, or is told so.
            let says =
                |effect: &Effect| matches!(effect, Effect::Send(_) | Effect::AskModel { .. } | Effect::Stop { .. });
            // What is to come of it is tested in `turns`; of a file it is told later what became of it.
            let waits = |effect: &Effect| {
                matches!(effect, Effect::WaitForMore { .. } | Effect::Gathered | Effect::KeepFile { .. })
            };
            let will = |effect: &Effect| says(effect) || waits(effect);
            prop_assert!(!is_ours || step.effects.iter().any(will), "silence: {:?}", step.effects);
            prop_assert!(step.effects.iter().filter(|effect| says(effect)).count() <= 1, "{:?}", step.effects);
            for effect in &step.effects {
                let Effect::Send(message) = effect else { continue };
                prop_assert!(!message.text.expose().trim().is_empty());
                for button in message.buttons.iter().flatten() {
                    prop_assert!(!button.label.is_empty());
                    if let Target::Callback(data) = &button.target {
                        prop_assert!((1..=64).contains(&data.len()), "{data}");
                        shown.push(data.clone());
                    }
                }
            }
            prop_assert!(step.state.below.len() <= 3, "{:?}", step.state.below);
            let stored = serde_json::to_string(&step.state).unwrap();
            let restored: ConversationState = serde_json::from_str(&stored).unwrap();
            prop_assert_eq!(&restored, &step.state);
            state = restored;
        }
    }
}

#[test]
fn nobody_is_answered_who_did_not_speak_to_the_bot() {
    let mut input = input(What::Text(Pii::new("hello".to_owned())), anna("en"), 0, 1);
    input.chat = Chat { private: false, addressed: false, ..Chat::PRIVATE };
    let step = engine().step(ConversationState::default(), &input);
    assert!(matches!(step.effects.as_slice(), [Effect::Ignore { .. }]));
    assert!(!step.state.started());
}

#[test]
fn a_state_of_another_time_is_read_or_begun_afresh() {
    let read = |json: &str| serde_json::from_str::<ConversationState>(json).unwrap();
    assert_eq!(read("{}"), ConversationState::default());
    let newer = read(r#"{"v":99,"lang":"ru"}"#);
    assert!(!newer.is_understood());
    let step = engine().step(newer, &input(What::Text(Pii::new("/start".to_owned())), anna("en"), 0, 1));
    assert!(matches!(step.effects.first(), Some(Effect::ConversationStarted { .. })));
}

#[test]
fn a_megabyte_of_emoji_is_answered_like_a_single_one() {
    for text in ["🤷🏽‍♀️".to_owned(), "🤷🏽‍♀️".repeat(60_000)] {
        let what = What::Text(Pii::new(text));
        let step = engine().step(ConversationState::default(), &input(what, anna("ru"), 0, 1));
        let said = step.effects.iter().find_map(|effect| match effect {
            Effect::Send(message) => Some(message.text.expose().as_str()),
            _ => None,
        });
        assert_eq!(said, Some(engine().folder().bot.texts.not_understood.text.get(bot_folder::Lang::RU)));
    }
}
