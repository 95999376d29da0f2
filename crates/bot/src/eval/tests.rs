//! The shipped bots, measured.

use std::path::Path;
use std::sync::Arc;

use bot_folder::{BotFolder, Purpose};

use super::*;
use crate::domain::Engine;

fn engine() -> Engine {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bots/dev2production");
    Engine::new(Arc::new(BotFolder::load(&path).unwrap_or_else(|errors| panic!("{errors}"))))
}

#[test]
fn the_calibration_is_what_the_tuning_sets_make() {
    let engine = engine();
    let there = engine.folder().calibration.clone().unwrap();
    assert_eq!(there, calibrate(&engine), "write it anew: cargo xtask gen");
    assert!(there.questions > 0);
}

#[test]
fn the_tuning_sets_are_answered_and_hardly_ever_wrongly() {
    let engine = engine();
    let folder = engine.folder();
    let questions: Vec<Asked> = folder
        .eval
        .iter()
        .filter(|set| set.purpose == Purpose::Tuning)
        .flat_map(|set| asked(folder, set))
        .collect();
    let outcomes = measure(&engine, questions);
    let of = |wanted: fn(&Wanted) -> bool| {
        Figures::of(outcomes.iter().filter(|outcome| wanted(&outcome.asked.wanted)))
    };
    let answerable = of(|wanted| matches!(wanted, Wanted::Entry(_)));
    assert!(answerable.recall() >= 0.9, "{answerable:?}");
    assert!(answerable.wrong_rate() <= 0.02, "{answerable:?}");
    let all = Figures::of(&outcomes);
    assert!(all.wrong_rate() <= 0.025, "{all:?}");
    let guesses: Vec<(f64, bool)> = guesses(&engine, &outcomes);
    let reliability = reliability(&guesses);
    assert!(reliability.ece < 0.08, "{reliability:?}");
}
