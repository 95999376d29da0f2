//! Whatever people do: no more than the limits is answered, changes are told once, the rest is silence.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::{Room, buttons, changes, data, engine, sent};
use crate::domain::{Effect, Engine, What};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| engine(|_| {}));

#[derive(Clone, Debug)]
enum Move {
    Says(&'static str),
    Any(String),
    /// One of the buttons shown so far, counted from the newest.
    Presses(usize),
    Data(String),
    Sticker,
    Edit,
    Waits(i64),
    Lifted,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let texts = prop::sample::select(vec![
        "/help",
        "/start",
        "/project",
        "/cancel",
        "/forget",
        "/appeal",
        "/appeal I am a person",
        "how much does it cost?",
        "earn money from home",
        "★★★★★★★★★★★★★★★★★★★★★★★★★★★★★★★★★★★★",
        "We have twelve services and no pipeline at all.",
        "да",
    ]);
    let one = prop_oneof![
        12 => texts.prop_map(Move::Says),
        2 => "\\PC{0,60}".prop_map(Move::Any),
        6 => (0_usize..6).prop_map(Move::Presses),
        1 => "g:(appeal|[0-9]{0,3}:[0-9]{0,3}|\\PC{0,9})".prop_map(Move::Data),
        1 => Just(Move::Sticker),
        1 => Just(Move::Edit),
        4 => (0_i64..7_200_000).prop_map(Move::Waits),
        1 => Just(Move::Lifted),
    ];
    // Some are patient, some repeat themselves.
    let some = (one, prop_oneof![3 => Just(1_usize), 1 => 1_usize..80]);
    prop::collection::vec(some, 1..30)
        .prop_map(|all| all.into_iter().flat_map(|(one, times)| vec![one; times]).collect())
}

fn is_held(effects: &[Effect]) -> bool {
    effects
        .iter()
        .any(|effect| matches!(effect, Effect::Ignore { reason } if reason.starts_with("limited: ")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn no_more_is_answered_than_the_limits_allow(moves in moves()) {
        let mut room = Room::new(&ENGINE, true);
        let mut shown: Vec<String> = Vec::new();
        let mut let_in: Vec<i64> = Vec::new();
        let mut banned = false;
        for one in moves {
            room.now_ms += 300;
            let (mut always, mut cancels) = (false, false);
            let what = match one {
                Move::Waits(ms) => { room.now_ms += ms; continue }
                Move::Lifted => {
                    room.happens(7, What::Lifted { person: 7 });
                    let_in.clear();
                    banned = false;
                    continue;
                }
                Move::Says(text) => {
                    always = ["/cancel", "/forget"].contains(&text);
                    cancels = text == "/cancel";
                    What::Text(ids::Pii::new(text.to_owned()))
                }
                Move::Any(text) => What::Text(ids::Pii::new(text)),
                Move::Presses(back) => {
                    let Some(data) = shown.iter().rev().nth(back) else { continue };
                    always = ["cancel", "forget"].contains(&data.as_str())
                        || data.starts_with("r:")
                        || (data.starts_with("s:") && data.ends_with(":cancel"));
                    What::Button { callback_id: "c".to_owned(), data: data.clone() }
                }
                Move::Data(data) => What::Button { callback_id: "c".to_owned(), data },
                Move::Sticker => What::OtherMessage { kind: "sticker".to_owned() },
                Move::Edit => What::Edited(ids::Pii::new("edited".to_owned())),
            };
            let is_press = matches!(what, What::Button { .. });
            let flow = |state: &crate::domain::ConversationState| state.flow.as_ref().map(|run| run.flow.clone());
            let left = flow(&room.state);
            let effects = room.happens(7, what);
            let (said, steps) = (sent(&effects).len(), changes(&effects));

            let answered = effects.iter().filter(|effect| matches!(effect, Effect::AnswerCallback { .. })).count();
            prop_assert_eq!(answered, usize::from(is_press), "{:?}", effects);
            prop_assert!(said <= 1 && steps.len() <= 1, "{:?}", effects);
            let asks = effects.iter().any(|effect| matches!(effect, Effect::AskModel { .. }));
            if is_held(&effects) {
                prop_assert!(!asks, "no model is asked for it");
                let invited = room.state.guard.own().appeal == super::super::state::Appeal::Asked;
                prop_assert!(said == 0 || steps.len() == 1 || invited, "{:?}", effects);
                prop_assert!(!always || !effects.iter().any(|effect| matches!(effect, Effect::Limit(_))));
            } else if steps.is_empty() && !always {
                let_in.retain(|at| room.now_ms - at < 3_600_000);
                let_in.push(room.now_ms);
                prop_assert!(let_in.len() <= 60, "{} within an hour", let_in.len());
            }
            if cancels {
                // One that came in between of another leads back to that one.
                let now = flow(&room.state);
                prop_assert!(now.is_none() || now != left, "whoever wants to leave a flow leaves it");
            }
            prop_assert!(!banned || steps.is_empty() || steps[0].starts_with("appealed"), "{:?}", steps);
            banned |= steps.iter().any(|step| step.starts_with("banned"));
            shown.extend(buttons(&effects).into_iter().filter(|button| {
                matches!(button.target, crate::domain::Target::Callback(_))
            }).map(|button| data(button).to_owned()));
            let kept = serde_json::to_string(&room.state.guard).unwrap();
            prop_assert!(kept.len() < 4_096, "{} bytes", kept.len());
        }
    }
}
